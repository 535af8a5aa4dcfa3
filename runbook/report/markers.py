"""The reStructuredText that makes a doubtful block certain: a step with the same commands."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from attrs import frozen

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
from runbook.proposal import THRESHOLD
from runbook.questions import hides
from runbook.report.proposal import rows_of

_INDENT: Final = "   "
_NAME: Final = re.compile(r"[\w][\w.-]*")


@frozen
class Place:
    """Where to put a marker: the line of the block's directive, and how deep that is indented."""

    location: Location
    indent: int = 0


@frozen
class Marker:
    """Text of a marked step, and the block in whose place it belongs."""

    place: Place
    confidence: float
    text: str

    def __str__(self) -> str:
        about = f"{self.place.location}: in the place of this block ({self.confidence:.2f})"
        return (
            f"{about}, indented as here:\n\n{textwrap.indent(self.text, ' ' * self.place.indent)}"
        )


def markers(
    runbook: Runbook,
    place: Callable[[Location], Place],
    hosts: Sequence[str] = (),
    ids: Collection[str] | None = None,
) -> Iterator[Marker]:
    """Yield a marker for each doubtful block, or for those of `ids`, in reading order.

    `hosts` are the cluster's, if there is one: of the hosts that the text names, only these can
    stand in a step.
    """
    for row in (row for chapter in runbook.chapters for row in rows_of(chapter)):
        step = row.step or (_as_step(row.block) if row.block else None)
        if step is None or step.marked:
            continue
        if step.id in ids if ids is not None else step.confidence < THRESHOLD:
            text = marker(step, row.block, hosts)
            yield Marker(place(step.location), step.confidence, text)


def _as_step(block: Reading) -> Step | None:
    """Return the step that a block would be which became none, if it has commands to type."""
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
    """Return the text of a marked step that does what the unmarked `step` does."""
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
    """Yield a comment: what only the author can say."""
    yield ".."
    if left:
        yield f"{_INDENT}The text says that this is done on: {', '.join(left)}."
    yield f"{_INDENT}What is true afterwards, and was not before:"
    yield ""
    yield f"{_INDENT}.. check:: the service runs"
    yield ""
    yield f'{_INDENT * 2}assert host.service("name").is_running'


def _body(actions: Sequence[Action], user: str) -> Iterator[list[str]]:
    """Yield blocks of lines; commands in a row share one."""
    shown: list[str] = []
    asked: list[Turn] = []
    for action in actions:
        match action:
            case Command() | Dialogue():
                sign = "#" if user == "root" else "$"
                first, *more = action.text.split("\n")
                shown += [f"{sign} {first}", *more]
                if isinstance(action, Dialogue):
                    # The transcript is the script, so here the output must stay.
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
    """Yield a row for an answer that the transcript cannot show: a secret has a name."""
    if turn.secret is not None or hides(turn.prompt):
        prompt = turn.prompt.strip()
        name = turn.secret or re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-") or "secret"
        escaped = re.sub(r"([\\:*`|_])", r"\\\1", prompt.rstrip(": "))
        yield f":{escaped}: :secret:`{name}`"


def _indented(lines: Sequence[str] | dict[str, None]) -> list[str]:
    return [f"{_INDENT}{line}" if line.strip() else "" for line in lines]
