"""Read the blocks of a document: what each one is, and what the operator would type.

No reading is certain: each has a confidence from 0 to 1, with reasons.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, evolve, field

from runbook.console import repl
from runbook.console.block import Block, BlockReading, Sentence
from runbook.console.classify import classify
from runbook.console.clues.context import Context, context_of
from runbook.console.clues.words import KNOWN, command_likelihood, is_sentence
from runbook.console.parsed import without_escapes
from runbook.console.reading_builder import ReadingBuilder
from runbook.console.used_paths import UsedPaths
from runbook.model import Kind, Reading
from runbook.shelltext.placeholders import DocumentPlaceholders


def read_blocks(found: Sequence[Block | Sentence]) -> list[BlockReading]:
    """Return the reading of each block or sentence of one document, in the same order.

    The readings have no ids; the caller, which knows the whole document, assigns them.
    """
    document = _Document(used=UsedPaths.of(found))
    return [
        document.sentence(one) if isinstance(one, Sentence) else document.block(one)
        for one in found
    ]


@define
class _Document:
    """Reads one document in order.

    `program` is the interactive program that is running. `edited` is the file whose old line the
    previous block showed.
    """

    program: str = ""
    edited: str | None = None
    placeholders: DocumentPlaceholders = field(factory=DocumentPlaceholders)
    used: UsedPaths = field(factory=UsedPaths)

    def sentence(self, found: Sentence) -> BlockReading:
        """Read the commands in a sentence; they are left to a person."""
        commands = [
            text
            for text in found.literals
            if command_likelihood(text) >= KNOWN and not is_sentence(text)
        ]
        if not found.literals and found.text.startswith(("# ", "$ ")):
            commands = [found.text[2:].strip()]
        return BlockReading(
            Reading(
                "",
                found.location,
                Kind.PROSE,
                0.5,
                ("commands in a sentence are left to a person",),
                tuple(commands),
                placeholders=self.placeholders.of(commands),
            )
        )

    def block(self, block: Block) -> BlockReading:
        """Read one block, and keep the state that later blocks depend on."""
        if block.directive == "parsed-literal":
            block = evolve(block, text=without_escapes(block.text))
        context = self._context(block)
        classification = classify(block, context, self.program)
        builder = ReadingBuilder.of(block, classification, context, self.used)
        self.used.commands += builder.commands
        if classification.entries:
            self.program = repl.left_running(classification.entries[-1], builder.repl_input)
        elif builder.kind is Kind.DIALOGUE and repl.quits(builder.repl_input):
            self.program = ""
        self.edited = context.path if builder.kind is Kind.FILE and context.replaces else None
        return builder.build(self.placeholders.of([*builder.commands, *builder.repl_input]))

    def _context(self, block: Block) -> Context:
        """Return the context of `block`; a new line belongs to the file of the old one."""
        context = context_of(block)
        if context.replaces and context.path is None and self.edited is not None:
            return evolve(context, path=self.edited)
        return context
