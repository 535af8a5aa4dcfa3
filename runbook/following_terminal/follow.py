"""`runbook follow`: open the guide for the person at this terminal, and say how they left it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen
from rich.text import Text

from runbook.errors import RunbookError
from runbook.following import FollowSession, open_following, this_person
from runbook.following_terminal import shown
from runbook.following_terminal.desk import Paused, told
from runbook.following_terminal.follower import Follower
from runbook.following_terminal.keyboard import Hangup, Keyboard
from runbook.following_terminal.output import Output
from runbook.labs import StatusLine
from runbook.report.screen import Screen
from runbook.report.text import pluralize, sanitize
from runbook.results.log import Deed, LogEntry
from runbook.results.summary import ExitStatus

_LINES = 12
"""Entries of the log that are shown when somebody takes a guide up."""


@frozen
class Asked:
    """What is asked of `runbook follow`; the lab's options are those of `runbook run`."""

    guide: Path
    kind: str
    host: str | None
    inventory: Path | None
    chosen: Mapping[str, str]
    who: str
    resume: bool


def follow(asked: Asked) -> int:
    """Let the person at this terminal follow a guide, and return the exit status.

    Raises:
        RunbookError: there is no terminal, the guide or the lab is wrong, somebody else holds it,
            or has left it and it was not said that it is taken up.

    """
    keyboard = Keyboard()
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _hang_up)
    screen = Screen(sys.stdout)
    who = asked.who or this_person()
    output = Output(lambda line: screen.print(Text(line), soft_wrap=True))
    try:
        with open_following(
            asked.guide, asked.kind, who=who, host=asked.host, inventory=asked.inventory,
            chosen=asked.chosen, log=lambda line: _log(screen, line),
            watching=output.add, admit=lambda log: _admit(log, who, resume=asked.resume),
        ) as session:  # fmt: skip
            screen.print(Text(f"You are {sanitize(who)}. Everything you do is recorded."))
            if asked.resume:
                told(session.log()[-_LINES - 1 : -1], lambda line: screen.print(line))
            return _follow(session, keyboard, screen, output)
    except Hangup:
        _say("runbook: the terminal is gone; 'runbook follow --resume' goes on from there")
        return ExitStatus.INTERRUPTED


def _follow(session: FollowSession, keyboard: Keyboard, screen: Screen, output: Output) -> int:
    follower = Follower(session, keyboard, screen, output)
    if not session.positions():
        raise RunbookError("the guide has no step that is for a host of this lab")
    status = ExitStatus.OK
    try:
        while True:
            follower.follow()
            status = _end_state(session, screen)
            if not follower.goes_on():
                break
    except Paused:
        left = sum(not one.settled for one in session.positions())
        screen.print(
            Text(f"{pluralize(left, 'step')} left. 'runbook follow --resume' goes on from there.")
        )
        return ExitStatus.OK
    screen.print(Text("'runbook record' makes the page for the change ticket."))
    return status


def _end_state(session: FollowSession, screen: Screen) -> ExitStatus:
    """Evaluate all checks once more, show those that do not hold, and return the exit status."""
    screen.print(Text("\nAll steps are settled. Their checks once more:", style="bold"))
    status = ExitStatus.OK
    for end in session.end_state():
        if end.check.held:
            continue
        status = ExitStatus.FAILED if end.check.evaluated else status or ExitStatus.ERROR
        for line in shown.details((end.check,), end.host):
            screen.print(line)
        if end.broken_by:
            screen.print(Text(f"    {sanitize(end.broken_by)} has made it so"))
    if status is ExitStatus.OK:
        screen.print(Text("All hold.", style="green"))
    return status


def _admit(log: tuple[LogEntry, ...], who: str, *, resume: bool) -> None:
    """Refuse to take a guide up silently which somebody else has left.

    Raises:
        RunbookError: it was not said, or there is nothing to take up.

    """
    if resume and not log:
        raise RunbookError("nobody has followed this guide here, so there is nothing to resume")
    if not log or resume or log[-1].who == who:
        return
    last = log[-1]
    paused = (
        f", and paused: {sanitize(last.text)}" if last.deed is Deed.PAUSED and last.text else ""
    )
    raise RunbookError(
        f"{sanitize(last.who)} followed this guide here until {shown.clock(last.at)}{paused}; "
        "take it up with --resume"
    )


def _log(screen: Screen, line: str) -> None:
    """Show what is done to the lab, but no line that holds only until the next one."""
    if not isinstance(line, StatusLine):
        screen.print(Text(sanitize(line)))


def _hang_up(*_: object) -> None:
    raise Hangup


def _say(line: str) -> None:
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except OSError:
        return
