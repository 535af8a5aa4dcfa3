"""Read the steps of one document from its doctree, never from its source text."""

from __future__ import annotations

from typing import Any, Final

import attrs
from attrs import define, field
from docutils import nodes
from sphinx import addnodes

from runbook import console
from runbook.console import CONSOLE, SCRIPT, ConsoleError
from runbook.console.block import Block, Sentence
from runbook.model import (
    Action,
    Capture,
    Check,
    Command,
    Dialogue,
    Edit,
    FileContent,
    Kind,
    Location,
    Manual,
    Reading,
    Step,
    Turn,
)
from runbook.sphinx.answers import turns_of
from runbook.sphinx.blocks import Guide, Places, blocks_of, text_of
from runbook.sphinx.certain import certain
from runbook.sphinx.ids import step_id
from runbook.sphinx.problems import Problem
from runbook.sphinx.proposed import Proposed, all_at, proposed

_PARTS: Final = frozenset({"check", "file", "answers", "manual"})
_DONE: Final = frozenset({Kind.COMMANDS, Kind.TRANSCRIPT, Kind.DIALOGUE, Kind.FILE})
"""Kinds of blocks that an operator does something with."""


@define
class _Parts:
    """What a marked step is made of, in the order of the page."""

    actions: list[Action] = field(factory=list)
    checks: list[Check] = field(factory=list)
    answers: list[Turn] = field(factory=list)
    answered: list[Location] = field(factory=list)


@define
class Collector:
    """Reads one document; afterwards `steps`, `blocks` and `problems` hold what was found."""

    guide: Guide
    docname: str
    places: Places
    steps: list[Step] = field(factory=list)
    blocks: list[Reading] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    conditions: dict[str, bool] = field(factory=dict)
    _readings: dict[int, Proposed] = field(factory=dict)
    _step_id: str = ""
    _choices: list[str] = field(factory=list)

    def read(self, doctree: nodes.document) -> None:
        """Collect the steps and blocks of `doctree`."""
        found = blocks_of(doctree, self.guide, self.places, self.conditions)
        reads, problem = proposed(found, self.docname, self.guide.root)
        if problem:
            self.problems.append(
                Problem(
                    Location(self.places.name(self.places.source), 1),
                    problem,
                    "console",
                    error=False,
                )
            )
        self._readings = {id(one.found.node): one for one in reads}
        if any("runbook" in node for node in doctree.findall(nodes.container)):
            self._walk(doctree, None, None)
        else:
            for one in reads:
                self._unmarked(one, ())
        self.blocks = [one.reading for one in reads]

    def _walk(
        self, node: nodes.Node, step: _Parts | None, platforms: tuple[str, ...] | None
    ) -> None:
        for child in node.children:
            self._visit(child, step, platforms)

    def _visit(
        self, node: nodes.Node, step: _Parts | None, platforms: tuple[str, ...] | None
    ) -> None:
        if not isinstance(node, nodes.Element):
            return
        if isinstance(node, addnodes.only) and not self.conditions.get(node["expr"]):
            return
        if isinstance(node, nodes.literal_block):
            self._block(node, step, platforms)
        elif "runbook" in node:
            self._noun(node, step, platforms)
        elif not isinstance(node, nodes.TextElement | nodes.system_message | nodes.Invisible):
            self._walk(node, step, platforms)

    def _noun(
        self, node: nodes.Element, step: _Parts | None, platforms: tuple[str, ...] | None
    ) -> None:
        noun, data = node["runbook"], node["runbook_data"]
        if noun in _PARTS:
            if step is None:
                self._complain(node, f"the directive '{noun}' belongs inside a step")
            else:
                getattr(self, f"_{noun}")(node, data, step)
        elif step is not None:
            self._complain(node, f"the directive '{noun}' cannot stand inside a step")
        elif noun == "step":
            self._step(node, data, platforms)
        elif noun == "choice":
            self._choices += data["choices"]
            self._walk(node, None, platforms)
            del self._choices[-1]
        else:
            both = _meet(platforms, tuple(data["platforms"]))
            if not both:
                self._complain(node, "no platform is left of this and the one around it")
            self._walk(node, None, both)

    def _step(
        self, node: nodes.Element, data: dict[str, Any], platforms: tuple[str, ...] | None
    ) -> None:
        parts = _Parts()
        for about in node.findall(nodes.container):
            if about.get("runbook") == "answers":
                parts.answers += turns_of(about["runbook_data"])
                parts.answered.append(self.at(about))
        parts.answers = list(console.merged(parts.answers))
        compare = data.get("output", "compared") == "compared"
        self._step_id = step_id(data["id"], self.docname, self.guide.root)
        self._walk(node, parts, platforms)
        asked = [turn for a in parts.actions if isinstance(a, Dialogue) for turn in a.turns]
        for answer in console.unasked(parts.answers, asked):
            self._complain_at(parts.answered[0], f"no program of this step asks {answer.prompt!r}")
        own = tuple(data.get("platform", ())) or None
        both = _meet(platforms, own)
        if both is not None and not both:
            self._complain(node, "no platform is left of this step's and the one around it")
        self.steps.append(
            Step(
                id=self._step_id,
                title=node[0].astext(),
                location=self.at(node),
                on=tuple(data.get("on", ())),
                actions=tuple(a if compare else _shown_only(a) for a in parts.actions),
                checks=tuple(parts.checks),
                platforms=both or (),
                requires=tuple(data.get("requires", ())),
                needs=tuple(data["needs"]) if "needs" in data else None,
                timeout=data.get("timeout", 300.0),
                readonly=data.get("readonly", False),
                serial=data.get("serial", False),
                user=data.get("user", "root"),
                statuses=tuple(data.get("status", (0,))),
                capture=Capture(*data["capture"]) if "capture" in data else None,
                choices=(*self._choices, *data.get("choice", ())),
                undo=data.get("undo", False),
            )
        )

    def _check(self, node: nodes.Element, data: dict[str, Any], step: _Parts) -> None:
        sentence, block = node[0], node[1]
        step.checks.append(
            Check(
                sentence.children[-1].astext(),
                text_of(block),
                self.at(block),
                within=data["within"],
            )
        )

    def _file(self, node: nodes.Element, data: dict[str, Any], step: _Parts) -> None:
        text = text_of(node[1])
        made = FileContent(
            path=node[0].children[-1].astext(),
            text=text + "\n" if text else "",
            location=self.at(node),
            edit=Edit(data.get("edit", "whole")),
            section=data.get("section"),
            mode=data.get("mode"),
            owner=data.get("owner"),
        )
        step.actions.append(made)
        self._marked(node[1], (made,))

    def _manual(self, node: nodes.Element, _: dict[str, Any], step: _Parts) -> None:
        words = "\n\n".join(child.astext() for child in node.children)
        step.actions.append(Manual(words, self.at(node)))

    def _answers(self, node: nodes.Element, data: dict[str, Any], step: _Parts) -> None:
        """Answers were read before the blocks that they are about."""

    def _block(
        self, node: nodes.literal_block, step: _Parts | None, platforms: tuple[str, ...] | None
    ) -> None:
        read = self._readings.get(id(node))
        if read is None:
            return
        if step is None:
            self._unmarked(read, platforms or ())
            return
        if read.found.italic is not None:
            text = text_of(node) + "\n"
            found: tuple[Action, ...] = (FileContent(read.found.italic, text, self.at(node)),)
        else:
            found = self._commands(node, read.found.item, step)
        step.actions += found
        self._marked(node, found)

    def _commands(
        self, node: nodes.literal_block, block: Block | Sentence, step: _Parts
    ) -> tuple[Action, ...]:
        text = text_of(node)
        default = block.default if isinstance(block, Block) else self.guide.language
        language = str(node.get("language") or default)
        if language not in CONSOLE | SCRIPT:
            if language not in ("default", default) or not console.has_prompt(text):
                return ()
            language = "console"
        start = self.at(node)
        try:
            found = console.actions(
                text, start, language=language, compare=True, answers=step.answers or None
            )
        except ConsoleError as error:
            where = start if "source" in node else error.location
            self.problems.append(Problem(where, error.message, kind="console"))
            return ()
        return all_at(found, start) if "source" in node else found

    def _marked(self, node: nodes.Node, actions: tuple[Action, ...]) -> None:
        """Say of a block in a marked step that it is certain."""
        if (read := self._readings.get(id(node))) is not None:
            read.reading = certain(read.reading, read.found.item.location, self._step_id, actions)

    def _unmarked(self, read: Proposed, platforms: tuple[str, ...]) -> None:
        """Propose a step of a block that can be one."""
        reading = read.reading
        if not read.actions or reading.kind not in _DONE:
            return
        read.reading = attrs.evolve(reading, step=reading.id)
        self.steps.append(
            Step(
                id=reading.id,
                title=read.title,
                location=reading.location,
                actions=read.actions,
                platforms=platforms,
                choices=tuple(self._choices),
                marked=False,
                confidence=reading.confidence,
            )
        )

    def at(self, node: nodes.Node) -> Location:
        """Return where `node` stands: a block's first line, or a directive's own."""
        return self.places.at(node)

    def _complain(self, node: nodes.Element, message: str) -> None:
        self._complain_at(self.at(node), message)

    def _complain_at(self, location: Location, message: str) -> None:
        self.problems.append(Problem(location, message))


def _shown_only(action: Action) -> Action:
    return attrs.evolve(action, compare=False) if isinstance(action, Command) else action


def _meet(one: tuple[str, ...] | None, two: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the platforms that both name, or those of one if the other names none."""
    if one is None or two is None:
        return two if one is None else one
    return tuple(platform for platform in one if platform in two)
