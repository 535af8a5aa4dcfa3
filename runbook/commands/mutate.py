"""`runbook mutate`: run steps with one thing changed, and see whether a check notices it."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import click
from attrs import evolve, frozen

from runbook.commands.evidence import keys_of
from runbook.commands.guide import planned, versions
from runbook.commands.holding import alone
from runbook.commands.lab import open_lab, use_throwaway_secrets
from runbook.commands.lab_progress import printed
from runbook.commands.mutant_lab import WORKER, MutantLab
from runbook.commands.mutation_report import Told, show, told_as_json
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution import shared_checks
from runbook.execution.selection import Selection, forward
from runbook.model import Runbook, Step
from runbook.mutation import explained, record
from runbook.mutation.judge import (
    hurried,
    judged,
    judged_before,
    known_checks,
    tells_already,
    why_untried,
)
from runbook.mutation.mutants import Mutant, mutants
from runbook.mutation.record import Fate, MutatedStep, Tried
from runbook.mutation.sample import Batch, in_guide_order, spread
from runbook.results import Outcome
from runbook.results.basis import ProofKeys
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


@frozen
class _Judged:
    """What came of some mutants of a step, with what is common to them."""

    step: Step
    platform: str
    left_out: tuple[str, ...]
    usual: tuple[Outcome, ...]
    mutants: tuple[Tried, ...]


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
    lab = open_lab(guide, kind, worker=WORKER)
    whole = planned(guide)
    if not any(_wanted(one, asked.only) for step in whole.steps() for one in mutants(step)):
        # Before a host is started: a slip in a pattern costs no time.
        raise RunbookError(_NOTHING)
    keys, reasons = keys_of(guide, whole), explained.load(guide)
    known = record.load(guide)
    use_throwaway_secrets(guide, kind)
    tell: Callable[[str], None] = (lambda _: None) if as_json else click.echo
    with known_secrets(guide, name) as secrets, alone(guide, name), printed() as progress:
        log: Callable[[str], None] = (lambda _: None) if as_json else progress
        bench = MutantLab(
            guide, kind, lab, forward(whole), Selection(), shared_checks.load(guide), secrets, log
        )
        with bench.up():
            batches = _chosen(bench, whole, known, keys, asked)
            began = time.monotonic()
            deadline = began + asked.minutes * 60 if asked.minutes is not None else None
            tried: list[Tried] = []
            for one in _each(bench, keys, batches, deadline, tell):
                tried += one.mutants
                news = _news(guide, one, keys, lab.made_of)
                known = record.merged(record.load(guide), news, [s.id for s in whole.steps()])
                record.save(guide, known)
    told = Told(whole, known, keys, reasons, tuple(tried), sum(len(b.mutants) for b in batches),
                time.monotonic() - began)  # fmt: skip
    click.echo(told_as_json(told)) if as_json else show(told)
    return told.status


def _chosen(
    bench: MutantLab, whole: Runbook, known: record.Mutation, keys: ProofKeys, asked: Asked
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


def _each(
    bench: MutantLab,
    keys: ProofKeys,
    batches: Iterable[Batch],
    deadline: float | None,
    tell: Callable[[str], None],
) -> Iterator[_Judged]:
    """Yield what came of each batch; after the `deadline` no mutant is begun."""
    here = bench.scheduled()
    for batch in batches:
        if deadline is not None and time.monotonic() >= deadline:
            return
        keyed = here[batch.step]
        step, platforms = keyed.step, {platform for _, platform in keyed.hosts}
        ran = {one.step.id for one in here.values()}
        usual: tuple[Outcome, ...] = ()
        tried: list[Tried] = []
        try:
            bench.go_before(step.id)
            usual = bench.attempt(step, restore=False)
            why = why_untried(usual)
        except RunbookError as error:
            # Of a lab in trouble the others may still be tried.
            why = str(error)
        if why:
            tell(f"{step.id}: its mutants cannot be tried: {why}")
            tried = [
                Tried(one.id, Fate.UNTRIED, why=bench.known.redact(why)) for one in batch.mutants
            ]
        for mutant in batch.mutants if not why else ():
            if deadline is not None and time.monotonic() >= deadline:
                break
            tried.append(_tried(bench, mutant, step, usual))
            tell(_line(tried[-1], mutant))
        for platform in sorted(platforms):
            left_out = keys.missing(step.id, platform, ran)
            yield _Judged(step, platform, left_out, usual, tuple(tried))


def _tried(bench: MutantLab, mutant: Mutant, step: Step, usual: tuple[Outcome, ...]) -> Tried:
    if tells_already(mutant, step):
        return judged_before(mutant, usual)
    try:
        found = judged(mutant, bench.attempt(hurried(mutant.step, usual)))
    except RunbookError as error:
        return Tried(mutant.id, Fate.UNTRIED, why=bench.known.redact(str(error)))
    return evolve(found, why=bench.known.redact(found.why))


def _line(tried: Tried, mutant: Mutant) -> str:
    by = f" ({'; '.join(tried.by)})" if tried.by else f" ({tried.why})" if tried.why else ""
    return f"{tried.fate.value:18} {mutant.step.id}: {mutant.told}{by}"


def _news(guide: Path, one: _Judged, keys: ProofKeys, made_of: str) -> MutatedStep:
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
