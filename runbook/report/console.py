"""A run as it happens, on a terminal or in a log, and the table in which it ends.

A terminal sees what runs at the moment, and a line for every finished step. Anything else,
a log for one, gets a line for every finished step and host, and nothing that moves.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from rich.live import Live
from rich.text import Text

from runbook import summary
from runbook.model import Location, Runbook, Step
from runbook.pace import Pace
from runbook.report import closing
from runbook.report.now import Now, View
from runbook.report.screen import Screen
from runbook.report.trouble import explain
from runbook.report.words import LOOKS, inert, place, seconds
from runbook.result import Event, Outcome, Report, Started, Verdict
from runbook.summary import StepResult

_TROUBLE: Final = frozenset({Verdict.FAILED, Verdict.ERROR})
"""Verdicts that are explained at once, in full."""

_LOG_WIDTH: Final = 160
"""Columns of the closing table where no terminal has a width of its own."""


class Console:
    """Shows one run on `stream`: `tell` and `show` as it goes, `close` when it is over."""

    def __init__(self, stream: TextIO, runbook: Runbook) -> None:
        terminal = stream.isatty()
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or log that cannot show a character shall not end the run.
            stream.reconfigure(errors="replace")
        self._console = Screen(
            file=stream,
            force_terminal=terminal,
            width=None if terminal else _LOG_WIDTH,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._moving = terminal and not self._console.is_dumb_terminal
        self._steps = {step.id: step for step in runbook.steps()}
        self._now = Now()
        self._finished: list[Outcome] = []
        self._live: Live | None = None

    def tell(self, line: str) -> None:
        """Show a line of what goes on besides the steps; may be called from any thread."""
        self._write(Text(inert(line)))

    def expect(self, pace: Pace) -> None:
        """Know what the steps may take, so that the time that is left can be shown."""
        self._now.pace = pace

    @contextmanager
    def live(self) -> Iterator[None]:
        """Keep what runs at the moment in sight, for as long as the context lasts."""
        if not self._moving:
            yield
            return
        self._now.start()
        view = View(self._now, self._steps)
        with Live(view, console=self._console, transient=True, refresh_per_second=5) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None
                self._end_step()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the live display away while something else speaks with the operator."""
        live = self._live
        if live is None:
            yield
            return
        live.stop()
        try:
            yield
        finally:
            live.start(refresh=True)

    def show(self, event: Event) -> None:
        """Show what the runner has begun, or how a step ended on a host."""
        self._now.take(event)
        if isinstance(event, Started):
            return
        if not self._moving:
            self._write(_line(event, self._steps.get(event.step)))
        elif self._finished and self._finished[0].step != event.step:
            self._end_step()
        if event.verdict in _TROUBLE:
            if self._moving:
                self._write(_line(event, self._steps.get(event.step)))
            for line in explain(event):
                self._write(Text(f"    {line}"))
        if self._moving:
            self._finished.append(event)

    def close(self, report: Report) -> None:
        """Show the closing table of the run, and what it came to in words."""
        self._end_step()
        self._write(Text())
        if report.outcomes:
            self._console.print(closing.table(report))
            self._write(Text())
        self._write(Text(closing.sentence(report)))

    def _end_step(self) -> None:
        """Write the line of a step that has ended on all its hosts."""
        if self._finished:
            id_ = self._finished[0].step
            self._write(_step_line(id_, self._steps.get(id_), self._finished))
            self._finished = []

    def _write(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


def _line(outcome: Outcome, step: Step | None) -> Text:
    """Return the line of a step on one host."""
    look = LOOKS[outcome.verdict]
    where = inert(place(step.location)) if step else ""
    text = Text(f"{outcome.verdict.value:9}", style=look.style)
    text.append(f" {inert(outcome.host):8} {inert(outcome.step)}  ({where}, ", style="default")
    text.append(f"{seconds(outcome.seconds)})", style="default")
    if why := _why(outcome):
        text.append(f"  {why}", style="default")
    return text


def _step_line(id_: str, step: Step | None, outcomes: list[Outcome]) -> Text:
    """Return the line of a step on all its hosts: hosts of one verdict stand together."""
    known = step or Step(id_, id_, Location("", 0))
    result = StepResult(known, tuple(outcomes))
    look = LOOKS[result.verdict]
    text = Text(f"{look.sign} {result.verdict.value:9}", style=look.style)
    text.append(f" {inert(known.title)}", style="default")
    text.append(f"  {inert(place(known.location))}", style="dim")
    for verdict in LOOKS:
        hosts = [inert(o.host) for o in outcomes if o.verdict is verdict]
        if not hosts:
            continue
        word = "" if verdict is result.verdict else f"{verdict.value} "
        text.append(f"  {word}{' '.join(hosts)}", style=LOOKS[verdict].style if word else "default")
    text.append(f"  {seconds(summary.wall(outcomes))}", style="default")
    reasons = dict.fromkeys(why for o in outcomes if (why := _why(o)))
    if reasons and result.verdict not in _TROUBLE:
        text.append(f"  {'; '.join(reasons)}", style="dim")
    if result.vacuous:
        text.append(f"  {len(result.vacuous)} vacuous", style="yellow")
    return text


def _why(outcome: Outcome) -> str:
    """Return an outcome's reason in one line; what is explained below needs none."""
    if outcome.verdict in _TROUBLE:
        return ""
    if outcome.resumed:
        return "by an earlier run" + ("; its checks hold" if outcome.after else "")
    return inert(outcome.reason).partition("\n")[0]
