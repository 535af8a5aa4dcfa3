"""Read YAML files as trees of nodes, in which every scalar is the text that its author wrote.

YAML's own types would make 4.1 of `4.10`, 420 of `0644`, false of `no`, and 750 of `12:30`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import yaml

from runbook.model.location import Location
from runbook.model.node import SCHEMA_KEY, Node, YamlError

_TAG: Final = "tag:yaml.org,2002:"
_SCALARS: Final = frozenset(
    _TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value")
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters except tab and end of line, which a text may have."""

_MAX_REPEATED: Final = 10_000
"""Nodes that aliases may repeat in one file; a file of a few lines can ask for billions."""


def read(path: Path) -> Node:
    """Return the content of the YAML file at `path`.

    Raises:
        YamlError: the file cannot be read, or is no YAML.

    """
    try:
        return parse(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise YamlError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise YamlError(f"{path}: it is not UTF-8") from error


def parse(text: str, path: Path) -> Node:
    """Return the content of a YAML file, of which `text` is the content and `path` the name.

    Raises:
        YamlError: it is no YAML, gives a key twice, or has aliases without end.

    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        tree = _Tree(path)
        if root is None:
            return Node(None, tree.location(1))
        return tree.node(root, 1, ()).without(SCHEMA_KEY)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        # PyYAML splits one of its sentences in two.
        said = f"{error.problem}"
        said = f"{error.context}, {said}" if said.startswith("but ") else said
        raise YamlError(f"{path}:{line}: {said}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(
            f"{path}:{line}: character U+{error.character:04X} is not allowed"
        ) from error
    except RecursionError as error:
        raise YamlError(f"{path}: it is nested too deeply") from error


class _Tree:
    """Makes our nodes of PyYAML's, which repeat what an alias stands for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: set[int] = set()
        self._met: set[int] = set()
        self._repeated = 0

    def location(self, line: int) -> Location:
        """Return the location of a line of the file."""
        return Location(str(self._path), line)

    def node(self, given: yaml.Node, line: int, keys: tuple[str, ...]) -> Node:
        """Return the node for `given`, whose key is at `line`."""
        here = Node(None, self.location(line), keys)
        if id(given) in self._open:
            raise here.error("an alias refers to itself")
        self._repeated += id(given) in self._met
        if self._repeated > _MAX_REPEATED:
            raise here.error(f"the aliases repeat more than {_MAX_REPEATED} values")
        self._met.add(id(given))
        self._open.add(id(given))
        try:
            return Node(self._value(given, here), here.location, keys)
        finally:
            self._open.remove(id(given))

    def _value(
        self, given: yaml.Node, here: Node
    ) -> str | tuple[Node, ...] | dict[str, Node] | None:
        if isinstance(given, yaml.ScalarNode) and given.tag in _SCALARS:
            return None if given.tag == f"{_TAG}null" else _text(given, here)
        if isinstance(given, yaml.SequenceNode) and given.tag == f"{_TAG}seq":
            return tuple(self.node(one, _line(one), here.keys) for one in given.value)
        if isinstance(given, yaml.MappingNode) and given.tag == f"{_TAG}map":
            return self._entries(given, here)
        raise here.error(f"the tag {given.tag.replace(_TAG, '!!')} is not supported")

    def _entries(self, given: yaml.MappingNode, here: Node) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in given.value:
            line = _line(key)
            there = Node(None, self.location(line), here.keys)
            if not isinstance(key, yaml.ScalarNode) or key.tag not in _SCALARS:
                raise there.error("a key must be a text")
            if key.tag == f"{_TAG}merge":
                raise there.error("'<<' is not supported; write the keys of the mapping out")
            name = _text(key, there)
            if re.search(r"[\t\n]", name):
                raise there.error(f"the key {name!r} has a control character")
            if name in entries:
                raise there.error(f"the key {name!r} is given twice, first on line {lines[name]}")
            lines[name] = line
            entries[name] = self.node(value, line, (*here.keys, name))
        return entries


def _text(given: yaml.ScalarNode, here: Node) -> str:
    text = str(given.value)
    if found := _CONTROL.search(text):
        raise here.error(f"the text {text!r} has the control character U+{ord(found[0]):04X}")
    return text


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
