"""The record of a guide that people followed, in Markdown, to be pasted into a change ticket."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from runbook.model import Location
from runbook.report.record import Moment, Record, moment
from runbook.report.text import format_duration, last_lines, sanitize
from runbook.results import CheckResult, Outcome

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_LINES: Final = 30
"""Lines of an output; the journal has all of it."""


def render(record: Record) -> str:
    """Return the record as Markdown; what came from hosts and people cannot format it."""
    return "\n".join(_lines(record)) + "\n"


def _lines(record: Record) -> Iterator[str]:
    yield f"# {_plain(record.title)}: record of a change"
    yield ""
    yield f"**{_plain(record.sentence)}**"
    yield ""
    hosts = ", ".join(f"{host} ({platform})" for host, platform in record.hosts.items())
    versions = ", ".join(f"{name} {text}" for name, text in record.versions.items())
    for name, text in (
        ("Who", ", ".join(record.people)),
        ("When", f"{moment(record.began)} to {moment(record.ended)} UTC"),
        ("Where", f"lab {record.lab} ({record.made_of}): {hosts}"),
        ("Versions", versions),
    ):
        yield f"- {name}: {_plain(text)}"
    if record.remarks:
        yield ""
        yield "## Not as the guide has it"
        yield ""
        for one in record.remarks:
            yield f"- {_plain(_sentence(one))}"
    yield ""
    yield "## What was done"
    for one in record.moments:
        yield ""
        yield from _moment(one)
    if record.end_state:
        yield ""
        yield "## Checks at the end"
        yield ""
        for end in record.end_state:
            yield f"- {_state(end.check)} {_plain(end.host)}: {_plain(end.check.sentence)}"


def _sentence(one: Moment) -> str:
    undo = "undo: " if one.undo else ""
    where = f" on {', '.join(one.hosts)}" if one.hosts else ""
    about = f"{undo}{one.title}{where}: " if one.step else ""
    return f"{about}{one.who} {one.words}{f': {one.text}' if one.text else ''}"


def _moment(one: Moment) -> Iterator[str]:
    yield f"**{moment(one.at)}** {_plain(_sentence(one))}"
    for checked in one.checks:
        state = _state(checked.result)
        yield f"- {state} {_plain(checked.host)}: {_plain(checked.result.sentence)}"
    for outcome in one.outcomes:
        yield ""
        yield from _outcome(outcome, "" if one.step else f"{outcome.step} on ", one.files)


def _outcome(outcome: Outcome, about: str, files: Mapping[Location, str]) -> Iterator[str]:
    took = format_duration(outcome.seconds)
    reason = f": {outcome.reason}" if outcome.reason else ""
    yield f"{_plain(about + outcome.host)}: **{outcome.verdict.value}**, {took}{_plain(reason)}"
    for action in outcome.actions:
        status = "" if action.status is None else f"  [exit status {action.status}]"
        text = f"# {action.text}{status}\n"
        text += "".join(f"{line}\n" for line in last_lines(action.output, _LINES))
        if action.location in files:
            text += "".join(f"{line}\n" for line in last_lines(files[action.location], _LINES))
        yield ""
        yield from _block(text)
    before = {(c.sentence, c.location): c for c in outcome.before}
    after = {(c.sentence, c.location): c for c in outcome.after}
    yield ""
    for at in {**before, **after}:
        found = (("before", before.get(at)), ("after", after.get(at)))
        states = ", ".join(f"{when} {_state(one)}" for when, one in found if one is not None)
        yield f"- {states}: {_plain(at[0])}"


def _state(check: CheckResult) -> str:
    return "green" if check.held else "RED" if check.evaluated else "unknown"


def _block(text: str) -> Iterator[str]:
    """Yield a block of code whose fence is longer than any in it."""
    shown = sanitize(text)
    longest = max((len(found) for found in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}console"
    yield from shown.splitlines()
    yield fence


def _plain(text: str) -> str:
    """Return text of whoever that means nothing to Markdown, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(sanitize(text).split()))
