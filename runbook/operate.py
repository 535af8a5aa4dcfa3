"""What the commands do: bring plan, lab, runner, journal and reports together."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import click

from runbook import __version__, check, cluster, codec, journal, summary
from runbook.connect import Connection
from runbook.errors import RunbookError
from runbook.labs import Lab
from runbook.labs.container import ContainerLab
from runbook.labs.local import LocalLab
from runbook.live import HostMap, LiveHost, closing_all
from runbook.model import Manual, Outcome, Probed, Report, Run, Runbook, Step, Verdict
from runbook.report.console import Console
from runbook.report.words import number
from runbook.runner import Choice, walk
from runbook.summary import ExitStatus


def planned(guide: Path, *, strict: bool = False) -> Runbook:
    """Return the runbook of the guide, read anew from what changed since the last time.

    Raises:
        RunbookError: the guide has errors; the message names file and line of each.

    """
    from runbook.sphinx import plan

    if not (guide / "conf.py").is_file():
        raise RunbookError(f"{guide}: this is not a guide: it has no conf.py")
    return plan.build(guide, output=guide / "build" / "plan", strict=strict)


def open_lab(guide: Path, kind: str, host: str | None = None) -> Lab:
    """Return the guide's lab of that kind, up or not.

    Raises:
        RunbookError: the guide's cluster is missing or wrong.

    """
    if kind == "container":
        return open_container_lab(guide)
    path = guide / cluster.PLACE
    return LocalLab(cluster.load(path) if path.exists() else None, host)


def open_container_lab(guide: Path) -> ContainerLab:
    """Return the guide's lab of containers, up or not."""
    return ContainerLab(cluster.load(guide / cluster.PLACE), guide / cluster.PLACE.parent)


def run_directory(guide: Path, kind: str) -> Path:
    """Return where a lab's journal and reports are kept."""
    return guide / "build" / kind


def run_on(guide: Path, kind: str, lab: Lab, runbook: Runbook, choice: Choice) -> int:
    """Run `runbook` on `lab`, show and record what happens, and return the exit status."""
    if not any(not choice.refuses(step) for step in runbook.steps()):
        raise RunbookError("no step is selected, so there is nothing to run")
    directory = run_directory(guide, kind)
    with journal.Journal(directory / "journal.jsonl") as record:
        console = Console(sys.stdout, runbook)
        lab.up(console.tell)
        instance = lab.instance()
        earlier = journal.earned(record.path, instance)
        (directory / "plan.json").write_text(codec.dumps(runbook) + "\n", encoding="utf-8")
        interrupted = False
        with closing_all(live_hosts(lab, directory / "recordings")) as live:
            run = Run(
                id=uuid.uuid4().hex[:12],
                started=journal.now(),
                lab=lab.name,
                instance=instance,
                plan=codec.digest(runbook),
                hosts=probe_all(live),
                versions=versions(guide),
            )
            record.begin(run)
            events = walk(runbook, lab.cluster, live, earlier=earlier, choice=choice)
            try:
                with console.live():
                    for event in events:
                        if isinstance(event, Outcome):
                            record.append(event)
                        console.show(event)
                record.finish()
            except KeyboardInterrupt:
                interrupted = True
    last = write_reports(guide, kind, runbook)
    console.close(last)
    if interrupted:
        click.echo("runbook: interrupted; the next run continues after the last outcome", err=True)
        return ExitStatus.INTERRUPTED
    return summary.exit_status(last)


def write_reports(guide: Path, kind: str, runbook: Runbook) -> Report:
    """Write junit.xml and report.html of the last run in the journal, and return its report."""
    from runbook.report import html, junit

    directory = run_directory(guide, kind)
    found = journal.reports(directory / "journal.jsonl", runbook)
    if not found:
        raise RunbookError(f"{directory / 'journal.jsonl'}: no run is recorded")
    last = found[-1]
    (directory / "junit.xml").write_text(junit.render(last), encoding="utf-8")
    (directory / "report.html").write_text(html.render(last), encoding="utf-8")
    return last


def rehearse_all(guide: Path, runbook: Runbook, choice: Choice, *, shellcheck: bool) -> int:
    """Rehearse `runbook` on this machine, show and record what happens, return the exit status."""
    from runbook.rehearsal.rehearse import rehearse

    path = guide / cluster.PLACE
    directory = run_directory(guide, "rehearsal")
    failed = rehearsed = 0
    with journal.Journal(directory / "journal.jsonl") as record:
        console = Console(sys.stdout, runbook)
        run = Run(
            id=uuid.uuid4().hex[:12],
            started=journal.now(),
            lab="rehearsal",
            instance="",
            plan=codec.digest(runbook),
            versions=versions(guide),
        )
        record.begin(run)
        (directory / "plan.json").write_text(codec.dumps(runbook) + "\n", encoding="utf-8")
        with console.live():
            for outcome in rehearse(
                runbook,
                cluster.load(path) if path.exists() else None,
                refuses=choice.refuses,
                shellcheck=shellcheck,
            ):
                record.append(outcome)
                console.show(outcome)
                failed += outcome.verdict is Verdict.FAILED
                rehearsed += outcome.verdict is Verdict.REHEARSED
        record.finish()
    write_reports(guide, "rehearsal", runbook)
    click.echo(f"\n{number(rehearsed, 'step')} rehearsed, {failed} with findings.")
    if failed:
        return ExitStatus.FAILED
    return ExitStatus.OK if rehearsed else ExitStatus.NOTHING_PROVEN


def last_report(guide: Path, kind: str) -> int:
    """Write the last run's reports again, show its closing table, return its exit status."""
    path = run_directory(guide, kind) / "plan.json"
    try:
        runbook = codec.loads(path.read_text(encoding="utf-8"), Runbook)
    except OSError as error:
        raise RunbookError(f"{path}: no run is recorded: {error.strerror}") from error
    last = write_reports(guide, kind, runbook)
    Console(sys.stdout, runbook).close(last)
    return summary.exit_status(last)


def check_on(lab: Lab, runbook: Runbook, only: tuple[str, ...]) -> int:
    """Evaluate the checks of `runbook` on `lab` as it is, show them, return the exit status."""
    choice = Choice(only=only)
    status = ExitStatus.OK
    evaluated = 0
    with closing_all(live_hosts(lab)) as live:
        hosts = HostMap(live)
        for step, name in _checkable(lab, runbook, choice, live):
            for one in step.checks:
                try:
                    result = check.evaluate(one, hosts, name)
                except RunbookError as error:
                    click.echo(f"error    {name}  {one.location}  {error}")
                    status = ExitStatus.ERROR
                    continue
                evaluated += 1
                word = "holds   " if result.held else "differs "
                click.echo(f"{word} {name}  {one.location}  {one.sentence}")
                if not result.held:
                    click.echo("".join(f"    {line}\n" for line in result.detail.splitlines()))
                    status = status or ExitStatus.FAILED
    if not evaluated and status is ExitStatus.OK:
        raise RunbookError("no check was evaluated")
    return status


def _checkable(
    lab: Lab, runbook: Runbook, choice: Choice, live: Mapping[str, LiveHost]
) -> Iterator[tuple[Step, str]]:
    from runbook.runner import unfit

    for step in runbook.steps():
        if choice.refuses(step):
            continue
        for host in lab.cluster.select(step.on or ("all",)):
            if host.name in live and not unfit(step, host.name, live[host.name].probed()):
                yield step, host.name


def live_hosts(lab: Lab, recordings: Path | None = None) -> dict[str, LiveHost]:
    """Return the lab's hosts, connected when they are first used."""
    connections: Mapping[str, Connection] = lab.connections()
    return {
        name: LiveHost(connection, lab.cluster.environment, recordings)
        for name, connection in connections.items()
    }


def probe_all(live: Mapping[str, LiveHost]) -> dict[str, Probed]:
    """Ask all hosts at once what they are; one that does not answer is left out."""

    def ask(host: LiveHost) -> Probed | None:
        try:
            return host.probed()
        except RunbookError:
            # The steps on this host will say so, one by one.
            return None

    with ThreadPoolExecutor(max_workers=max(1, len(live))) as pool:
        answers = dict(zip(live, pool.map(ask, live.values()), strict=True))
    return {name: answer for name, answer in answers.items() if answer is not None}


def versions(guide: Path) -> dict[str, str]:
    """Return the versions that a reader of the report would ask for."""
    found = {"sphinx-runbook": __version__, "python": platform.python_version()}
    described = subprocess.run(
        ["git", "-C", str(guide), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    if described.returncode == 0:
        found["guide"] = described.stdout.strip()
    return found


def consent(runbook: Runbook, lab: Lab, choice: Choice) -> bool:
    """Show what would run on this machine, and ask whether it may.

    Raises:
        RunbookError: there is nobody to ask.

    """
    from runbook.report.plan import print_plan

    chosen = [step for step in runbook.steps() if not choice.refuses(step)]
    print_plan(runbook, sys.stdout, only={step.id for step in chosen}, commands=True)
    if not sys.stdin.isatty():
        raise RunbookError("this would change this very machine; agree to it with --yes")
    host = next(iter(lab.connections()))
    return click.confirm(f"Run these {len(chosen)} steps on this machine, as {host}?")


_ASKING = threading.Lock()


def attend(step: Step, host: str, task: Manual) -> bool:
    """Ask the operator to do `task`, and whether it is done."""
    with _ASKING:
        click.echo(f"\n{host}: {step.title}\n{task.text}\n")
        return click.confirm("Is it done?")


def teller() -> Callable[[str], None]:
    """Return a function that shows a line of a lab's progress."""
    return lambda line: click.echo(line)


def show_status(lab: Lab) -> bool:
    """Show the state of each host of `lab`; true if all are running."""
    found = lab.status()
    addresses = {host.name: host.address for host in lab.cluster.hosts}
    for host in found:
        click.echo(f"{host.host:8} {addresses.get(host.host, ''):16} {host.state} {host.detail}")
    return all(host.state == "running" for host in found)


def enter(lab: Lab, host: str, user: str) -> NoReturn:
    """Replace this process by a login shell on `host`."""
    connections = lab.connections()
    if host not in connections:
        raise RunbookError(f"there is no host {host!r}; there are {', '.join(connections)}")
    argv = connections[host].login(user)
    os.execvp(argv[0], argv)  # noqa: S606  # the shell takes this process's place
