"""`runbook verify` and `runbook worker`: their options, and what they hand to the fleet."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runbook.cli.options import as_choice, guide_argument, hosts_option, strict_option
from runbook.cli.run import run
from runbook.errors import RunbookError

if TYPE_CHECKING:
    from distributed.security import Security

_tls = (
    click.option(
        "--tls-ca", metavar="FILE", help="The authority that has signed all certificates."
    ),
    click.option("--tls-cert", metavar="FILE", help="The certificate of this program."),
    click.option("--tls-key", metavar="FILE", help="The key of this program."),
)


def tls_options(command: Any) -> Any:
    """Add the options of TLS to a command."""
    for option in reversed(_tls):
        command = option(command)
    return command


@click.command()
@guide_argument
@click.option(
    "--matrix", is_flag=True, help="Verify chapters, platforms and alternatives side by side."
)
@hosts_option
@click.option(
    "--platform",
    "platforms",
    metavar="NAME",
    multiple=True,
    help="With --matrix: make all hosts of this platform; several are verified side by side.",
)
@click.option(
    "--choose",
    metavar="NAME=VALUE",
    multiple=True,
    help="Choose this alternative; with --matrix, several values of a name are verified side by "
    "side.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    default="",
    help="With --matrix: the scheduler of Dask whose workers do it, such as tcp://fleet:8786; "
    "without one this machine does.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=0),
    default=0,
    help="With --matrix, on this machine: how many labs at once; else as many as it bears.",
)
@click.option("--require-proven", is_flag=True, help="Take every finding for an error.")
@strict_option
@tls_options
@click.pass_context
def verify(ctx: click.Context, /, guide: Path, **given: Any) -> None:
    """Verify the guide: as one run, or with --matrix side by side on many labs.

    Without --matrix it is `runbook run`. With it, chapters that do not depend on each other are
    verified at the same time, and so are platforms and alternatives. Each job has a lab of its own,
    and begins from the checkpoint of those that it depends on. The labs are removed; one report of
    all is in build/container-matrix, and `runbook evidence` takes it as it does a run.

    The exit status is that of `runbook run`.
    """
    if not given["matrix"]:
        if given["platforms"] or given["scheduler"] or given["jobs"]:
            raise click.UsageError("--platform, --scheduler and --jobs require --matrix")
        ctx.invoke(
            run,
            guide=guide,
            kind=given["kind"],
            choose=dict(as_choice(one) for one in given["choose"]),
            require_proven=given["require_proven"],
            strict=given["strict"],
        )
        return
    if given["kind"] not in ("container", "vagrant"):
        raise click.UsageError(f"--matrix needs labs of its own, and not a {given['kind']} lab")
    try:
        from runbook.fleet.jobs import variants
        from runbook.fleet.verify import Asked, verify
    except ImportError as error:
        raise _needs_dask(error) from error
    asked = Asked(
        guide,
        given["kind"],
        variants(given["platforms"], _alternatives(given["choose"])),
        given["scheduler"],
        given["jobs"],
        security=_security(given),
        strict=given["strict"],
        require_proven=given["require_proven"],
    )
    sys.exit(verify(asked))


@click.command()
@click.argument("scheduler", metavar="ADDRESS")
@click.option("--name", help="What this worker is called; else its address.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    help="How many labs at once; else one for each two processors.",
)
@tls_options
def worker(scheduler: str, name: str | None, jobs: int | None, **given: Any) -> None:
    """Do jobs of `runbook verify --matrix --scheduler ADDRESS` on this machine.

    It is a worker of Dask that says what the machine has: a container engine, KVM, memory,
    platforms. Secrets of guides are looked up here by their names, as `runbook run` does. What a
    worker has left that was killed is removed when it starts.
    """
    try:
        from runbook.fleet.worker import serve, usual_slots
    except ImportError as error:
        raise _needs_dask(error) from error
    serve(scheduler, jobs or usual_slots(), name, _security(given))


def _needs_dask(error: ImportError) -> RunbookError:
    return RunbookError(f"a fleet needs {error.name}: install sphinx-runbook[fleet]")


def _alternatives(choose: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in map(as_choice, choose):
        found.setdefault(name, []).append(value)
    return found


def _security(given: dict[str, Any]) -> Security | None:
    """Return what TLS takes, as Dask has it; its own configuration counts as well."""
    files = {name: given[f"tls_{name}"] for name in ("ca", "cert", "key")}
    if not any(files.values()):
        return None
    from distributed.security import Security

    if not all(files.values()):
        raise click.UsageError("TLS needs all of --tls-ca, --tls-cert and --tls-key")
    roles = ("client", "worker", "scheduler")
    both = {f"tls_{role}_{name}": files[name] for role in roles for name in ("cert", "key")}
    return Security(tls_ca_file=files["ca"], require_encryption=True, **both)
