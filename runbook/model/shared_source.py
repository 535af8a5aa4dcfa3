"""What a guide's checks have in common, as text: the file `lab/checks.py`.

A check is what it says and what it uses of that file, and of the guide's Python files that the two
import. Nothing here executes them.
"""

from __future__ import annotations

import ast
import functools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml
from attrs import field, frozen

from runbook.model import cluster
from runbook.model.guide_python import imported_files, read_python
from runbook.model.plain_source import executed_names, is_dynamic, is_plain
from runbook.model.syntax_tree import parse

PLACE: Final = Path("lab/checks.py")
"""Where a guide keeps the file, relative to the directory of its conf.py."""

DOCUMENT: Final = PLACE.as_posix()
"""How messages name the file."""

_FILE: Final = "__file__"
"""The name that leads to it."""

_BODIES: Final = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where the statements within a statement stand."""

_DOCUMENTED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@frozen(slots=False)  # what is derived from the source is kept
class SharedSource:
    """The text of the file; empty if the guide has none.

    `siblings` is that of the guide's files that it imports, without comments and docstrings.
    `described` is what the guide's cluster file says, if one of these reads it. `directory` is
    that of the guide: a check may import files of it by itself.
    """

    source: str = ""
    siblings: str = ""
    described: str = ""
    directory: Path | None = field(default=None, eq=False, kw_only=True)

    def used_by(self, source: str) -> str:
        """Return the part of the file that a check with this `source` uses, however indirectly.

        That is every statement which gives a name that the check or such a statement mentions, and
        all statements that give none. If the file is not plain, or the check may reach what it
        does not mention, it is the whole file. What the file or the check imports of the guide
        always belongs to it, and the cluster file does if what is used reads it. Comments and
        docstrings are not part of it.

        Raises:
            SharedChecksError: the check imports a file that cannot be read.

        """
        used = self._whole if self._reached_by(source) else self._mentioned_in(source)
        parts = [used, self.siblings, self._imported_by(source)]
        if any(_FILE in part for part in parts):
            parts.append(self.described)
        return "\n".join(part for part in parts if part)

    def _reached_by(self, source: str) -> bool:
        try:
            return not self._plain or is_dynamic(parse(source))
        except (SyntaxError, ValueError):
            return False

    def _imported_by(self, source: str) -> str:
        """Return the guide's files that a check imports by itself."""
        if self.directory is None or "import" not in source:
            return ""
        try:
            return _joined(imported_files(self.directory, source))
        except (SyntaxError, ValueError):
            return ""

    @classmethod
    def unreadable(cls, why: object) -> SharedSource:
        """Return that of a file that cannot be read: no check is as it was when it could be."""
        return cls(siblings=str(why))

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
        """The statements of the file by the names that they give, and those that give none.

        A statement that does not find a name as the whole file leaves it says what it finds.
        """
        definitions: dict[str, list[str]] = {}
        always: list[str] = []
        body = without_docstrings(parse(self.source)).body
        given = [tuple(dict.fromkeys(_given_by(node))) for node in body]
        total = Counter(name for names in given for name in names)
        before: Counter[str] = Counter()
        for node, names in zip(body, given, strict=True):
            found = sorted({*executed_names(node), _ANY} & total.keys())
            early = [(one, before[one]) for one in found if before[one] < total[one] and
                     not (one in names and total[one] == before[one] + 1)]  # fmt: skip
            text = "\n".join([ast.unparse(node), *(f"{f'{one} {n}'!r}" for one, n in early)])
            for name in names:
                definitions.setdefault(name, []).append(text)
            if not names and not _is_text(node):
                always.append(text)
            before.update(names)
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
        SharedChecksError: the file, or one of the guide that it imports, cannot be read, is no
            Python, or reads other files beside it.
        RunbookError: it reads the cluster file, which cannot be read.

    """
    try:
        source = read_python(guide, PLACE)
    except FileNotFoundError:
        return SharedSource(directory=guide)
    siblings = _joined(imported_files(guide, source, besides=PLACE))
    described = ""
    if _FILE in source + siblings and (guide / cluster.PLACE).exists():
        described = _described(guide / cluster.PLACE)
    return SharedSource(source, siblings, described, directory=guide)


def _described(path: Path) -> str:
    """Return what a cluster file says, wherever it is and however it is written."""
    cluster.load(path)  # which says what is wrong, and where
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return json.dumps(data, sort_keys=True, default=str)


def _joined(files: Mapping[Path, str]) -> str:
    return "\n".join(f"# {name}\n{normalized(text)}" for name, text in sorted(files.items()))


def normalized(source: str) -> str:
    """Return Python text without comments, docstrings and layout; as it is if it is no Python."""
    try:
        return ast.unparse(without_docstrings(parse(source)))
    except (SyntaxError, ValueError):
        return source


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Return `tree` after its functions and classes have lost their docstrings."""
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
