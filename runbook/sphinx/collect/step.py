"""Make a marked step of its container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
from attrs import define, field
from docutils import nodes

from runbook import console
from runbook.console import CONSOLE, SCRIPT, ConsoleError
from runbook.console.block import Block
from runbook.model import (
    Action,
    Background,
    Capture,
    Check,
    Command,
    Dialogue,
    Edit,
    FileContent,
    Manual,
    Retry,
    Step,
    Turn,
)
from runbook.shelltext.disconnects import mark_disconnects
from runbook.sphinx.collect.blocks import GuideConfig, block_text
from runbook.sphinx.collect.classify import ClassifiedBlock, all_at, is_included
from runbook.sphinx.collect.marked import marked_reading
from runbook.sphinx.collect.prose import text_of
from runbook.sphinx.collect.ways import Group, Way, ways_of
from runbook.sphinx.directives.answers import turns_from
from runbook.sphinx.source.ids import step_id
from runbook.sphinx.source.locations import SourceLocations
from runbook.sphinx.source.problems import Problem

STEP_PARTS: Final = frozenset({"check", "file", "answers", "manual"})
"""Directives that belong inside a step."""


@define
class StepBuilder:
    """Makes one step, and replaces the readings of its blocks; adds to `problems`."""

    guide: GuideConfig
    docname: str
    locations: SourceLocations
    classified: Mapping[int, ClassifiedBlock]
    ways: Mapping[int, tuple[Way, ...]]
    problems: list[Problem]
    _id: str = ""
    _actions: list[Action] = field(factory=list)
    _checks: list[Check] = field(factory=list)
    _answers: list[Turn] = field(factory=list)
    _adopting: nodes.Node | None = None
    _tabs: dict[Group, Way] = field(factory=dict)

    def build(self, node: nodes.Element, data: Mapping[str, Any]) -> Step:
        """Return the step of `node`, without the platforms and choices of what is around it."""
        tables = [t for t in node.findall(nodes.container) if t.get("runbook") == "answers"]
        turns = [turn for table in tables for turn in turns_from(table["runbook_data"])]
        self._answers = list(console.merge_answers(turns))
        self._adopting = self._block_with_answers(node)
        self._id = step_id(data["id"], self.docname, self.guide.root)
        self._walk(node)
        asked = [turn for a in self._actions if isinstance(a, Dialogue) for turn in a.turns]
        for answer in console.unused_answers(self._answers, asked):
            self._add_problem(tables[0], f"no program of this step asks {answer.prompt!r}")
        compare = data.get("output", "compared") == "compared"
        return Step(
            id=self._id,
            title=node[0].astext(),
            location=self.locations.at(node),
            on=tuple(data.get("on", ())),
            actions=mark_disconnects(
                a if compare else _without_comparison(a) for a in self._actions
            ),
            checks=tuple(self._checks),
            requires=tuple(data.get("requires", ())),
            needs=tuple(data["needs"]) if "needs" in data else None,
            timeout=data.get("timeout", 300.0),
            readonly=data.get("readonly", False),
            serial=data.get("serial", False),
            user=data.get("user", "root"),
            statuses=tuple(data.get("status", (0,))),
            capture=Capture(*data["capture"]) if "capture" in data else None,
            undo=data.get("undo", False),
            tags=tuple(data.get("tags", ())),
            retry=Retry(*data["retry"]) if "retry" in data else None,
            background=_background(data),
            repeatable=data.get("repeatable", "yes") == "yes",
            sources=tuple(data.get("sources", ())),
            provides=tuple(data.get("provides", ())),
            unchecked=tuple(data.get("unchecked", ())),
        )

    def _block_with_answers(self, node: nodes.Element) -> nodes.Node | None:
        """Return the block above the first table of answers, unless a transcript shows these."""
        last: nodes.Node | None = None
        above: nodes.Node | None = None
        for child in node.findall(nodes.Element):
            if isinstance(child, nodes.literal_block):
                if console.shows_question(block_text(child), self._answers):
                    return None
                last = child if self._is_typed(child) else last
            elif child.get("runbook") == "answers":
                above = above or last
        return above or last

    def _is_typed(self, node: nodes.literal_block) -> bool:
        parent = node.parent
        inside = isinstance(parent, nodes.Element) and parent.get("runbook") in STEP_PARTS
        return not inside and id(node) in self.classified

    def _walk(self, node: nodes.Element) -> None:
        for child in node.children:
            if isinstance(child, nodes.Element):
                self._visit(child)

    def _visit(self, node: nodes.Element) -> None:
        if isinstance(node, nodes.literal_block):
            self._block(node)
        elif "runbook" in node:
            self._directive(node, node["runbook"], node["runbook_data"])
        elif not isinstance(node, nodes.TextElement | nodes.system_message | nodes.Invisible):
            self._walk(node)

    def _directive(self, node: nodes.Element, name: str, data: Mapping[str, Any]) -> None:
        match name:
            case "check":
                self._check(node, data)
            case "file":
                self._file(node, data)
            case "manual":
                self._actions.append(Manual(text_of(node), self.locations.at(node)))
            case "answers":
                pass  # they were read before the blocks that they belong to
            case _:
                self._add_problem(node, f"the directive '{name}' is not allowed inside a step")

    def _check(self, node: nodes.Element, data: Mapping[str, Any]) -> None:
        sentence, block = node.children[0], node.children[1]
        self._checks.append(
            Check(
                sentence.children[-1].astext(),
                block_text(block),
                self.locations.at(block),
                within=data["within"],
                until=tuple(data.get("until", ())),
            )
        )

    def _file(self, node: nodes.Element, data: Mapping[str, Any]) -> None:
        path, block = node.children[0], node.children[1]
        text = block_text(block)
        content = FileContent(
            path=path.children[-1].astext(),
            text=text + "\n" if text else "",
            location=self.locations.at(node),
            edit=Edit(data.get("edit", "whole")),
            section=data.get("section"),
            mode=data.get("mode"),
            owner=data.get("owner"),
            until=tuple(data.get("until", ())),
        )
        self._actions.append(content)
        self._set_reading(block, (content,))

    def _block(self, node: nodes.literal_block) -> None:
        block = self.classified.get(id(node))
        if block is None:
            return
        found: tuple[Action, ...]
        if block.found.italic_path is not None:
            text = block_text(node) + "\n"
            place = self.locations.at(node)
            found = (FileContent(block.found.italic_path, text, place),)
        else:
            found = self._commands(node, block)
        self._actions += found
        self._set_reading(node, found)
        if found:
            self._note_tabs(node)

    def _note_tabs(self, node: nodes.Element) -> None:
        """Note that a block of the step is in a tab; all tabs would be done."""
        for way in ways_of(node, self.ways):
            if not way.group.tabs:
                continue
            first = self._tabs.setdefault(way.group, way)
            if first.title != way.title:
                self._add_problem(
                    node,
                    f'a step does all that it shows, but of the tabs "{first.title}" and '
                    f'"{way.title}" a reader follows one; put a step into each tab',
                )

    def _commands(self, node: nodes.literal_block, block: ClassifiedBlock) -> tuple[Action, ...]:
        item, text = block.found.item, block_text(node)
        if isinstance(item, Block) and item.directive == "terminal" and not self._answers:
            # It says itself what is typed and what is printed.
            return tuple(_with_comparison(action) for action in block.actions)
        default = item.default if isinstance(item, Block) else self.guide.language
        language = str(node.get("language") or default)
        if language not in CONSOLE | SCRIPT:
            if language not in ("default", default) or not console.has_prompt(text):
                return ()
            language = "console"
        start = self.locations.at(node)
        try:
            found = console.actions(
                text,
                start,
                language=language,
                compare=True,
                answers=self._answers or None,
                adopts=node is self._adopting,
            )
        except ConsoleError as error:
            location = start if is_included(node) else error.location
            self.problems.append(Problem(location, error.message, kind="console"))
            return ()
        return all_at(found, start) if is_included(node) else found

    def _set_reading(self, node: nodes.Node, actions: tuple[Action, ...]) -> None:
        """Replace the reading of a block in a marked step, which needs no guessing."""
        if (block := self.classified.get(id(node))) is not None:
            block.reading = marked_reading(
                block.reading, block.found.item.location, self._id, actions
            )

    def _add_problem(self, node: nodes.Element, message: str) -> None:
        self.problems.append(Problem(self.locations.at(node), message))


def _background(data: Mapping[str, Any]) -> Background | None:
    if "background" not in data and "until-output" not in data:
        return None
    return Background(data.get("until-output"))


def _without_comparison(action: Action) -> Action:
    return attrs.evolve(action, compare=False) if isinstance(action, Command) else action


def _with_comparison(action: Action) -> Action:
    if isinstance(action, Command) and action.output is not None:
        return attrs.evolve(action, compare=True)
    return action
