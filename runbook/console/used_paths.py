"""What a document does with the paths that it names: which are directories, which programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import define, field

from runbook.console.block import Block, Sentence

_RUN: Final = (
    r"(?:\A|[;&|(`]|\$\()\s*"
    r"(?:(?:sudo|exec|nohup|time|env|bash|sh|python3?|\.|source)\s+)*"
)


@define
class UsedPaths:
    """The texts of a document, and the commands of the blocks that were read so far."""

    texts: Sequence[str] = ()
    commands: list[str] = field(factory=list)

    @classmethod
    def of(cls, found: Iterable[Block | Sentence]) -> UsedPaths:
        """Return the paths in `found`, the blocks and sentences of a document."""
        return cls(
            [
                text
                for one in found
                for text in ((one.before, one.text) if isinstance(one, Block) else (one.text,))
            ]
        )

    def is_directory(self, path: str) -> bool:
        """Return whether the document names something below `path`."""
        below = f"{path}/"
        return any(below in text for text in self.texts)

    def is_run(self, path: str) -> bool:
        """Return whether an earlier command runs `path`, which is then there already."""
        runs = re.compile(_RUN + re.escape(path) + r"(?=\s|\Z|[;&|)`])")
        return any(path in command and runs.search(command) for command in self.commands)
