"""`runbook mutate`: run steps with one thing changed, and see whether a check notices it."""

from __future__ import annotations

import fnmatch
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click
from attrs import frozen

from runbook.commands.guide import planned, versions
from runbook.commands.holding import alone
from runbook.commands.lab_progress import printed
from runbook.commands.labs.lab import open_lab, use_throwaway_secrets
from runbook.commands.mutation.jobs import Jobs, Judged
from runbook.commands.mutation.lab import WORKER, MutantLab
from runbook.commands.mutation.report import Told, show, told_as_json
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.checks import shared_checks
from runbook.execution.selection import Selection, forward
from runbook.model import Runbook, cluster, shared_source
from runbook.mutation import explained, record
from runbook.mutation.judge import known_checks
from runbook.mutation.keys import MutationKeys
from runbook.mutation.mutants import Mutant, mutants
from runbook.mutation.record import Fate, MutatedStep, Tried
from runbook.mutation.sample import Batch, in_guide_order, shares, spread
from runbook.results.clock import now

_NOTHING: Final = "no mutant is selected, so there is nothing to try"


@frozen
class Asked:
    """Which mutants are tried: of what steps, how many, for how long, and in what order.

    `only` are shell patterns of the names of mutants or steps. `untried` leaves out those of
    which something is known. `minutes` is for how long new ones are begun.
    """

    only: tuple[str, ...] = ()
    sample: int | None = None
    minutes: float | None = None
    seed: int = 0
    untried: bool = False
    jobs: int = 1


def mutate(guide: Path, kind: str, asked: Asked, *, as_json: bool = False) -> int:
    """Try mutants on a lab of their own, write what became of them, and return the exit status.

    It is 0 if none survives that nobody has explained, 1 if one does, and 3 if none could be
    tried.

    Raises:
        RunbookError: the lab is not of our making, the guide has errors, or nothing is selected.

    """
    name = f"{kind}-{WORKER}"
    if kind not in ("container", "vagrant"):
        raise RunbookError(
            f"mutants are not tried in a {kind} lab: its machines were not made by runbook, and a "
            "mutant may do anything to them"
        )
    if asked.jobs > 1 and kind != "container":
        raise RunbookError("--jobs: only labs of containers try mutants side by side")
    lab = open_lab(guide, kind, worker=WORKER)
    whole = planned(guide)
    if not any(_wanted(one, asked.only) for step in whole.steps() for one in mutants(step)):
        # Before a host is started: a slip in a pattern costs no time.
        raise RunbookError(_NOTHING)
    keys, reasons = keys_of(guide, whole), explained.load(guide)
    known = record.load(guide)
    use_throwaway_secrets(guide, kind)
    with known_secrets(guide, name) as secrets, alone(guide, name), printed() as progress:
        tell = _one_at_a_time((lambda _: None) if as_json else progress)
        bench = MutantLab(
            guide, kind, lab, forward(whole), Selection(), shared_checks.load(guide), secrets, tell
        )
        with bench.up():
            batches = _chosen(bench, whole, known, keys, asked)
            # In a time that is too short for all of them the chapters take turns.
            work = shares(batches, asked.jobs) if asked.minutes is None else [(b,) for b in batches]
            labs = (bench, *(_another(bench, n) for n in range(2, min(asked.jobs, len(work)) + 1)))
            began = time.monotonic()
            deadline = began + asked.minutes * 60 if asked.minutes is not None else None
            tried: list[Tried] = []
            for one in Jobs(labs, keys, deadline, tell).run(work):
                tried += one.mutants
                news = _news(guide, one, keys, lab.made_of)
                known = record.merged(record.load(guide), news, [s.id for s in whole.steps()])
                record.save(guide, known)
    told = Told(whole, known, keys, reasons, tuple(tried), sum(len(b.mutants) for b in batches),
                time.monotonic() - began)  # fmt: skip
    click.echo(told_as_json(told)) if as_json else show(told)
    return told.status


def _one_at_a_time(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Return `tell` for several threads."""
    lock = threading.Lock()

    def told(line: str) -> None:
        with lock:
            tell(line)

    return told


def _another(bench: MutantLab, number: int) -> MutantLab:
    """Return one more lab to try mutants in, beside `bench`, which is up."""
    worker = f"{WORKER}-{number}"
    lab = open_lab(bench.guide, bench.kind, worker=worker)
    return MutantLab(
        bench.guide, bench.kind, lab, bench.runbook, bench.selection, bench.shared, bench.known,
        bench.log, bench.own, worker, probed=bench.probed,
    )  # fmt: skip


def _chosen(
    bench: MutantLab, whole: Runbook, known: record.Mutation, keys: MutationKeys, asked: Asked
) -> tuple[Batch, ...]:
    """Return the mutants that are to be tried, in their order.

    Raises:
        RunbookError: there are none.

    """
    here = bench.scheduled()
    done = set()
    if asked.untried:
        done = {m.id for s in known.steps if s.holds(keys) for m in s.mutants
                if m.fate is not Fate.UNTRIED}  # fmt: skip
    found = [
        one
        for step in whole.steps()
        if step.id in here
        for one in mutants(step)
        if _wanted(one, asked.only) and one.id not in done
    ]
    if not found:
        raise RunbookError(_NOTHING)
    batches = spread(found, asked.seed, asked.sample)
    if asked.minutes is None:
        return in_guide_order(batches, [step.id for step in whole.steps()])
    return batches


def _wanted(mutant: Mutant, only: Sequence[str]) -> bool:
    names = (mutant.id, mutant.step.id)
    return not only or any(fnmatch.fnmatchcase(n, pattern) for n in names for pattern in only)


def keys_of(guide: Path, whole: Runbook) -> MutationKeys:
    """Return the keys of the guide's mutants as it is now.

    Raises:
        RunbookError: the cluster file or `lab/checks.py` cannot be read.

    """
    path = guide / cluster.PLACE
    described = cluster.load(path) if path.exists() else None
    return MutationKeys(whole, described, shared_source.read(guide))


def _news(guide: Path, one: Judged, keys: MutationKeys, made_of: str) -> MutatedStep:
    return MutatedStep(
        step=one.step.id,
        platform=one.platform,
        key=keys.key(one.step.id, one.platform, one.left_out),
        started=now(),
        left_out=one.left_out,
        made_of=made_of,
        versions=versions(guide),
        checks=known_checks(one.step, one.usual),
        mutants=one.mutants,
    )
