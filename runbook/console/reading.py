"""Read the blocks of a document: what each is, and what a person would type.

Nothing here is certain. Every reading says how sure it is, from 0 to 1, and why.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve, field

from runbook.console import repl
from runbook.console.block import Block, Proposal, Sentence
from runbook.console.classify import classify
from runbook.console.draft import Draft
from runbook.console.parsed import without_escapes
from runbook.console.placeholders import Placeholders
from runbook.console.surroundings import Hints, hints
from runbook.console.words import KNOWN, sentence, typed
from runbook.model import Kind, Reading


def read_blocks(found: Sequence[Block | Sentence]) -> list[Proposal]:
    """Return what each block or sentence of one document is, in the same order.

    The readings have no ids: who knows the whole document gives them.
    """
    document = _Document()
    return [
        document.sentence(one) if isinstance(one, Sentence) else document.block(one)
        for one in found
    ]


@define
class _Document:
    """Reads one document: `program` is open and takes commands of its own until it ends.

    `edited` is the file of which the block before showed a line that is to be replaced.
    """

    program: str = ""
    edited: str | None = None
    placeholders: Placeholders = field(factory=Placeholders)

    def sentence(self, found: Sentence) -> Proposal:
        """Read commands within a sentence, which are a person's task."""
        commands = [text for text in found.literals if typed(text) >= KNOWN and not sentence(text)]
        if not found.literals and found.text.startswith(("# ", "$ ")):
            commands = [found.text[2:].strip()]
        return Proposal(
            Reading(
                "",
                found.location,
                Kind.PROSE,
                0.5,
                ("commands within a sentence are for a person to judge",),
                tuple(commands),
                placeholders=self.placeholders.of(commands),
            )
        )

    def block(self, block: Block) -> Proposal:
        """Read one block, and remember what the next ones stand on."""
        if block.directive == "parsed-literal":
            block = evolve(block, text=without_escapes(block.text))
        said = self._hints(block)
        verdict = classify(block, said, self.program)
        draft = Draft.of(block, verdict, said)
        if verdict.entries:
            self.program = repl.left_open(verdict.entries[-1], draft.typing)
        elif draft.kind is Kind.DIALOGUE and repl.ends(draft.typing):
            self.program = ""
        self.edited = said.path if draft.kind is Kind.FILE and said.replaces else None
        return draft.proposal(self.placeholders.of([*draft.commands, *draft.typing]))

    def _hints(self, block: Block) -> Hints:
        """Return the hints for `block`; a new line belongs to the file of the old one."""
        said = hints(block)
        if said.replaces and said.path is None and self.edited is not None:
            return evolve(said, path=self.edited)
        return said
