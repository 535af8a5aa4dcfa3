"""Small runbooks for tests: steps on hosts that are this very machine under other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runbook.connect import LocalConnection
from runbook.live import LiveHost, closing_all
from runbook.model import Action, Chapter, Check, Cluster, Command, Host, Location, Runbook, Step
from runbook.result import Outcome, Verdict
from runbook.runner import Choice, walk

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
def local_hosts(*names: str) -> Iterator[dict[str, LiveHost]]:
    """Hosts of these names, all of them this machine."""
    live = {name: LiveHost(LocalConnection(name), {}) for name in names or ("a", "b")}
    with closing_all(live):
        yield live


def outcomes(
    steps: Runbook,
    live: Mapping[str, LiveHost],
    choice: Choice | None = None,
    earlier: Mapping[tuple[str, str], Outcome] | None = None,
) -> list[Outcome]:
    """What a whole walk came to."""
    events = walk(steps, CLUSTER, live, choice=choice, earlier=earlier)
    return [event for event in events if isinstance(event, Outcome)]


def verdicts(found: list[Outcome]) -> list[Verdict]:
    """Just the verdicts, in order."""
    return [outcome.verdict for outcome in found]


def makes(path: Path, name: str = "make", **more: Any) -> Step:
    """A step that makes a file, and checks that it is there."""
    return step(
        name, f"touch {path}", checks=(check(f'assert host.file("{path}").exists'),), **more
    )
