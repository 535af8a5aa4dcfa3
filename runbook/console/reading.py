"""Read the blocks of a document: what each is, and what a person would type.

Nothing here is certain. Every reading says how sure it is, from 0 to 1, and why.
"""

from __future__ import annotations

from collections.abc import Sequence

from runbook.console.block import Block, Proposal, Sentence
from runbook.model import Kind, Reading


def read_blocks(found: Sequence[Block | Sentence]) -> list[Proposal]:
    """Return what each block or sentence of one document is, in the same order.

    The readings have no ids: who knows the whole document gives them.
    """
    return [
        Proposal(Reading("", one.location, Kind.OTHER, 0.0, ("not read yet",))) for one in found
    ]
