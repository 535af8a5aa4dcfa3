"""A step as it is shown before it runs: short enough for a small terminal, and complete."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import Final

from rich.text import Text

from runbook.following import (
    CommandView,
    FileView,
    HostPosition,
    HostView,
    ProgramView,
    StepPosition,
    StepState,
    StepView,
    TaskView,
)
from runbook.following.view import ActionView
from runbook.report.text import format_duration, format_location, last_lines, sanitize
from runbook.results import CheckResult
from runbook.results.evidence import Standing

STYLES: Final = {
    StepState.UNTOUCHED: ("·", ""),
    StepState.BEGUN: ("✘", "bold red"),
    StepState.CHANGED: ("!", "yellow"),
    StepState.DONE: ("✔", "green"),
    StepState.SATISFIED: ("=", "blue"),
    StepState.BY_HAND: ("☛", "green"),
    StepState.SKIPPED: ("-", "yellow"),
}
"""The symbol of every state, and its colour."""

_LINES: Final = 14
"""Lines of a text that are shown unless all of it is asked for."""

_DETAIL: Final = 8


def shown(view: StepView, count: int, *, everything: bool = False) -> Iterator[Text]:
    """Yield the lines that show a step, one of `count`; with `everything` nothing is cut."""
    position = view.position
    step = position.step
    kind = "undo " if step.undo else ""
    yield Text(f"── {kind}{position.number}/{count}  {sanitize(step.title)}", style="bold")
    yield Text(f"{sanitize(step.id)}  {format_location(step.location)}", style="dim")
    if view.purpose:
        yield Text()
        yield Text(_cut(sanitize(view.purpose), everything=everything))
    yield Text()
    for one in position.hosts:
        yield host_line(one)
    yield Text(_known(view), style="dim")
    for group, hosts in _alike(view.hosts):
        yield Text()
        yield Text(f"On {' '.join(hosts)}, as {sanitize(step.user)}:", style="underline")
        if group.missing:
            yield Text(f"  {sanitize(group.missing)}", style="bold red")
        for action in group.actions:
            yield from _action(action, everything=everything)
    if view.sentences:
        yield Text()
        yield from checks(view)
    if view.values:
        yield Text()
        yield Text("Values (e to edit):", style="underline")
        for value in view.values:
            edited = "  (edited)" if value.edited else ""
            yield Text(f"  {sanitize(value.name)} = {sanitize(value.text)}{edited}")
    if view.secrets:
        yield Text(f"Secrets that are asked for: {', '.join(view.secrets)}")
    if view.demand:
        yield Text()
        yield Text("To run it, the names of its hosts must be typed:", style="bold yellow")
        for reason in view.demand.reasons:
            yield Text(f"  ! {sanitize(reason)}", style="yellow")
    if view.undo is not None and not view.undo.refused and not step.undo:
        yield Text(f"Undo (u): {sanitize(view.undo.chapter)}, {len(view.undo.steps)} to run")


def host_line(one: HostPosition) -> Text:
    """Return how far a step came on a host, and by whom."""
    symbol, style = STYLES[one.state]
    text = Text(f"{symbol} {sanitize(one.host)} ", style=style)
    text.append(one.state.value, style=style)
    if one.who:
        text.append(f"  {sanitize(one.who)} {clock(one.at)}", style="dim")
    if one.why:
        text.append(f"  {sanitize(one.why).partition(chr(10))[0]}", style="default")
    return text


def checks(view: StepView) -> Iterator[Text]:
    """Yield the checks of a step with their present state on each host: red, green or unknown."""
    yield Text("Checks:", style="underline")
    for number, sentence in enumerate(view.sentences):
        states = {host.host: _state(view.checks.get(host.host, ()), number) for host in view.hosts}
        found = set(states.values())
        line = Text("  ")
        for word, style in (("red", "red"), ("unknown", "yellow"), ("green", "green")):
            hosts = [host for host, state in states.items() if state == word]
            if hosts:
                where = "" if len(found) == 1 else f" {' '.join(hosts)}"
                line.append(f"{word}{where} ", style=style)
        line.append(sanitize(sentence))
        yield line
        for host, results in view.checks.items():
            result = results[number] if number < len(results) else None
            if result is not None and not result.evaluated:
                yield Text(f"      {sanitize(host)}: {_first(result.detail)}", style="dim")


def details(results: Iterable[CheckResult], host: str) -> Iterator[Text]:
    """Yield why checks do not hold on a host."""
    for result in results:
        if result.held:
            continue
        word = "red" if result.evaluated else "unknown"
        yield Text(f"{word} {sanitize(host)}: {sanitize(result.sentence)}", style="bold")
        for line in last_lines(sanitize(result.detail), _DETAIL):
            yield Text(f"    {line}")


def overview(positions: Iterable[StepPosition]) -> Iterator[Text]:
    """Yield a line for every step, with how far it came."""
    chapter = ""
    for one in positions:
        if one.chapter != chapter:
            chapter = one.chapter
            yield Text(sanitize(chapter), style="bold")
        symbol, style = STYLES[one.state]
        line = Text(f"{one.number:4} {symbol} {sanitize(one.step.title)}", style=style)
        who = dict.fromkeys(host.who for host in one.hosts if host.who)
        line.append(f"  {one.state.value}" if one.state is not StepState.UNTOUCHED else "")
        line.append(f"  {sanitize(', '.join(who))}" if who else "", style="dim")
        yield line


def clock(at: str) -> str:
    """Return a time of the record in this machine's zone: `03:12`, with the day if it is past."""
    try:
        moment = datetime.datetime.fromisoformat(at).astimezone()
    except ValueError:
        return at
    today = moment.date() == datetime.datetime.now().astimezone().date()
    return f"{moment:%H:%M}" if today else f"{moment:%Y-%m-%d %H:%M}"


def _state(results: tuple[CheckResult, ...], number: int) -> str:
    if number >= len(results) or not results[number].evaluated:
        return "unknown"
    return "green" if results[number].held else "red"


def _known(view: StepView) -> str:
    """Return how long a step takes, and what the guide's evidence says of it."""
    parts = [] if view.seconds is None else [f"usually {format_duration(view.seconds)}"]
    for one in view.proofs:
        if one.proof is None:
            parts.append(f"never run on {one.platform or 'this platform'}")
            continue
        word = "changed since it was run" if one.standing is Standing.STALE else one.standing.value
        by = f" by {one.signer}" if one.signer else ""
        on = f" on {one.platform}" if one.platform else ""
        parts.append(f"{word}{on}{by}, {one.proof.started[:10]}")
    return sanitize("; ".join(parts))


def _alike(hosts: Iterable[HostView]) -> Iterator[tuple[HostView, list[str]]]:
    """Yield hosts on which the same is done, together."""
    found: dict[object, tuple[HostView, list[str]]] = {}
    for one in hosts:
        _, names = found.setdefault((one.actions, one.missing), (one, []))
        names.append(sanitize(one.host))
    yield from found.values()


def _action(action: ActionView, *, everything: bool) -> Iterator[Text]:
    match action:
        case CommandView():
            yield from _typed(action.text, action.place, everything=everything)
            if action.disconnects:
                yield Text("    takes the connection away, and it is waited for", style="dim")
        case ProgramView():
            yield from _typed(action.text, action.place, everything=everything)
            for question in action.questions:
                answer = f"<secret:{question.secret}>" if question.secret else question.answer
                often = "  (sometimes)" if question.sometimes else ""
                yield Text(f"    asks {sanitize(question.prompt)!r}", style="dim")
                yield Text(f"    gets {sanitize(answer) or 'Enter'}{often}")
        case FileView():
            more = [f"mode {action.mode}" if action.mode else "", action.owner]
            said = f"  ({', '.join(filter(None, more))})" if any(more) else ""
            yield Text(f"  file {sanitize(action.path)}{said}")
            yield from _changes(action, everything=everything)
        case TaskView():
            yield Text("  A person must do this:", style="bold")
            for line in sanitize(action.text).splitlines():
                yield Text(f"    {line}")


def _typed(text: str, place: str, *, everything: bool) -> Iterator[Text]:
    where = f"  (as {sanitize(place)})" if place else ""
    for number, line in enumerate(_cut(sanitize(text), everything=everything).splitlines()):
        yield Text(f"  {'#' if not number else ' '} {line}{where}", style="cyan")
        where = ""


def _changes(file: FileView, *, everything: bool) -> Iterator[Text]:
    if file.why:
        yield Text(f"    it is not known what changes: {_first(file.why)}", style="yellow")
    elif not file.diff:
        yield Text("    is so already", style="dim")
    elif file.is_new:
        yield Text("    is new:", style="dim")
    lines = [one for one in file.diff.splitlines()[2:] if not (file.is_new and one[:2] == "@@")]
    text = _cut("\n".join(map(sanitize, lines)), everything=everything)
    for line in text.splitlines():
        yield Text(f"    {line}", style={"+": "green", "-": "red", "@": "dim"}.get(line[:1], ""))


def _first(text: str) -> str:
    return sanitize(text).partition("\n")[0]


def _cut(text: str, *, everything: bool) -> str:
    """Return the first lines of a text, and how many there are more."""
    lines = text.splitlines()
    if everything or len(lines) <= _LINES:
        return text
    return "\n".join([*lines[: _LINES - 1], f"[{len(lines) - _LINES + 1} lines more: press v]"])
