"""The matrix on a terminal, while it runs: chapters by variants, and where each is."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import define, field
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from runbook.fleet.jobs import Job
from runbook.fleet.task import JobResult
from runbook.report.styles import STYLES
from runbook.report.text import format_duration, sanitize
from runbook.results import Outcome, Verdict

_ORDER: Final = tuple(STYLES)


@define
class Picture:
    """What is known of each of the `jobs`; a log has a line for each that ends.

    Dask's threads tell it, and the terminal's own reads it.
    """

    console: Console
    jobs: Sequence[Job]
    _where: dict[str, tuple[str, float]] = field(factory=dict)
    _counts: dict[str, int] = field(factory=dict)
    _worst: dict[str, tuple[Verdict, float, str]] = field(factory=dict)
    _began: float = field(factory=time.monotonic)
    _lock: threading.Lock = field(factory=threading.Lock)

    def live(self) -> Live:
        """Return the display, to be entered as a context; a log has none."""
        return Live(
            console=self.console, get_renderable=self.table, refresh_per_second=2,
            transient=True, auto_refresh=self.console.is_terminal,
            redirect_stdout=False, redirect_stderr=False,
        )  # fmt: skip

    def tell(self, event: Mapping[str, Any]) -> None:
        """Take in what a job tells: that it began on a worker, or the verdict of a step."""
        with self._lock:
            job = str(event["job"])
            if event.get("began"):
                self._where[job] = str(event["worker"]), time.monotonic()
                self._counts[job] = 0
            elif "verdict" in event:
                self._counts[job] = self._counts.get(job, 0) + 1

    def ended(self, job: Job, result: JobResult, outcomes: Sequence[Outcome]) -> None:
        """Take in how a job ended, and say so in a line."""
        worker, seconds = result.worker, result.seconds
        worst = min((one.verdict for one in outcomes), key=_ORDER.index, default=Verdict.SKIPPED)
        with self._lock:
            self._where.pop(job.id, None)
            self._worst[job.id] = worst, seconds, worker
        style = STYLES[worst]
        self.console.print(
            Text.assemble(
                (f"{style.symbol} {worst.value:8} ", style.terminal),
                f"{sanitize(job.id)}  {len(outcomes)} outcomes in {format_duration(seconds)}",
                (f"  on {sanitize(worker)}" if worker else "", "dim"),
                (f"\n  {sanitize(result.error)}" if result.error else "", style.terminal),
            )
        )

    def table(self) -> Table:
        """Return the matrix as it is now."""
        with self._lock:
            variants = list(dict.fromkeys(job.variant.name for job in self.jobs))
            table = Table(title=self._progress(), title_justify="left", box=None)
            table.add_column("chapters")
            for name in variants:
                table.add_column(name or "the guide's own")
            rows: dict[str, dict[str, Text]] = {}
            for job in self.jobs:
                row = rows.setdefault(job.id.partition(" [")[0], {})
                row[job.variant.name] = self._cell(job)
            for chapters, cells in rows.items():
                table.add_row(chapters, *(cells.get(name, Text("")) for name in variants))
            return table

    def _cell(self, job: Job) -> Text:
        if job.id in self._worst:
            worst, seconds, worker = self._worst[job.id]
            style = STYLES[worst]
            return Text(f"{style.symbol} {format_duration(seconds)} {worker}", style.terminal)
        if job.id in self._where:
            worker, since = self._where[job.id]
            elapsed = format_duration(time.monotonic() - since)
            done = f"{self._counts.get(job.id, 0)} outcomes"
            return Text(f"… {elapsed}, {done}, {worker}", "cyan")
        return Text("waiting", "dim")

    def _progress(self) -> str:
        """Return how much is done, by what jobs took before where that is known."""
        known = [job.seconds for job in self.jobs if job.seconds]
        usual = sum(known) / len(known) if known else 1.0
        total = sum(job.seconds or usual for job in self.jobs)
        done = 0.0
        for job in self.jobs:
            expected = job.seconds or usual
            if job.id in self._worst:
                done += expected
            elif job.id in self._where:
                done += min(0.95 * expected, time.monotonic() - self._where[job.id][1])
        elapsed = format_duration(time.monotonic() - self._began)
        return f"{done / (total or 1.0):.0%} of {len(self.jobs)} jobs, after {elapsed}"
