"""What a guide's checks have in common, as text: the file `lab/checks.py`.

A check is what it says and what it uses of that file, and of the Python files beside it that the
file imports. Nothing here executes them.
"""

from __future__ import annotations

import ast
import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml
from attrs import frozen

from runbook.errors import RunbookError
from runbook.model import cluster
from runbook.model.plain_source import is_dynamic, is_plain
from runbook.model.syntax_tree import parse

PLACE: Final = Path("lab/checks.py")
"""Where a guide keeps the file, relative to the directory of its conf.py."""

DOCUMENT: Final = PLACE.as_posix()
"""How messages name the file."""

_CLUSTER_FILE: Final = "Path(__file__).with_name('cluster.yaml')"
"""How the file may name the one file beside it that is the guide's own business."""

_FILE: Final = "__file__"
"""The name that leads to it."""

_BODIES: Final = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where the statements within a statement stand."""

_DOCUMENTED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class SharedChecksError(RunbookError):
    """The file cannot be read or executed; the message names it and the line."""


@frozen(slots=False)  # what is derived from the source is kept
class SharedSource:
    """The text of the file; empty if the guide has none.

    `siblings` is that of the files beside it that it imports, without comments and docstrings.
    `described` is what the guide's cluster file says, if one of these reads it.
    """

    source: str = ""
    siblings: str = ""
    described: str = ""

    def used_by(self, source: str) -> str:
        """Return the part of the file that a check with this `source` uses, however indirectly.

        That is every statement which gives a name that the check or such a statement mentions, and
        all statements that give none. If the file is not plain, or the check may reach what it
        does not mention, it is the whole file. What the file imports from beside it always belongs
        to it, and the cluster file does if what is used reads it. Comments and docstrings are not
        part of it.
        """
        used = self._whole if self._reached_by(source) else self._mentioned_in(source)
        parts = [used, self.siblings]
        if any(_FILE in part for part in parts):
            parts.append(self.described)
        return "\n".join(part for part in parts if part)

    def _reached_by(self, source: str) -> bool:
        try:
            return not self._plain or is_dynamic(parse(source))
        except (SyntaxError, ValueError):
            return False

    @functools.cached_property
    def _plain(self) -> bool:
        return is_plain(parse(self.source))

    @functools.cached_property
    def _whole(self) -> str:
        return normalized(self.source)

    def _mentioned_in(self, source: str) -> str:
        definitions, always = self._parts
        left = _names_in(source)
        used: set[str] = set()
        while left:
            name = left.pop()
            if name in definitions and name not in used:
                used.add(name)
                left |= _names_in(definitions[name])
        if _ANY in definitions:
            used.add(_ANY)
        if not used:
            return ""
        return "\n".join([always, *(definitions[name] for name in sorted(used))])

    @functools.cached_property
    def _parts(self) -> tuple[dict[str, str], str]:
        """The statements of the file by the names that they give, and those that give none."""
        definitions: dict[str, list[str]] = {}
        always: list[str] = []
        for node in _without_docstrings(parse(self.source)).body:
            text = ast.unparse(node)
            names = dict.fromkeys(_given_by(node))
            for name in names:
                definitions.setdefault(name, []).append(text)
            if not names and not _is_text(node):
                always.append(text)
        return {name: "\n".join(parts) for name, parts in definitions.items()}, "\n".join(always)

    def text(self, line: int) -> str:
        """Return a line of the file, counted from 1; an empty text if there is none."""
        lines = self.source.splitlines()
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""


_ANY: Final = "*"
"""The name that `from x import *` gives: nobody knows which names that are."""


def read(guide: Path) -> SharedSource:
    """Return the text that the checks of the guide share; an empty one without such a file.

    Raises:
        SharedChecksError: the file, or one beside it that it imports, cannot be read, is no
            Python, or reads other files beside it.
        RunbookError: it reads the cluster file, which cannot be read.

    """
    try:
        source = _read(guide, PLACE)
    except FileNotFoundError:
        return SharedSource()
    siblings = _siblings(guide, source)
    described = ""
    if _FILE in source + siblings and (guide / cluster.PLACE).exists():
        described = _described(guide / cluster.PLACE)
    return SharedSource(source, siblings, described)


def _described(path: Path) -> str:
    """Return what a cluster file says, wherever it is and however it is written."""
    cluster.load(path)  # which says what is wrong, and where
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return json.dumps(data, sort_keys=True, default=str)


def _siblings(guide: Path, source: str) -> str:
    """Return the files beside `lab/checks.py` that it imports, or that such a file does."""
    found: dict[str, str] = {}
    left = [source]
    while left:
        for name in sorted(_imported_by(left.pop())):
            place = PLACE.with_name(f"{name}.py")
            if place.as_posix() not in found and (guide / place).is_file():
                text = _read(guide, place)
                found[place.as_posix()] = normalized(text)
                left.append(text)
    return "\n".join(f"# {name}\n{text}" for name, text in sorted(found.items()))


def _imported_by(source: str) -> set[str]:
    """Return the first parts of the names of all modules that Python text imports."""
    found: set[str] = set()
    for node in ast.walk(parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {one.name.partition(".")[0] for one in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
    return found


def _read(guide: Path, place: Path) -> str:
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


def normalized(source: str) -> str:
    """Return Python text without comments, docstrings and layout; as it is if it is no Python."""
    try:
        return ast.unparse(_without_docstrings(parse(source)))
    except (SyntaxError, ValueError):
        return source


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and _is_text(node.body[0]):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _names_in(source: str) -> set[str]:
    try:
        tree = parse(source)
    except (SyntaxError, ValueError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _given_by(node: ast.AST) -> Iterator[str]:
    """Yield the names of the file that a statement gives, or changes, also within a block."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
            return
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for one in names:
                yield one.asname or one.name.partition(".")[0]
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            yield from _targets(*targets)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            yield from _targets(target)
        case ast.For(target=target) | ast.AsyncFor(target=target):
            yield from _targets(target)
        case ast.With(items=items) | ast.AsyncWith(items=items):
            yield from _targets(*(item.optional_vars for item in items if item.optional_vars))
    for block in _BODIES:
        for inner in getattr(node, block, ()):
            yield from _given_by(inner)


def _targets(*targets: ast.AST) -> Iterator[str]:
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                yield node.id


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
