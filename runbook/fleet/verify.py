"""`runbook verify --matrix`: a guide's jobs on a fleet, with one journal and one report."""

from __future__ import annotations

import contextlib
import secrets
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

import click
from attrs import frozen
from distributed import Client
from distributed.security import Security

from runbook.commands.evidence.recorded_runs import matrix_of
from runbook.commands.evidence.report import write_reports
from runbook.commands.guide import planned, run_directory, versions, write_plan
from runbook.commands.running.choices import refuse_unknown_choices
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.checks import shared_checks
from runbook.execution.selection import forward
from runbook.fleet import matrix, resources
from runbook.fleet.content import pack
from runbook.fleet.jobs import Job, Variant, jobs_of
from runbook.fleet.merge import Merged, combined
from runbook.fleet.picture import Picture
from runbook.fleet.task import Task
from runbook.labs.container.recipe import recipes
from runbook.labs.debian import SUITES
from runbook.model import Cluster, Runbook, cluster, codec
from runbook.model.suggestion import did_you_mean
from runbook.report.console import Console
from runbook.report.screen import Screen
from runbook.results import Report, Run, artefact, estimate, journal
from runbook.results.basis import basis_of
from runbook.results.clock import now
from runbook.results.findings import exit_status
from runbook.results.journal import Journal
from runbook.results.summary import ExitStatus


@frozen
class Asked:
    """What the operator asked for: `variants` of a guide, on labs of a `kind`, and by whom.

    Without a `scheduler` this machine does it all, up to `jobs` jobs at once; 0 stands for as many
    as it bears.
    """

    guide: Path
    kind: str
    variants: tuple[Variant, ...]
    scheduler: str = ""
    jobs: int = 0
    security: Security | None = None
    strict: bool = False
    require_proven: bool = False


def verify(asked: Asked) -> int:
    """Verify a guide side by side, and return the exit status as of a run.

    Raises:
        RunbookError: the guide has errors, no worker has what a job needs, or nothing can be
            recorded.

    """
    guide = asked.guide
    whole = planned(guide, strict=asked.strict)
    described = cluster.load(guide / cluster.PLACE)
    _refuse_unknown(asked, whole, described)
    directory = matrix_directory(guide, asked.kind)
    took = _took(guide, asked.kind, whole)
    runbook = forward(whole)
    jobs = {
        job.id: job
        for variant in asked.variants
        for job in jobs_of(runbook, described, variant, took)
    }
    if not jobs:
        raise RunbookError(f"{guide}: no step is for any host of these variants")
    run = Run(
        id=uuid.uuid4().hex[:12], started=now(), lab=described.name, instance="",
        plan=codec.digest(runbook), versions=versions(guide), strict=asked.strict,
        require_proven=asked.require_proven,
        basis=basis_of(whole, described, shared_checks.load(guide)),
    )  # fmt: skip
    tasks = [
        Task(
            job,
            asked.kind,
            _seed(guide, asked.kind),
            asked.require_proven,
            asked.strict,
            images=_images(job, described) if asked.kind == "container" else (),
        )
        for job in jobs.values()
    ]
    with (
        known_secrets(guide, directory.name) as known,
        Journal(directory / "journal.jsonl") as kept,
        _fleet(asked, described) as client,
    ):
        write_plan(guide, directory, runbook)
        merged = Merged(runbook, described, kept, run, jobs)
        picture = Picture(Screen(sys.stdout, redact=known.redact), tuple(jobs.values()))
        if asked.scheduler:
            picture.console.print(f"Dask's own view: {client.dashboard_link}")
        work = matrix.Matrix(client, pack(guide, whole), described, tasks, picture.tell)
        interrupted = _follow(work, merged, picture)
        if not interrupted:
            merged.finish()
        reports = merged.reports(finished=not interrupted)
        report = combined(reports, run) if reports else Report(runbook, run)
        write_reports(directory, report, known)
        Console(sys.stdout, runbook, redact=known.redact).show_summary(report)
    if interrupted:
        click.echo("runbook: interrupted; the next run goes on from the checkpoints", err=True)
        return ExitStatus.INTERRUPTED
    return exit_status(report)


def matrix_directory(guide: Path, kind: str) -> Path:
    """Return the directory of the journal and the reports of a guide's matrix."""
    return run_directory(guide, matrix_of(kind))


def _follow(work: matrix.Matrix, merged: Merged, picture: Picture) -> bool:
    """Record and show every result; return whether the operator interrupted that."""
    with picture.live(), contextlib.closing(work.results()) as results:
        try:
            for result in results:
                outcomes = merged.take(result)
                job = merged.jobs[result.job]
                picture.ended(job, result, outcomes)
        except KeyboardInterrupt:
            picture.console.print("cancelled; the labs of all jobs are being removed")
            return True
    return False


def _fleet(asked: Asked, described: Cluster) -> contextlib.AbstractContextManager[Client]:
    if asked.scheduler:
        return matrix.connected(asked.scheduler, asked.security)
    memory = max(
        resources.memory_of(variant.of(described), asked.kind) for variant in asked.variants
    )
    return matrix.here(asked.jobs or resources.slots_here(memory))


def _refuse_unknown(asked: Asked, whole: Runbook, described: Cluster) -> None:
    for variant in asked.variants:
        refuse_unknown_choices(whole, dict(variant.chosen), described)
        if variant.platform and variant.platform not in SUITES and asked.kind == "container":
            hint = did_you_mean(variant.platform, SUITES) or ";"
            raise RunbookError(
                f"--platform: there is no container image for {variant.platform!r}{hint} "
                f"known are {', '.join(SUITES)}"
            )


def _images(job: Job, described: Cluster) -> tuple[str, ...]:
    """Return the names of the images that the hosts of a job are made of."""
    kinds = recipes(job.variant.of(described)).values()
    return tuple(dict.fromkeys(one.tag for one in kinds))


def _took(guide: Path, kind: str, whole: Runbook) -> Mapping[str, float]:
    """Return what steps took in runs on this kind of lab, alone or in a matrix."""
    past: list[Report] = []
    for directory in (run_directory(guide, kind), matrix_directory(guide, kind)):
        if (path := directory / "journal.jsonl").exists():
            past += journal.reports(path, whole)
    return estimate.expected(whole.steps(), past).seconds


def _seed(guide: Path, kind: str) -> str:
    """Return what this guide's made-up secrets are made of, in all its matrices."""
    path = matrix_directory(guide, kind) / ".seed"
    if not path.exists():
        artefact.write(path, secrets.token_urlsafe(24))
    return artefact.read(path)
