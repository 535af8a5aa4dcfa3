"""What a guide's checks have in common: the names that `lab/checks.py` of the guide defines.

The file is read when a run begins. It is executed anew for each evaluation of a check, with
the check's own `host`, `hosts` and `pytest`, so that its functions may use them, and nothing
that one check does is seen by another. Whoever builds documents or plans never reads it.
"""

from __future__ import annotations

import ast
import traceback
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from _pytest.assertion import rewrite
from attrs import field, frozen

from runbook.errors import RunbookError

PLACE: Final = Path("lab/checks.py")
"""Where a guide keeps the file, relative to the directory of its conf.py."""

DOCUMENT: Final = PLACE.as_posix()
"""How messages name the file."""


class SharedChecksError(RunbookError):
    """The file cannot be read or executed; the message names it and the line."""


@frozen
class SharedChecks:
    """The functions that the checks of a guide share; there are none by default."""

    source: str = ""
    path: Path | None = None
    code: CodeType | None = field(default=None, eq=False, repr=False)

    def names(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the public names that the file defines, for a check that is given `given`.

        Modules that it imports are its own business.

        Raises:
            SharedChecksError: the file cannot be executed.

        """
        if self.code is None:
            return {}
        namespace = {**given, "__name__": "checks", "__file__": str(self.path)}
        try:
            exec(self.code, namespace)  # noqa: S102  # the guide's own code is what we run
        except RunbookError:
            raise
        except (Exception, SystemExit) as error:
            words = f"{type(error).__name__}: {error}"
            raise SharedChecksError(f"{DOCUMENT}:{line_of(error) or 1}: {words}") from error
        taken = {*given, "__builtins__"}
        return {
            name: value
            for name, value in namespace.items()
            if not (name.startswith("_") or name in taken or isinstance(value, ModuleType))
        }

    def text(self, line: int) -> str:
        """Return a line of the file, counted from 1; an empty text if there is none."""
        lines = self.source.splitlines()
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""


NOTHING: Final = SharedChecks()


def load(guide: Path) -> SharedChecks:
    """Return what the checks of the guide share; nothing if the guide has no such file.

    Raises:
        SharedChecksError: the file cannot be read, or is no Python.

    """
    path = (guide / PLACE).absolute()
    try:
        source = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return NOTHING
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SharedChecksError(f"{DOCUMENT}: {why}") from error
    try:
        tree = ast.parse(source, DOCUMENT)
        rewrite.rewrite_asserts(tree, source.encode(), DOCUMENT)
        return SharedChecks(source, path, compile(tree, DOCUMENT, "exec", dont_inherit=True))
    except SyntaxError as error:
        raise SharedChecksError(f"{DOCUMENT}:{error.lineno or 1}: {error.msg}") from error
    except ValueError as error:  # a byte that no Python text may have
        raise SharedChecksError(f"{DOCUMENT}:1: {error}") from error


def line_of(error: BaseException) -> int:
    """Return the line of the file in which `error` arose, or 0 if it was elsewhere."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == DOCUMENT]
    return (frames[-1].lineno or 0) if frames else 0
