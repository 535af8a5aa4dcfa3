"""What a guide's checks have in common: the names that `lab/checks.py` of the guide defines.

The file is read when a run begins. It is executed anew for each evaluation of a check, with
the check's own `host`, `hosts` and `pytest`, so that its functions may use them, and nothing
that one check does is seen by another. Whoever builds documents or plans never reads it.
"""

from __future__ import annotations

import ast
import functools
import traceback
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final

from attrs import field, frozen

from runbook.errors import RunbookError
from runbook.execution.explanations import rewrite_assertions

PLACE: Final = Path("lab/checks.py")
"""Where a guide keeps the file, relative to the directory of its conf.py."""

DOCUMENT: Final = PLACE.as_posix()
"""How messages name the file."""


class SharedChecksError(RunbookError):
    """The file cannot be read or executed; the message names it and the line."""


@frozen(slots=False)  # what is derived from the source is kept
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

    def used_by(self, source: str) -> str:
        """Return the part of the file that a check with this `source` uses, however indirectly.

        That is the definition of every public or private name which the check or such a
        definition mentions, and all imports.
        """
        definitions, always = self._parts
        left = _names_in(source)
        used: set[str] = set()
        while left:
            name = left.pop()
            if name in definitions and name not in used:
                used.add(name)
                left |= _names_in(definitions[name])
        if not used:
            return ""
        return "\n".join([always, *(definitions[name] for name in sorted(used))])

    @functools.cached_property
    def _parts(self) -> tuple[dict[str, str], str]:
        """The definitions of the file by name, and its other statements."""
        definitions: dict[str, list[str]] = {}
        always: list[str] = []
        for node in ast.parse(self.source).body:
            text = ast.unparse(node)
            names = _defined_by(node)
            for name in names:
                definitions.setdefault(name, []).append(text)
            if not names and not _is_text(node):
                always.append(text)
        return {name: "\n".join(parts) for name, parts in definitions.items()}, "\n".join(always)

    def text(self, line: int) -> str:
        """Return a line of the file, counted from 1; an empty text if there is none."""
        lines = self.source.splitlines()
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""


NOTHING: Final = SharedChecks()


def _names_in(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _defined_by(node: ast.stmt) -> list[str]:
    """Return the names that a statement of the file defines."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign() | ast.AnnAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    return []


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


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
        rewrite_assertions(tree, source, DOCUMENT)
        return SharedChecks(source, path, compile(tree, DOCUMENT, "exec", dont_inherit=True))
    except SyntaxError as error:
        raise SharedChecksError(f"{DOCUMENT}:{error.lineno or 1}: {error.msg}") from error
    except ValueError as error:  # a byte that no Python text may have
        raise SharedChecksError(f"{DOCUMENT}:1: {error}") from error


def line_of(error: BaseException) -> int:
    """Return the line of the file in which `error` arose, or 0 if it was elsewhere."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == DOCUMENT]
    return (frames[-1].lineno or 0) if frames else 0
