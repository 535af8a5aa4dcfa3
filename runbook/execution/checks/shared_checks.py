"""What a guide's checks have in common: the names that `lab/checks.py` of the guide defines.

The file is read when a run begins. It is executed anew for each evaluation of a check, with
the check's own `host`, `hosts` and `pytest`, so that its functions may use them, and nothing
that one check does is seen by another. Whoever builds documents or plans never executes it.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from attrs import field, frozen

from runbook.errors import RunbookError
from runbook.execution.checks.explanations import rewrite_assertions
from runbook.model.guide_python import SharedChecksError
from runbook.model.shared_source import DOCUMENT, PLACE, SharedSource, read
from runbook.model.syntax_tree import parse


@frozen(slots=False)  # what is derived from the source is kept
class SharedChecks(SharedSource):
    """The functions that the checks of a guide share; there are none by default."""

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


NOTHING: Final = SharedChecks()


def load(guide: Path) -> SharedChecks:
    """Return what the checks of the guide share; nothing if the guide has no such file.

    Raises:
        SharedChecksError: the file cannot be read, or is no Python.

    """
    text = read(guide)
    if not text.source:
        return SharedChecks(directory=guide)
    source = text.source
    tree = parse(source, DOCUMENT)
    rewrite_assertions(tree, source, DOCUMENT)
    code = compile(tree, DOCUMENT, "exec", dont_inherit=True)
    return SharedChecks(
        source, text.siblings, text.described, (guide / PLACE).absolute(), code, directory=guide
    )


def line_of(error: BaseException) -> int:
    """Return the line of the file in which `error` arose, or 0 if it was elsewhere."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == DOCUMENT]
    return (frames[-1].lineno or 0) if frames else 0
