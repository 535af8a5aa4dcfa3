"""Chapters that lack a section which every chapter has, or have it at another place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from runbook.lint.finding import FindingKind
from runbook.model import Location, Remark, Step
from runbook.model.prose import Section

ALWAYS: Final = "always"
"""A section that every chapter with steps has."""

CHANGES: Final = "changes"
"""A section that a chapter has if one of its steps changes something."""


def template_remarks(
    steps: Sequence[Step], sections: Sequence[Section], template: Mapping[str, str]
) -> Iterator[Remark]:
    """Yield what the chapter of these steps and sections lacks of the `template`.

    The template has the titles of sections in their order, each with `ALWAYS` or `CHANGES`. The
    first of the `sections` is the chapter itself. One without marked steps need not follow it.
    """
    if not sections or not any(step.marked for step in steps):
        return
    changes = any(step.marked and not step.readonly and not step.undo for step in steps)
    places: dict[str, int] = {}
    for number, section in enumerate(sections):
        places.setdefault(section.title, number)
    last = -1
    after = ""
    for title, when in template.items():
        place = places.get(title)
        if place is None:
            if when == ALWAYS or changes:
                yield _missing(title, sections, template)
        elif place < last:
            yield _remark(
                sections[place].location, f"the section {title!r} belongs below {after!r}"
            )
        else:
            last, after = place, title


def _missing(title: str, sections: Sequence[Section], template: Mapping[str, str]) -> Remark:
    others = {one.title: one.location for one in sections[1:] if one.title not in template}
    near = difflib.get_close_matches(title, others, 1, cutoff=0.7)
    if near:
        return _remark(others[near[0]], f"this section is called {title!r} in every chapter")
    return _remark(sections[0].location, f"the chapter has no section {title!r}")


def _remark(location: Location, message: str) -> Remark:
    return Remark(location, FindingKind.TEMPLATE.value, message)
