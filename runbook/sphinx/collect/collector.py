"""Collect the steps and blocks of a document from its doctree, never from its source text."""

from __future__ import annotations

from typing import Any, Final

import attrs
from attrs import define, field
from docutils import nodes

from runbook.model import Kind, Location, Reading, Step
from runbook.shelltext.disconnects import mark_disconnects
from runbook.sphinx.collect.alternatives import with_alternatives
from runbook.sphinx.collect.blocks import GuideConfig, find_blocks
from runbook.sphinx.collect.classify import ClassifiedBlock, classify_blocks
from runbook.sphinx.collect.step import STEP_PARTS, StepBuilder
from runbook.sphinx.collect.ways import Way, find_ways, ways_of
from runbook.sphinx.source.locations import SourceLocations
from runbook.sphinx.source.problems import Problem

_ACTIONABLE: Final = frozenset({Kind.COMMANDS, Kind.TRANSCRIPT, Kind.DIALOGUE, Kind.FILE})
"""Kinds of blocks that an unmarked step is made of."""


@define
class Collector:
    """Fills `steps`, `blocks` and `problems` from one document.

    `included_by` has the directive that included the file of a step, by the step's number.
    """

    guide: GuideConfig
    docname: str
    locations: SourceLocations
    steps: list[Step] = field(factory=list)
    blocks: list[Reading] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    included_by: dict[int, Location] = field(factory=dict)
    _classified: dict[int, ClassifiedBlock] = field(factory=dict)
    _choices: list[str] = field(factory=list)
    _ways: dict[int, tuple[Way, ...]] = field(factory=dict)
    _ways_of_steps: dict[str, tuple[Way, ...]] = field(factory=dict)

    def collect(self, doctree: nodes.document) -> None:
        """Collect the steps and blocks of `doctree`."""
        found = find_blocks(doctree, self.guide, self.locations)
        classified, problem = classify_blocks(found, self.docname, self.guide.root)
        if problem:
            place = Location(self.locations.relative_path(self.locations.source), 1)
            self.problems.append(Problem(place, problem, "console", error=False))
        self._classified = {id(one.found.node): one for one in classified}
        self._ways = find_ways(doctree) if classified else {}
        for one in classified:
            titles = [way.title for way in ways_of(one.found.node, self._ways)]
            one.reading = attrs.evolve(one.reading, choice=" / ".join(titles) or None)
        if any("runbook" in node for node in doctree.findall(nodes.container)):
            self._walk(doctree, None)
        else:
            for one in classified:
                self._add_unmarked_step(one, ())
        self.steps = with_alternatives(self.docname, self.steps, self._ways_of_steps)
        self.blocks = [one.reading for one in classified]

    def _walk(self, node: nodes.Element, platforms: tuple[str, ...] | None) -> None:
        for child in node.children:
            if isinstance(child, nodes.Element):
                self._visit(child, platforms)

    def _visit(self, node: nodes.Element, platforms: tuple[str, ...] | None) -> None:
        if isinstance(node, nodes.literal_block):
            if (block := self._classified.get(id(node))) is not None:
                self._add_unmarked_step(block, platforms or ())
        elif "runbook" in node:
            self._directive(node, node["runbook_data"], platforms)
        elif not isinstance(node, nodes.TextElement | nodes.system_message | nodes.Invisible):
            self._walk(node, platforms)

    def _directive(
        self, node: nodes.Element, data: dict[str, Any], platforms: tuple[str, ...] | None
    ) -> None:
        name = node["runbook"]
        if name in STEP_PARTS:
            self._add_problem(node, f"the directive '{name}' belongs inside a step")
        elif name == "step":
            self._add_step(node, data, platforms)
        elif name == "choice":
            self._choices += data["choices"]
            self._walk(node, platforms)
            del self._choices[-1]
        else:
            remaining = common(platforms, tuple(data["platforms"]))
            if not remaining:
                self._add_problem(
                    node, "no platform is common to this directive and the one around it"
                )
            self._walk(node, remaining)

    def _add_step(
        self, node: nodes.Element, data: dict[str, Any], platforms: tuple[str, ...] | None
    ) -> None:
        """Add a marked step; it is an alternative unless it says itself what it is for."""
        remaining = common(platforms, tuple(data.get("platform", ())) or None)
        if remaining is not None and not remaining:
            self._add_problem(
                node, "no platform is common to this step and the directive around it"
            )
        builder = StepBuilder(self.guide, self.docname, self.locations, self._classified,
                              self._ways, self.problems)  # fmt: skip
        step = attrs.evolve(
            builder.build(node, data),
            platforms=remaining or (),
            choices=(*self._choices, *data.get("choice", ())),
        )
        if not step.platforms and not step.choices:
            self._ways_of_steps[step.id] = ways_of(node, self._ways)
        if (place := node.get("runbook_included_by")) is not None:
            source, line = place
            self.included_by[len(self.steps)] = Location(self.locations.relative_path(source), line)
        self.steps.append(step)

    def _add_unmarked_step(self, block: ClassifiedBlock, platforms: tuple[str, ...]) -> None:
        """Add an unmarked step of a block if it has actions."""
        reading = block.reading
        if not block.actions or reading.kind not in _ACTIONABLE:
            return
        block.reading = attrs.evolve(reading, step=reading.id)
        self._ways_of_steps[reading.id] = ways_of(block.found.node, self._ways)
        self.steps.append(
            Step(
                id=reading.id,
                title=block.title,
                location=reading.location,
                actions=mark_disconnects(block.actions),
                platforms=platforms,
                choices=tuple(self._choices),
                marked=False,
                confidence=reading.confidence,
            )
        )

    def _add_problem(self, node: nodes.Element, message: str) -> None:
        self.problems.append(Problem(self.locations.at(node), message))


def common(one: tuple[str, ...] | None, two: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the platforms in both; `None` stands for all platforms."""
    if one is None or two is None:
        return two if one is None else one
    return tuple(platform for platform in one if platform in two)
