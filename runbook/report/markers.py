"""Markers: the reStructuredText of a step to replace a doubtful block with."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from attrs import frozen

from runbook.console.prompts.answers import hides_input
from runbook.lint.consent import THRESHOLD
from runbook.model import (
    Action,
    Command,
    Dialogue,
    Edit,
    FileContent,
    Kind,
    Location,
    Manual,
    Reading,
    Runbook,
    Step,
    Turn,
)
from runbook.report.plan_table import rows_of

_INDENT: Final = "   "
_ITEM: Final = re.compile(r"\s*(?:[-*+•]|\(?\w{1,3}[.)])\s+(?=\.\. )")
_NAME: Final = re.compile(r"[\w][\w.-]*")


CHECK_SKELETON: Final = (
    ".. check:: the service runs",
    "",
    f'{_INDENT}assert host.service("name").is_running',
)
"""A check for an author to change."""


@frozen
class MarkerPosition:
    """The location of a block's directive, and its indentation in columns."""

    location: Location
    indent: int = 0


def find_directive(location: Location, lines: Sequence[str]) -> MarkerPosition:
    """Return the position of the directive of a block, which is above its first line.

    `lines` are those of its document. Without a directive it is the position of the block.
    """
    if not 0 < location.line <= len(lines):
        return MarkerPosition(location)
    depth = _indent(lines[location.line - 1])
    for number in range(location.line - 1, 0, -1):
        line = lines[number - 1]
        if line.strip() and _indent(line) < depth:
            item = _ITEM.match(line)
            indent = len(item[0]) if item else _indent(line)
            return MarkerPosition(Location(location.document, number), indent)
    return MarkerPosition(location)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


@frozen
class Marker:
    """The text of a marked step, and the position of the block that it replaces."""

    position: MarkerPosition
    confidence: float
    text: str

    def __str__(self) -> str:
        about = f"{self.position.location}: replaces this block ({self.confidence:.2f})"
        return f"{about}:\n\n{textwrap.indent(self.text, ' ' * self.position.indent)}"


def markers(
    runbook: Runbook,
    find_position: Callable[[Location], MarkerPosition],
    hosts: Sequence[str] = (),
    ids: Collection[str] | None = None,
) -> Iterator[Marker]:
    """Yield a marker for each doubtful block, or for those of `ids`, in reading order.

    `hosts` are the names in the cluster file, if there is one; other hosts that the text names
    are left out of the marker.
    """
    for row in (row for chapter in runbook.chapters for row in rows_of(chapter)):
        step = row.step or (_as_step(row.block) if row.block else None)
        if step is None or step.marked:
            continue
        if step.id in ids if ids is not None else step.confidence < THRESHOLD:
            text = marker(step, row.block, hosts)
            yield Marker(find_position(step.location), step.confidence, text)


def _as_step(block: Reading) -> Step | None:
    """Return a step for a block of which no step was made, or `None` without commands."""
    if block.kind not in (Kind.COMMANDS, Kind.TRANSCRIPT, Kind.DIALOGUE) or not block.commands:
        return None
    return Step(
        block.id,
        block.id.rpartition("/")[2].replace("-", " ").capitalize(),
        block.location,
        actions=tuple(Command(text, block.location) for text in block.commands),
        marked=False,
        confidence=block.confidence,
    )


def marker(step: Step, block: Reading | None = None, hosts: Sequence[str] = ()) -> str:
    """Return the text of a marked step with the actions of the unmarked `step`."""
    named = step.on or (block.hosts if block else ())
    on = [name for name in named if (name in hosts if hosts else _NAME.fullmatch(name))]
    user = block.user if block and block.user else step.user
    lines = [f".. step:: {re.sub(r' [(]1[)]$', '', step.title)}"]
    if on:
        lines.append(f"{_INDENT}:on: {' '.join(on)}")
    if user != "root":
        lines.append(f"{_INDENT}:user: {user}")
    left = [name for name in named if name not in on]
    body = [line for part in _body(step.actions, user) for line in ("", *part)]
    body += ["", *_skeleton(left)]
    lines += [f"{_INDENT}{line}".rstrip() for line in body]
    return "\n".join(lines) + "\n"


def _skeleton(left: Sequence[str]) -> Iterator[str]:
    """Yield a comment with what the author has to fill in."""
    yield ".."
    if left:
        yield f"{_INDENT}The text names these hosts: {', '.join(left)}."
    yield f"{_INDENT}What is true after the step and was not before:"
    yield ""
    yield from (f"{_INDENT}{line}".rstrip() for line in CHECK_SKELETON)


def _body(actions: Sequence[Action], user: str) -> Iterator[list[str]]:
    """Yield a block of lines for each action; consecutive commands share one."""
    shown: list[str] = []
    asked: list[Turn] = []
    for action in actions:
        match action:
            case Command() | Dialogue():
                sign = "#" if user == "root" else "$"
                first, *more = action.text.split("\n")
                shown += [f"{sign} {first}", *more]
                if isinstance(action, Dialogue):
                    # A dialogue is read from its transcript, so its output is kept.
                    shown += action.output.split("\n") if action.output else []
                    asked += action.turns
            case _:
                if shown:
                    yield [".. code-block:: console", "", *_indented(shown)]
                    shown = []
                yield _other(action)
    if shown:
        yield [".. code-block:: console", "", *_indented(shown)]
    if answers := [line for turn in asked for line in _answer(turn)]:
        yield [".. answers::", "", *_indented(dict.fromkeys(answers))]


def _other(action: Action) -> list[str]:
    if isinstance(action, FileContent):
        lines = [f".. file:: {action.path}"]
        if action.edit is not Edit.WHOLE:
            lines.append(f"{_INDENT}:edit: {action.edit.value}")
        for name, value in (
            ("section", action.section),
            ("mode", action.mode),
            ("owner", action.owner),
        ):
            if value is not None:
                lines.append(f"{_INDENT}:{name}: {value}")
        return [*lines, "", *_indented(action.text.removesuffix("\n").split("\n"))]
    assert isinstance(action, Manual)  # noqa: S101  # there are no others
    return [".. manual::", "", *_indented(action.text.split("\n"))]


def _answer(turn: Turn) -> Iterator[str]:
    """Yield the name of a secret: the transcript cannot show it."""
    if turn.secret is not None or hides_input(turn.prompt):
        prompt = turn.prompt.strip()
        name = turn.secret or re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-") or "secret"
        escaped = re.sub(r"([\\:*`|_])", r"\\\1", prompt.rstrip(": "))
        yield f":{escaped}: :secret:`{name}`"


def _indented(lines: Sequence[str] | dict[str, None]) -> list[str]:
    return [f"{_INDENT}{line}" if line.strip() else "" for line in lines]
