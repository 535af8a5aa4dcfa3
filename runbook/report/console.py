"""A run's progress on a terminal or in a log, and its summary table.

A terminal shows what is running, and a line for every finished step. A log gets a line for every
finished step and host, and nothing that moves.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from rich.live import Live
from rich.text import Text

from runbook.model import Location, Runbook, Step
from runbook.report import observed, summary_table
from runbook.report.failures import explain
from runbook.report.progress import ProgressView, RunProgress
from runbook.report.screen import Screen
from runbook.report.status import StatusDisplay
from runbook.report.styles import FAILURES, STYLES
from runbook.report.text import format_duration, format_location, sanitize, shorten
from runbook.results import EndCheck, Event, Outcome, Report, Verdict, summary
from runbook.results.estimate import Estimate
from runbook.results.findings import findings
from runbook.results.outcome import NOT_SELECTED
from runbook.results.summary import StepResult

_UNCOVERED: Final = 10
"""Changes without a check that are shown one by one."""
_LINE: Final = 300
"""Characters of such a line."""
_SHORT: Final = 20
"""Outcomes of a run that is so short that its failures are still seen at its end."""
_REPEATED: Final = 2
"""Failures that are shown again at the end of a longer run."""


class Console:
    """Shows one run on `stream`: `log` and `show` while it lasts, `show_summary` at its end.

    `hint` says of a step that failed on a host what the operator can do now, in one line. Whatever
    is written goes through `redact` last.
    """

    def __init__(
        self,
        stream: TextIO,
        runbook: Runbook,
        hint: Callable[[Step, str], str] = lambda _step, _host: "",
        redact: Callable[[str], str] | None = None,
    ) -> None:
        terminal = stream.isatty()
        if isinstance(stream, io.TextIOWrapper):
            # A character that the stream cannot encode must not end the run.
            stream.reconfigure(errors="replace")
        self._console = Screen(stream, force_terminal=terminal, redact=redact)
        self._interactive = terminal and not self._console.is_dumb_terminal
        self._steps = {step.id: step for step in runbook.steps()}
        self._hint = hint
        self._progress = RunProgress()
        self._finished: list[Outcome] = []
        self._live: Live | None = None
        self._status = StatusDisplay(self._console, interactive=self._interactive)

    def log(self, line: str) -> None:
        """Show a line about something other than the steps; may be called from any thread."""
        self._write(Text(sanitize(line)))

    def status(self, line: str) -> None:
        """Show a line that holds only until the next one, before the display is live."""
        self._status.show(sanitize(line))

    def end_status(self) -> None:
        """Take away the line that holds no longer."""
        self._status.end()

    def set_estimate(self, estimate: Estimate) -> None:
        """Set how long the steps may take, so that the time left can be shown."""
        self._progress.estimate = estimate

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show what is running, for as long as the context lasts."""
        if not self._interactive:
            yield
            return
        self._status.end()
        self._progress.start()
        view = ProgressView(self._progress, self._steps)
        with Live(view, console=self._console, transient=True, refresh_per_second=5) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None
                self._end_step()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Hide the live display while something else uses the terminal."""
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
        """Show that a step has begun, or how it ended on a host."""
        self._progress.record(event)
        if isinstance(event, EndCheck):
            self._show_fallen(event)
        if not isinstance(event, Outcome) or event.reason == NOT_SELECTED:
            return
        if not self._interactive:
            self._write(_line(event, self._steps.get(event.step)))
        elif self._finished and self._finished[0].step != event.step:
            self._end_step()
        if event.verdict in FAILURES:
            if self._interactive:
                self._write(_line(event, self._steps.get(event.step)))
            for line in explain(event):
                self._write(Text(f"    {line}"))
            step = self._steps.get(event.step)
            # What could not be tried is no matter of the step, and its host may be gone.
            if event.verdict is Verdict.FAILED and step and (hint := self._hint(step, event.host)):
                self._write(Text(f"    {sanitize(hint)}"))
        if self._interactive:
            self._finished.append(event)

    def show_summary(self, report: Report) -> None:
        """Show the summary table of the run, and its result in a sentence."""
        self._end_step()
        self._write(Text())
        if report.outcomes:
            self._console.print(summary_table.table(report))
            self._write(Text())
        if found := findings(report):
            for one in found:
                self._write(Text(sanitize(f"finding  {one}"), style="yellow"))
            self._write(Text())
        self._show_changes(report)
        self._show_failures_again(report)
        self._write(Text(summary_table.sentence(report)))

    def _show_failures_again(self, report: Report) -> None:
        """Show the first failures once more: in a long log they are far above."""
        if len(report.outcomes) <= _SHORT:
            return
        failures = [one for one in report.outcomes if one.verdict in FAILURES]
        for one in failures[:_REPEATED]:
            self._write(_line(one, self._steps.get(one.step)))
            for line in explain(one):
                self._write(Text(f"    {line}"))
        if failures:
            self._write(Text())

    def _show_changes(self, report: Report) -> None:
        """Show what no check covers of what the steps changed, if anyone looked."""
        counted = observed.of_report(report)
        if counted is None:
            return
        found = list(observed.uncovered(report))
        for one in found[:_UNCOVERED]:
            hosts, where = " ".join(one.hosts), format_location(one.result.step.location)
            said = sanitize(f"unchecked  {where}: {one.change} ({hosts})")
            self._write(Text(shorten(said, _LINE), style="yellow"))
        if len(found) > _UNCOVERED:
            self._write(Text(f"           and {len(found) - _UNCOVERED} more"))
        said = observed.sentence(counted)
        hint = " The missing checks: runbook propose" if found else ""
        self._write(Text(f"{said}{hint}"))

    def _show_fallen(self, end: EndCheck) -> None:
        """Show a check that no longer holds at the end, unless a later step explains it."""
        if end.check.held or end.broken_by:
            return
        self._end_step()
        word = "differs" if end.check.evaluated else "error"
        where = sanitize(format_location(end.check.location))
        said = sanitize(f"{end.host:8} {end.step}  ({where})  {end.check.sentence}")
        self._write(Text(f"{word:9} {said}", style="bold red"))
        self._write(Text("    It held when the step was done, and no later step is known to have"))
        self._write(
            Text(f"    changed it. To do it again: runbook run --from {sanitize(end.step)}")
        )
        for line in sanitize(end.check.detail).splitlines():
            self._write(Text(f"    {line}"))

    def _end_step(self) -> None:
        """Show the line of a step that has ended on all its hosts."""
        if self._finished:
            id_ = self._finished[0].step
            self._write(_step_line(id_, self._steps.get(id_), self._finished))
            self._finished = []

    def _write(self, text: Text) -> None:
        self._status.end()
        self._console.print(text, soft_wrap=True)


def _line(outcome: Outcome, step: Step | None) -> Text:
    """Return the line of a step on one host."""
    style = STYLES[outcome.verdict]
    where = sanitize(format_location(step.location)) if step else ""
    text = Text(f"{outcome.verdict.value:9}", style=style.terminal)
    text.append(
        f" {sanitize(outcome.host):8} {sanitize(outcome.step)}  ({where}, ", style="default"
    )
    text.append(f"{format_duration(outcome.seconds)})", style="default")
    if why := _why(outcome):
        text.append(f"  {why}", style="default")
    if changed := observed.short([outcome]):
        text.append(f"  {changed}", style="default")
    return text


def _step_line(id_: str, step: Step | None, outcomes: list[Outcome]) -> Text:
    """Return the line of a step on all its hosts, grouped by verdict."""
    known = step or Step(id_, id_, Location("", 0))
    result = StepResult(known, tuple(outcomes))
    style = STYLES[result.verdict]
    text = Text(f"{style.symbol} {result.verdict.value:9}", style=style.terminal)
    text.append(f" {sanitize(known.title)}", style="default")
    text.append(f"  {sanitize(format_location(known.location))}", style="dim")
    for verdict in STYLES:
        hosts = [sanitize(o.host) for o in outcomes if o.verdict is verdict]
        if not hosts:
            continue
        word = "" if verdict is result.verdict else f"{verdict.value} "
        text.append(
            f"  {word}{' '.join(hosts)}", style=STYLES[verdict].terminal if word else "default"
        )
    text.append(f"  {format_duration(summary.wall(outcomes))}", style="default")
    reasons = dict.fromkeys(why for o in outcomes if (why := _why(o)))
    if reasons and result.verdict not in FAILURES:
        text.append(f"  {'; '.join(reasons)}", style="dim")
    if changed := observed.short(outcomes):
        text.append(f"  {changed}", style="dim")
    if result.vacuous:
        text.append(f"  {len(result.vacuous)} vacuous", style="yellow")
    return text


def _why(outcome: Outcome) -> str:
    """Return an outcome's reason in one line; failures are explained below it."""
    if outcome.verdict in FAILURES:
        return ""
    if outcome.resumed:
        return "by an earlier run"
    return sanitize(outcome.reason).partition("\n")[0]
