"""The alternatives of steps, from the ways that their document shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import define, evolve, field

from runbook.model import Alternative, Step
from runbook.sphinx.collect.ways import Group, Way
from runbook.sphinx.source.ids import slug


@define
class Alternatives:
    """The groups of ways of a document, and which of their ways have steps."""

    name: str
    _names: dict[tuple[str, ...], str] = field(factory=dict)
    _with_steps: dict[Group, set[str]] = field(factory=dict)

    def note(self, ways: Iterable[Way]) -> None:
        """Note that there is a step in all these ways."""
        for way in ways:
            self._with_steps.setdefault(way.group, set()).add(way.title)

    def of(self, step: Step, ways: Sequence[Way]) -> Step:
        """Return `step`, which is in all these `ways`, with its alternatives and platforms."""
        platforms = step.platforms
        found = []
        for way in ways:
            own = way.group.platforms[way.number]
            if own:
                both = tuple(one for one in platforms if one in own)
                platforms = both or own
            if len(way.group.titles) > 1:
                found.append(self._alternative(way))
        return evolve(step, platforms=platforms, alternatives=tuple(found))

    def _alternative(self, way: Way) -> Alternative:
        group = way.group
        own = group.platforms[way.number]
        rivals = [
            title
            for title, platforms in zip(group.titles, group.platforms, strict=True)
            if platforms == own
        ]
        others = [] if own else [name for platforms in group.platforms for name in platforms]
        return Alternative(
            self._name(group),
            way.title,
            group.titles,
            self._first(group, rivals),
            own,
            tuple(dict.fromkeys(others)),
        )

    def _name(self, group: Group) -> str:
        """Return the name of a group, which those with the same titles share."""
        if group.titles not in self._names:
            wanted = slug(group.heading) or slug(self.name)
            taken, name, number = set(self._names.values()), wanted, 2
            while name in taken:
                name, number = f"{wanted}-{number}", number + 1
            self._names[group.titles] = name
        return self._names[group.titles]

    def _first(self, group: Group, rivals: Sequence[str]) -> str:
        """Return the first title with a step wherever these titles are, so that all agree."""
        same = [steps for one, steps in self._with_steps.items() if one.titles == group.titles]
        return next(
            (title for title in rivals if all(title in steps for steps in same)),
            next((title for title in rivals if any(title in steps for steps in same)), rivals[0]),
        )


def with_alternatives(
    name: str, steps: Sequence[Step], ways: Mapping[str, Sequence[Way]]
) -> list[Step]:
    """Return the `steps` of the document `name`; `ways` has those of each by the step's id."""
    found = Alternatives(name)
    for step in steps:
        found.note(ways.get(step.id, ()))
    return [found.of(step, ways.get(step.id, ())) for step in steps]
