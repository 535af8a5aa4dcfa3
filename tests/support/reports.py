"""Sample runs for tests of reports: every verdict, and hostile output."""

from __future__ import annotations

import datetime

from attrs import evolve

from runbook.model import Chapter, Check, Command, Location, Runbook, Step
from runbook.observation.change import Change, Observed
from runbook.results import CheckResult, Outcome, Performed, Probed, Report, Run, Verdict

HOSTILE = (
    "\x1b]0;owned\x07\x1b[31mred\x1b[0m [red]markup[/red] "
    '<script>alert("x")</script> \x00\x9b2J & done\r\n'
)
"""Output with terminal escapes, three kinds of markup, and forbidden characters."""


def step(
    name: str, line: int, *, document: str = "docs/storage.rst", readonly: bool = False
) -> Step:
    """A step with one command and one check."""
    return Step(
        id=f"{document.removeprefix('docs/').removesuffix('.rst')}/{name}",
        title=name.replace("-", " ").capitalize(),
        location=Location(document, line),
        on=("gs1", "gs2"),
        actions=(Command(f"do {name}", Location(document, line + 4)),),
        checks=(Check(f"{name} is done", "assert True", Location(document, line + 8)),),
        readonly=readonly,
    )


NAMES = Chapter(
    "docs/names.rst",
    "Names",
    (
        step("set-the-names", 10, document="docs/names.rst"),
        step("look-around", 30, document="docs/names.rst", readonly=True),
    ),
)
STORAGE = Chapter(
    "docs/storage.rst",
    "Storage [draft] & more",
    tuple(step(f"make-{what}", 20 * n) for n, what in enumerate(("peers", "bricks", "volume"), 1)),
)
RUNBOOK = Runbook("The sample guide", (NAMES, STORAGE))
STARTED = datetime.datetime(2026, 11, 23, 9, 0, tzinfo=datetime.UTC)
RUN = Run(
    id="0123456789ab",
    started=STARTED.isoformat(timespec="milliseconds"),
    lab="sample",
    instance="i1",
    plan="p1",
    hosts={
        "gs1": Probed("debian12", frozenset({"fuse", "systemd"})),
        "gs2": Probed("debian12", frozenset({"systemd"})),
    },
    versions={"sphinx-runbook": "0.1.0", "guide": "abc1234"},
)


OBSERVED = Observed(
    (
        Change("package", "peers", "", "1.2-3", checks=(STORAGE.steps[0].checks[0].location,)),
        Change("package", "libpeer", "", "1", came_with="peers"),
        Change("file", "/etc/peers", "", "file 0644 root:root, 9 bytes", lines=("trust <all>",)),
        Change("file", "/var/lib/peers/state", "", "directory 0755 root:root", left_out="conf.py"),
        Change("port", "tcp://24007", "", "on 0.0.0.0 by peerd"),
        Change("unit", "peerd.service", "active (running)", "", host="gs2"),
    ),
    {"firewall": "nft is not installed"},
    0.25,
)
"""What a step changed: one change of each standing, and one on another host."""


def outcome(
    of: Step,
    host: str,
    verdict: Verdict,
    *,
    at: float = 0,
    seconds: float = 1.5,
    reason: str = "",
    output: str = "done\n",
    red: bool = True,
) -> Outcome:
    """An outcome as the runner would yield it for that verdict; `at` are seconds into the run."""
    check = of.checks[0]
    bad = CheckResult(check.sentence, False, check.location, "assert 'done' in ''\n  (nothing)")
    good = CheckResult(check.sentence, True, check.location)
    action = of.actions[0]
    assert isinstance(action, Command)
    ran = Performed(action.text, action.location, output, 0, 0.25)
    blank = Outcome(
        step=of.id,
        host=host,
        verdict=verdict,
        digest="d1",
        started=(STARTED + datetime.timedelta(seconds=at)).isoformat(timespec="milliseconds"),
        seconds=seconds,
        reason=reason,
        platform="debian12",
    )
    match verdict:
        case Verdict.PROVEN | Verdict.PASSED:
            before = bad if red and verdict is Verdict.PROVEN else good
            return evolve(blank, before=(before,), after=(good,), actions=(ran,))
        case Verdict.SATISFIED:
            return evolve(blank, before=(good,))
        case Verdict.FAILED:
            return evolve(blank, before=(bad,), after=(bad,), actions=(ran,))
        case _:
            return blank


def report(*outcomes: Outcome, finished: bool = True, runbook: Runbook = RUNBOOK) -> Report:
    """A run with these outcomes; if finished, it took a minute and a half."""
    end = STARTED + datetime.timedelta(seconds=90)
    ended = end.isoformat(timespec="milliseconds") if finished else None
    return Report(runbook, RUN, outcomes, finished=ended)


def good() -> Report:
    """A run without failures, with a read-only step and a skipped host."""
    names, look = NAMES.steps
    peers, bricks, volume = STORAGE.steps
    return report(
        outcome(names, "gs1", Verdict.PROVEN),
        outcome(names, "gs2", Verdict.PROVEN),
        outcome(look, "gs1", Verdict.PASSED, at=2, output=HOSTILE),
        outcome(
            look, "gs2", Verdict.SKIPPED, at=2, seconds=0, reason="needs fuse, which gs2 lacks"
        ),
        evolve(outcome(peers, "gs1", Verdict.PROVEN, at=4), observed=OBSERVED),
        outcome(bricks, "gs1", Verdict.PROVEN, at=6, seconds=61),
        outcome(volume, "gs1", Verdict.SATISFIED, at=67),
    )


def bad() -> Report:
    """A run with a failure on one host, blocked steps that depend on it, and a vacuous check."""
    names, look = NAMES.steps
    peers, bricks, volume = STORAGE.steps
    reason = f"{peers.checks[0].location}: after the actions it is not true that make-peers is done"
    return report(
        outcome(names, "gs1", Verdict.PASSED),
        outcome(names, "gs2", Verdict.PASSED),
        outcome(look, "gs1", Verdict.MANUAL, at=2, reason="it must be done by hand"),
        outcome(look, "gs2", Verdict.REHEARSED, at=2),
        outcome(peers, "gs1", Verdict.FAILED, at=4, reason=reason, output=HOSTILE),
        outcome(peers, "gs2", Verdict.PROVEN, at=4),
        outcome(
            bricks, "gs1", Verdict.BLOCKED, at=6, seconds=0, reason=f"it depends on {peers.id}"
        ),
        outcome(
            bricks, "gs2", Verdict.BLOCKED, at=6, seconds=0, reason=f"it depends on {peers.id}"
        ),
        outcome(volume, "gs2", Verdict.ERROR, at=6, reason="gs2: the host is gone"),
    )
