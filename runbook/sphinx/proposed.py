"""What the blocks of a document are taken for, with their permanent ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
from attrs import define

from runbook.console.block import Proposal
from runbook.console.reading import read_blocks
from runbook.model import Action, Kind, Location, Reading
from runbook.sphinx.blocks import Found
from runbook.sphinx.ids import slug, step_id


@define
class Proposed:
    """What was found, and what it was taken for; `title` is that of a step of it."""

    found: Found
    reading: Reading
    actions: tuple[Action, ...]
    title: str


def proposed(found: Sequence[Found], docname: str, root: str) -> tuple[list[Proposed], str]:
    """Return what is found with the readings of it, and what went wrong on the way, if anything."""
    problem = ""
    try:
        proposals = read_blocks([one.item for one in found])
    except Exception as error:  # a page that nobody understands must not end the others
        problem = f"the blocks of this document cannot be read: {error!r}"
        proposals = [
            Proposal(Reading("", one.item.location, Kind.OTHER, 0.0, ("cannot be read",)))
            for one in found
        ]
    counts: dict[str, int] = {}
    reads = []
    for one, proposal in zip(found, proposals, strict=True):
        if proposal.reading.kind is Kind.PROSE and not proposal.reading.commands:
            # Nobody types anything there: it is a sentence like any other.
            continue
        heading = one.item.headings[-1] if one.item.headings else docname
        name = slug(heading) or "step"
        number = counts[name] = counts.get(name, 0) + 1
        permanent = step_id(f"{name}-{number}", docname, root)
        reading = attrs.evolve(proposal.reading, id=permanent)
        actions = proposal.actions
        if "source" in one.node:
            actions = all_at(actions, one.item.location)
        reads.append(Proposed(one, reading, actions, f"{heading} ({number})"))
    return reads, problem


def all_at(actions: Iterable[Action], location: Location) -> tuple[Action, ...]:
    """Return the actions of a block from a file of which the page shows maybe only a part."""
    return tuple(attrs.evolve(action, location=location) for action in actions)
