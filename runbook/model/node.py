"""A tree of nodes: what a YAML file says, every scalar as its author wrote it."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from runbook.errors import RunbookError
from runbook.model.location import Location

SCHEMA_KEY: Final = "$schema"
"""The key under which a file may name its JSON Schema, for editors; readers pass over it."""


class YamlError(RunbookError):
    """A YAML file cannot be read, or a line of it is wrong; the message names file and line."""


@frozen
class Node:
    """A part of a YAML file: a text, a list, a mapping, or `None` where it says nothing or null.

    `keys` lead to it from the top of the file. Its location is that of its key; two nodes that
    say the same are equal wherever they stand.
    """

    value: str | tuple[Node, ...] | dict[str, Node] | None
    location: Location | None = field(default=None, eq=False)
    keys: tuple[str, ...] = field(default=(), eq=False)

    @property
    def entries(self) -> dict[str, Node]:
        """Return the entries of a mapping; none if it is something else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def kind(self) -> str:
        """Return what the node is, for messages."""
        if isinstance(self.value, str):
            return repr(self.value)
        if self.value is None:
            return "null"
        return "a list" if isinstance(self.value, tuple) else "a mapping"

    def at(self, *keys: str) -> Node:
        """Return the node that `keys` lead to, or the last one on the way that is there."""
        node = self
        for key in keys:
            below = node.entries.get(key)
            if below is None:
                break
            node = below
        return node

    def without(self, *keys: str) -> Node:
        """Return the mapping without the entries `keys`; anything else as it is."""
        if not isinstance(self.value, dict):
            return self
        kept = {key: node for key, node in self.entries.items() if key not in keys}
        return Node(kept, self.location, self.keys)

    def error(self, message: str) -> YamlError:
        """Return an error about this node: its line, the keys that lead to it, and `message`."""
        place = () if self.location is None else (str(self.location),)
        return YamlError(": ".join((*place, *self.keys, message)))


EMPTY: Final = Node({})
"""A file that says nothing."""
