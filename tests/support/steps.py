"""Small runbooks for tests: steps on hosts that are this very machine under other names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.options import Options
from runbook.execution.runner import walk
from runbook.execution.schedule import Schedule, schedule
from runbook.execution.selection import Selection
from runbook.model import Action, Chapter, Check, Cluster, Command, Host, Location, Runbook, Step
from runbook.results import Begun, Event, Outcome, Verdict
from runbook.results.position import DONE, History, Position, Touched
from runbook.terminal.connection import LocalConnection

Hosts = dict[str, HostConnection]
"""The connections of hosts, by their names."""

PLACE = Location("docs/sample.rst", 10)

CLUSTER = Cluster(
    name="sample",
    network="10.9.8.0/24",
    hosts=(Host("a", "10.9.8.1", ("all", "first")), Host("b", "10.9.8.2", ("all",))),
)


def command(text: str, line: int = 12) -> Command:
    """A command on a line of the sample document."""
    return Command(text, Location(PLACE.document, line))


def check(source: str, sentence: str = "it is so", line: int = 20, within: float = 0) -> Check:
    """A check on a line of the sample document."""
    return Check(sentence, source, Location(PLACE.document, line), within)


def step(name: str, *actions: Action | str, on: tuple[str, ...] = ("a",), **more: Any) -> Step:
    """A step of the sample document; texts among its actions are commands."""
    return Step(
        id=f"sample/{name}",
        title=name.capitalize(),
        location=PLACE,
        on=on,
        actions=tuple(command(a) if isinstance(a, str) else a for a in actions),
        **more,
    )


def runbook(*steps: Step) -> Runbook:
    """A runbook of one chapter."""
    return Runbook("Sample", (Chapter(PLACE.document, "Sample", steps),))


@contextmanager
def local_hosts(*names: str) -> Iterator[dict[str, HostConnection]]:
    """Hosts of these names, all of them this machine."""
    hosts = {name: HostConnection(LocalConnection(name), {}) for name in names or ("a", "b")}
    with closing_all(hosts):
        yield hosts


def todo(
    steps: Runbook, hosts: Mapping[str, HostConnection], selection: Selection | None = None
) -> Schedule:
    """What a run has to do on these hosts."""
    probed = {name: host.probed() for name, host in hosts.items()}
    return schedule(steps, CLUSTER, probed, selection or Selection())


def events(
    steps: Runbook,
    hosts: Mapping[str, HostConnection],
    selection: Selection | None = None,
    history: History | None = None,
    options: Options | None = None,
) -> list[Event]:
    """All that happens in a whole walk."""
    planned = todo(steps, hosts, selection)
    return list(walk(steps, CLUSTER, hosts, planned, history=history, options=options))


def outcomes(
    steps: Runbook,
    hosts: Mapping[str, HostConnection],
    selection: Selection | None = None,
    history: History | None = None,
    options: Options | None = None,
) -> list[Outcome]:
    """What a whole walk came to."""
    found = events(steps, hosts, selection, history, options)
    return [event for event in found if isinstance(event, Outcome)]


def history_of(happened: Iterable[Event]) -> History:
    """The history of hosts on which this happened, as a journal would tell it."""
    touched: dict[tuple[str, str], Touched] = {}
    earned: dict[tuple[str, str], Outcome] = {}
    for event in happened:
        if isinstance(event, Begun):
            for host in event.hosts:
                begun = Touched(event.step, Position.BEGUN, event.content)
                touched[event.key, host] = begun
        elif isinstance(event, Outcome) and event.verdict in DONE:
            at = (event.key, event.host)
            for other, one in list(touched.items()):
                if other[1] == event.host and one.step == event.step:
                    del touched[other]
            touched[at] = Touched(event.step, Position.DONE, event.content)
            earned[at] = event
    return History(known=True, touched=touched, outcomes=earned)


def verdicts(found: list[Outcome]) -> list[Verdict]:
    """Just the verdicts, in order."""
    return [outcome.verdict for outcome in found]


def makes(path: Path, name: str = "make", **more: Any) -> Step:
    """A step that makes a file, and checks that it is there."""
    return step(
        name, f"touch {path}", checks=(check(f'assert host.file("{path}").exists'),), **more
    )


def counts(path: Path, name: str = "count", **more: Any) -> Step:
    """A step that adds a line to a file, and checks that there is one."""
    there = check(f'assert host.file("{path}").exists', f"{path.name} is there")
    return step(name, f"echo >> {path}", checks=(there,), **more)


def lines(path: Path) -> int:
    """How often `counts` was typed."""
    return len(path.read_text().splitlines()) if path.exists() else 0
