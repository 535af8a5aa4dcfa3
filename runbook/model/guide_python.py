"""The Python files of a guide that its checks import, read and never executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runbook.errors import RunbookError
from runbook.model.syntax_tree import parse

_PLACES: Final = (Path("lab"), Path())
"""Where checks find modules, relative to the directory of the guide's conf.py."""

_HARNESS: Final = "runbook"
"""A package of that name is ours, and no part of the guide."""

_CLUSTER_FILE: Final = "Path(__file__).with_name('cluster.yaml')"
"""How a file may name the one file beside it that is the guide's own business."""


class SharedChecksError(RunbookError):
    """A file cannot be read or executed; the message names it and the line."""


def imported_files(guide: Path, source: str, *, besides: Path | None = None) -> dict[Path, str]:
    """Return the guide's Python files that `source` imports, and those that they do, by place.

    Of a package they are all. `besides` is the place of a file that is no part of them.

    Raises:
        SyntaxError: `source` is no Python.
        SharedChecksError: one of them cannot be read, is no Python, or reads files beside it.

    """
    found: dict[Path, str] = {}
    left = [source]
    while left:
        for name in sorted(_modules_in(left.pop())):
            for place in _files_of(guide, name):
                if place not in found and place != besides:
                    found[place] = read_python(guide, place)
                    left.append(found[place])
    return found


def _modules_in(source: str) -> set[str]:
    """Return the first parts of the names of all modules that Python text imports."""
    found: set[str] = set()
    for node in ast.walk(parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {one.name.partition(".")[0] for one in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
    return found - {_HARNESS}


def _files_of(guide: Path, module: str) -> list[Path]:
    """Return the places of the files that may be a module of the guide, or of a package."""
    found: list[Path] = []
    for place in _PLACES:
        if (guide / place / f"{module}.py").is_file():
            found.append(place / f"{module}.py")
        package = guide / place / module
        found += sorted(one.relative_to(guide) for one in package.rglob("*.py"))
    return found


def read_python(guide: Path, place: Path) -> str:
    """Return the text of a Python file of the guide, which names no file beside it.

    Raises:
        FileNotFoundError: it is not there.
        SharedChecksError: it cannot be read, or is no Python.

    """
    name = place.as_posix()
    try:
        source = (guide / place).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SharedChecksError(f"{name}: {why}") from error
    try:
        compile(source, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise SharedChecksError(f"{name}:{error.lineno or 1}: {error.msg}") from error
    except ValueError as error:  # a byte that no Python text may have
        raise SharedChecksError(f"{name}:1: {error}") from error
    if line := min(_file_names(parse(source)), default=0):
        raise SharedChecksError(
            f"{name}:{line}: __file__ leads to other files, and nobody would see that they changed "
            "since a step was proven; put what the checks need into the file itself, or import it"
        )
    return source


def _file_names(node: ast.AST) -> Iterator[int]:
    """Yield the lines with a `__file__` that leads elsewhere than to the cluster file."""
    if isinstance(node, ast.Call) and ast.unparse(node) == _CLUSTER_FILE:
        return
    match node:
        case ast.Name(id="__file__") | ast.Attribute(attr="__file__"):
            yield node.lineno
    for inner in ast.iter_child_nodes(node):
        yield from _file_names(inner)
