"""Classify the blocks of a document, and give them permanent ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs
from attrs import define
from docutils import nodes

from runbook.console.block import BlockReading
from runbook.console.reading import read_blocks
from runbook.model import Action, Kind, Location, Reading
from runbook.sphinx.collect.blocks import FoundBlock
from runbook.sphinx.source.ids import slug, step_id


@define
class ClassifiedBlock:
    """A block with its reading; `title` is the title of a step made from it."""

    found: FoundBlock
    reading: Reading
    actions: tuple[Action, ...]
    title: str


def classify_blocks(
    found: Sequence[FoundBlock], docname: str, root: str
) -> tuple[list[ClassifiedBlock], str]:
    """Return the classified blocks, and the error message if they cannot be read."""
    problem = ""
    try:
        block_readings = read_blocks([one.item for one in found])
    except Exception as error:  # one bad page must not stop the others
        problem = f"the blocks of this document cannot be read: {error!r}"
        block_readings = [
            BlockReading(Reading("", one.item.location, Kind.OTHER, 0.0, ("cannot be read",)))
            for one in found
        ]
    counts: dict[str, int] = {}
    classified = []
    for one, block_reading in zip(found, block_readings, strict=True):
        if block_reading.reading.kind is Kind.PROSE and not block_reading.reading.commands:
            continue
        heading = one.item.headings[-1] if one.item.headings else docname
        name = slug(heading) or "step"
        number = counts[name] = counts.get(name, 0) + 1
        reading_id = step_id(f"{name}-{number}", docname, root)
        reading = attrs.evolve(block_reading.reading, id=reading_id)
        actions = block_reading.actions
        if is_included(one.node):
            actions = all_at(actions, one.item.location)
        classified.append(ClassifiedBlock(one, reading, actions, f"{heading} ({number})"))
    return classified, problem


def is_included(node: nodes.Element) -> bool:
    """Return whether `node` shows lines of another file that do not tell where they stand in it."""
    return "source" in node and "runbook_line" not in node


def all_at(actions: Iterable[Action], location: Location) -> tuple[Action, ...]:
    """Return the actions with `location`, as for an included file shown only in part."""
    return tuple(attrs.evolve(action, location=location) for action in actions)
