"""A step that runs in front of a person: what it prints, what it asks of them, and Ctrl-C."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Protocol

from attrs import frozen
from rich.text import Text

from runbook.errors import RunbookError
from runbook.execution.actions.act import Attend
from runbook.following import FollowSession
from runbook.following_terminal.keyboard import Cancelled, Hangup, Keyboard
from runbook.following_terminal.output import Output
from runbook.model import Manual, Step
from runbook.report.failures import explain
from runbook.report.styles import FAILURES, STYLES
from runbook.report.text import format_duration, sanitize
from runbook.results import Event, Outcome, Phase, Started

_PHASES = {Phase.CHECKING: "checking", Phase.ACTING: "", Phase.PROVING: "checking again"}


class Begin(Protocol):
    """What begins a step, and asks a person by `attend` to do manual tasks."""

    def __call__(self, *, attend: Attend) -> Iterator[Event]:
        """Begin it, and return what happens."""


@frozen
class _Task:
    """A task that a person must do, and where the answer goes."""

    step: Step
    host: str
    task: Manual
    done: Future[bool]


class Running:
    """Runs steps of `session` in front of a person; `write` shows lines, of any thread."""

    def __init__(
        self, session: FollowSession, keyboard: Keyboard, output: Output,
        write: Callable[[Text], None],
    ) -> None:  # fmt: skip
        self._session = session
        self._keyboard = keyboard
        self._output = output
        self._write = write

    def run(self, begin: Begin, hosts: int) -> list[Outcome]:
        """Run the step that `begin` begins on so many hosts, and return what came of it.

        Ctrl-C ends it; then its outcomes say so.

        Raises:
            RunbookError: it must not run, or cannot be recorded.
            Hangup: the terminal is gone; what was running has been ended.

        """
        told: queue.SimpleQueue[Event | _Task | BaseException | None] = queue.SimpleQueue()
        asking = _Asking(told)
        events = begin(attend=asking.attend)
        self._output.begin(hosts)
        worker = threading.Thread(target=_drain, args=(events, told), name="step")
        worker.start()
        outcomes: list[Outcome] = []
        lost = False
        while True:
            try:
                event = told.get()
                if event is None:
                    break
                if isinstance(event, BaseException):
                    worker.join()
                    raise event
                self._take(event, outcomes)
            except KeyboardInterrupt as interrupt:
                lost = lost or isinstance(interrupt, Hangup)
                asking.stop()
                if not lost:
                    self._write(Text("interrupted: ending what runs ...", style="bold yellow"))
                self._session.interrupt()
        worker.join()
        if lost:
            raise Hangup
        self._output.end()
        for outcome in outcomes:
            self._ended(outcome)
        return outcomes

    def _take(self, event: Event | _Task, outcomes: list[Outcome]) -> None:
        match event:
            case _Task():
                self._ask(event)
            case Outcome():
                outcomes.append(event)
            case Started() if _PHASES[event.phase]:
                line = f"{sanitize(event.host)}: {_PHASES[event.phase]}"
                self._write(Text(line, style="dim"))

    def _ask(self, asked: _Task) -> None:
        self._write(Text(f"\n{sanitize(asked.host)}: a person must do this:", style="bold"))
        self._write(Text(sanitize(asked.task.text)))
        try:
            done = self._keyboard.yes("Is it done?")
        except Cancelled:
            done = False
        except KeyboardInterrupt:
            asked.done.set_result(False)
            raise
        asked.done.set_result(done)

    def _ended(self, outcome: Outcome) -> None:
        """Show what came of a step on a host; of a failure, why."""
        style = STYLES[outcome.verdict]
        line = Text(f"{style.symbol} {outcome.verdict.value} ", style=style.terminal)
        line.append(
            f"{sanitize(outcome.host)}, {format_duration(outcome.seconds)}", style="default"
        )
        if outcome.verdict in FAILURES:
            self._write(line)
            for one in explain(outcome):
                self._write(Text(f"    {one}"))
        else:
            why = sanitize(outcome.reason).partition("\n")[0]
            line.append(f": {why or style.meaning}", style="dim")
            self._write(line)


class _Asking:
    """Brings the tasks of a person from the threads of the hosts to that of the keyboard."""

    def __init__(self, told: queue.SimpleQueue[Event | _Task | BaseException | None]) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._waiting: list[Future[bool]] = []
        self._stopped = False

    def attend(self, step: Step, host: str, task: Manual) -> bool:
        """Ask whether a task is done; not once the step was interrupted."""
        done: Future[bool] = Future()
        with self._lock:
            if self._stopped:
                return False
            self._waiting.append(done)
        self._told.put(_Task(step, host, task, done))
        return done.result()

    def stop(self) -> None:
        """Take every task that was not answered for one that was not done."""
        with self._lock:
            self._stopped = True
            for done in self._waiting:
                if not done.done():
                    done.set_result(False)


def _drain(
    events: Iterator[Event], told: queue.SimpleQueue[Event | _Task | BaseException | None]
) -> None:
    """Bring all events to the thread of the keyboard, and the error in which they end."""
    try:
        for event in events:
            told.put(event)
    except RunbookError as error:
        told.put(error)
        return
    except BaseException as error:  # it is raised where it can be handled
        told.put(error)
        return
    told.put(None)
