"""Read the steps of one document from its doctree, never from its source text."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
from attrs import define, field, frozen
from docutils import nodes
from sphinx import addnodes

from runbook import console
from runbook.console import CONSOLE, SCRIPT, ConsoleError
from runbook.model import (
    Action,
    Capture,
    Check,
    Command,
    Dialogue,
    Edit,
    FileContent,
    Location,
    Manual,
    Step,
    Turn,
)
from runbook.sphinx.answers import turns_of
from runbook.sphinx.ids import slug, step_id
from runbook.sphinx.problems import Problem

_PARTS: Final = frozenset({"check", "file", "answers", "manual"})


@frozen
class Guide:
    """What the documents of a guide have in common.

    `directory` is that of `conf.py`; locations are relative to it. `included` decides on the
    expression of an `only` directive. `language` is that of blocks that name none.
    """

    directory: Path
    root: str
    language: str
    included: Callable[[str], bool]


@define
class _Parts:
    """What a marked step is made of, in the order of the page."""

    actions: list[Action] = field(factory=list)
    checks: list[Check] = field(factory=list)
    answers: list[Turn] = field(factory=list)
    answered: list[Location] = field(factory=list)


@define
class Collector:
    """Reads one document; afterwards `steps` and `problems` hold what was found."""

    guide: Guide
    docname: str
    source: str
    steps: list[Step] = field(factory=list)
    problems: list[Problem] = field(factory=list)
    _headings: list[str] = field(factory=list)
    _counts: dict[str, int] = field(factory=dict)
    _language: str = ""
    _path: str | None = None
    _choices: list[str] = field(factory=list)

    def read(self, doctree: nodes.document) -> None:
        """Collect the steps of `doctree`."""
        self._language = self.guide.language
        self._walk(doctree, None, None)

    def _walk(
        self, node: nodes.Node, step: _Parts | None, platforms: tuple[str, ...] | None
    ) -> None:
        for child in node.children:
            self._visit(child, step, platforms)

    def _visit(
        self, node: nodes.Node, step: _Parts | None, platforms: tuple[str, ...] | None
    ) -> None:
        if isinstance(node, nodes.system_message | nodes.substitution_definition | nodes.comment):
            return
        if isinstance(node, addnodes.only) and not self.guide.included(node["expr"]):
            return
        if isinstance(node, addnodes.highlightlang):
            self._language = node["lang"]
        elif isinstance(node, nodes.section):
            self._headings.append(node[0].astext())
            self._walk(node, step, platforms)
            self._headings.pop()
        elif isinstance(node, nodes.literal_block):
            self._block(node, step, platforms)
            self._path = None
        elif isinstance(node, nodes.paragraph):
            self._path = _italic_path(node)
        elif isinstance(node, nodes.Element) and "runbook" in node:
            self._noun(node, step, platforms)
            self._path = None
        else:
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
                id=step_id(data["id"], self.docname, self.guide.root),
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
                choices=tuple(self._choices),
                undo=data.get("undo", False),
            )
        )

    def _check(self, node: nodes.Element, data: dict[str, Any], step: _Parts) -> None:
        sentence, block = node[0], node[1]
        step.checks.append(
            Check(
                sentence.children[-1].astext(), _text(block), self.at(block), within=data["within"]
            )
        )

    def _file(self, node: nodes.Element, data: dict[str, Any], step: _Parts) -> None:
        step.actions.append(
            FileContent(
                path=node[0].children[-1].astext(),
                text=_text(node[1]) + "\n" if _text(node[1]) else "",
                location=self.at(node),
                edit=Edit(data.get("edit", "whole")),
                section=data.get("section"),
                mode=data.get("mode"),
                owner=data.get("owner"),
            )
        )

    def _manual(self, node: nodes.Element, _: dict[str, Any], step: _Parts) -> None:
        words = "\n\n".join(child.astext() for child in node.children)
        step.actions.append(Manual(words, self.at(node)))

    def _answers(self, node: nodes.Element, data: dict[str, Any], step: _Parts) -> None:
        """Answers were read before the blocks that they are about."""

    def _block(
        self, node: nodes.literal_block, step: _Parts | None, platforms: tuple[str, ...] | None
    ) -> None:
        if self._path is not None:
            found: tuple[Action, ...] = (
                FileContent(self._path, _text(node) + "\n", self.at(node)),
            )
        else:
            found = self._commands(node, step)
        if step is not None:
            step.actions += found
        elif found:
            self._unmarked(node, found, platforms or ())

    def _commands(self, node: nodes.literal_block, step: _Parts | None) -> tuple[Action, ...]:
        text = _text(node)
        language = str(node.get("language") or self._language)
        shows = console.has_prompt(text)
        if language not in CONSOLE | SCRIPT:
            if language not in ("default", self._language) or not shows:
                return ()
            language = "console"
        elif language in CONSOLE and not shows and step is None:
            return ()
        start = self.at(node)
        try:
            found = console.actions(
                text,
                start,
                language=language,
                compare=step is not None,
                answers=step.answers or None if step else None,
            )
        except ConsoleError as error:
            where = start if "source" in node else error.location
            self.problems.append(
                Problem(where, error.message, kind="console", error=step is not None)
            )
            return ()
        if "source" in node:
            # The block comes from a file of which the page shows maybe only a part.
            return tuple(attrs.evolve(action, location=start) for action in found)
        return found

    def _unmarked(
        self, node: nodes.Element, actions: tuple[Action, ...], platforms: tuple[str, ...]
    ) -> None:
        heading = self._headings[-1] if self._headings else self.docname
        name = slug(heading) or "step"
        number = self._counts[name] = self._counts.get(name, 0) + 1
        self.steps.append(
            Step(
                id=step_id(f"{name}-{number}", self.docname, self.guide.root),
                title=f"{heading} ({number})",
                location=self.at(node),
                actions=actions,
                platforms=platforms,
                choices=tuple(self._choices),
                marked=False,
            )
        )

    def at(self, node: nodes.Node) -> Location:
        """Return where `node` stands: a block's first line, or a directive's own."""
        about = node.attributes if isinstance(node, nodes.Element) else {}
        source = about.get("runbook_source") or node.source or self.source
        path = Path(source)
        if not path.is_absolute() or not path.exists():
            path = Path(self.source)
        line = about.get("runbook_line") or node.line or 1
        return Location(os.path.relpath(path, self.guide.directory), line)

    def _complain(self, node: nodes.Element, message: str) -> None:
        self._complain_at(self.at(node), message)

    def _complain_at(self, location: Location, message: str) -> None:
        self.problems.append(Problem(location, message))


def _text(node: nodes.Node) -> str:
    exact = node.get("runbook_exact") if isinstance(node, nodes.Element) else None
    return exact or node.astext()


def _shown_only(action: Action) -> Action:
    return attrs.evolve(action, compare=False) if isinstance(action, Command) else action


def _meet(one: tuple[str, ...] | None, two: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return the platforms that both name, or those of one if the other names none."""
    if one is None or two is None:
        return two if one is None else one
    return tuple(platform for platform in one if platform in two)


def _italic_path(paragraph: nodes.paragraph) -> str | None:
    """Return the path if the paragraph is nothing but a path in italics."""
    if len(paragraph) != 1 or not isinstance(paragraph[0], nodes.emphasis):
        return None
    text = paragraph.astext().strip()
    return text if text.startswith(("/", "~/")) and " " not in text else None
