"""The command line of `runbook`.

Imports are inside the commands on purpose: `runbook --help` must not wait for Sphinx.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Final

import click

from runbook import __version__
from runbook.cli import lab, plan
from runbook.cli.check import check
from runbook.cli.ci import ci
from runbook.cli.follow import follow, record
from runbook.cli.init import init
from runbook.cli.mcp import mcp
from runbook.cli.mutate import mutate
from runbook.cli.options import (
    LAB_KINDS,
    guide_argument,
    lab_option,
    only_option,
    refuse_stdout,
    sarif_option,
)
from runbook.cli.run import run
from runbook.cli.serve import serve
from runbook.cli.verify import verify, worker
from runbook.errors import RunbookError

_TERMINATION: Final = 4.0
"""Seconds in which a program that is terminated may still do something."""

SCHEMAS: Final = (
    "cluster",
    "drift",
    "evidence",
    "inventory",
    "journal",
    "mutants",
    "mutation",
    "plan",
    "policy",
    "sources",
    "terms",
)
"""The files that have a schema; what makes them is imported only when it is needed."""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class _Group(click.Group):
    """A group that reports expected errors as a message and an exit status, without traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RunbookError as error:
            click.echo(f"runbook: {error}", err=True)
            sys.exit(3)
        except (KeyboardInterrupt, click.Abort):
            click.echo("\nrunbook: interrupted", err=True)
            sys.exit(130)
        except BrokenPipeError:
            _discard_output()
            sys.exit(141)
        except OSError as error:
            _discard_output()
            where = error.filename or "standard output"
            click.echo(f"runbook: {where}: {error.strerror}", err=True)
            sys.exit(3)


def _discard_output() -> None:
    """Keep Python from failing again when it flushes the standard output at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _terminate(*_: object) -> None:
    """Handle termination like an interrupt: hosts closed, journal and reports complete.

    What takes too long, such as a check that waits in Python, is not waited for: every outcome that
    was told is on the disk, and hosts that are watched end what they were doing.
    """
    ending = threading.Timer(_TERMINATION, _exit_at_once)
    ending.daemon = True
    ending.start()
    raise KeyboardInterrupt


def _exit_at_once() -> None:
    os.write(2, b"runbook: ended in the middle of its work; the next run goes on from there\n")
    os._exit(130)


@click.group(cls=_Group, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="runbook")
def main() -> None:
    """Turn a Sphinx guide into steps, run them on a lab, and prove every one.

    GUIDE is a directory with a conf.py; the default is the current directory.
    """
    signal.signal(signal.SIGTERM, _terminate)
    # So is the loss of the terminal, unless it is ignored (nohup).
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


@main.command()
@guide_argument
@lab_option
@only_option
@click.option("--write", is_flag=True, help="Change the guide instead of showing a patch.")
def accept(guide: Path, kind: str, only: tuple[str, ...], write: bool) -> None:
    """Show how the output of the last run differs from the guide.

    The differences are shown as a patch, or with --write applied to the guide. Only literal lines
    change; answers, remarks, patterns and `...` stay. A difference with which the guide would have
    other commands is skipped, and said. Exit status 1 if there is a difference that was not
    written.
    """
    from runbook.commands.authoring.accept import accept
    from runbook.commands.guide import planned
    from runbook.execution.selection import Selection

    sys.exit(accept(guide, kind, planned(guide), Selection(only=only), write=write))


@main.command()
@guide_argument
@lab_option
@only_option
def propose(guide: Path, kind: str, only: tuple[str, ...]) -> None:
    """Print the checks that are missing for what the steps of the last run changed.

    The run must have been one with --observe. Each check stands below the file and line where it
    belongs. What `:unchecked:` of a step or `runbook_unchecked` in conf.py leaves out is not
    proposed. Exit status 1 if a check is missing.
    """
    from runbook.commands.evidence.propose import propose
    from runbook.commands.guide import planned
    from runbook.execution.selection import Selection

    sys.exit(propose(guide, kind, planned(guide), Selection(only=only)))


@main.command()
@guide_argument
@click.option("--lab", "kind", type=LAB_KINDS, help="The kind of lab; else that of the last run.")
@sarif_option
def report(guide: Path, kind: str | None, sarif_file: str) -> None:
    """Write the reports of the last run again, and show its summary.

    The exit status is that of the run.
    """
    from runbook.commands.authoring.diagnostics import diagnostics
    from runbook.commands.evidence.report import last_report

    refuse_stdout(sarif_file)
    category = f"run/{kind}" if kind else "run"
    # The run has annotated the lines itself.
    with diagnostics(guide, category, sarif_file, "none") as found:
        status = last_report(guide, kind or "", found.add_run)
    sys.exit(status)


@main.command()
@guide_argument
@lab_option
@click.option(
    "--sign",
    "key",
    metavar="KEY",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sign what the runs have shown with this SSH key: a private one, or a public one whose "
    "private one the agent has. The receipt in lab/receipts can be sent to others.",
)
@click.option(
    "--take",
    metavar="RECEIPT",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take what somebody else has run and signed, if their key is in lab/allowed_signers.",
)
@click.option(
    "--recordings",
    metavar="DIRECTORY",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="With --take: their lab/evidence/recordings; what is not as they signed it is left out.",
)
def evidence(
    guide: Path, kind: str, key: Path | None, take: Path | None, recordings: Path | None
) -> None:
    """Save the results of the last runs as evidence, for the pages of the guide.

    Takes the last run on the lab, the last one with --undo, and the last rehearsal. The files
    in lab/evidence are small and meant to be committed.
    """
    from runbook.commands.evidence.evidence import keep
    from runbook.commands.guide import planned

    if take is not None:
        from runbook.commands.evidence import receipts

        if key is not None:
            raise click.UsageError("--sign signs your own runs, --take takes somebody else's")
        receipts.take(guide, planned(guide), take, recordings)
    elif recordings is not None:
        raise click.UsageError("--recordings are those of a receipt: --take it")
    else:
        keep(guide, kind, planned(guide), key)


@main.command("verify-evidence")
@guide_argument
@click.option("--require-signed", is_flag=True, help="Proofs that nobody has signed are bad, too.")
def verify_evidence(guide: Path, *, require_signed: bool) -> None:
    """Verify the signatures of the guide's evidence, and show who has run it.

    The exit status is 1 if a receipt was altered or is missing, or if its signer is not in
    lab/allowed_signers or in lab/revoked_keys.
    """
    from runbook.commands.evidence import receipts
    from runbook.commands.guide import planned

    sys.exit(receipts.verify(guide, planned(guide), require_signed=require_signed))


@main.command()
@click.argument("name", metavar="[NAME]", type=click.Choice(SCHEMAS), required=False)
@click.option(
    "--write",
    "directory",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write all of them into this directory, as NAME.schema.json.",
)
def schema(name: str | None, directory: Path | None) -> None:
    """Print the JSON Schema of a file that a guide has or a run writes.

    NAME is cluster, drift, evidence, inventory, journal, mutants, mutation, plan, sources or terms.

    An editor that knows it completes keys and marks mistakes. `runbook plan` writes all of them
    into build/schemas. The first line of lab/cluster.yaml names its own:
    # yaml-language-server: $schema=../build/schemas/cluster.schema.json
    """
    from runbook.commands.schema import schema_text, write_schemas

    if (name is None) == (directory is None):
        raise click.UsageError("give either the NAME of a file or --write DIR")
    if name is not None:
        click.echo(schema_text(name))
    if directory is not None:
        write_schemas(directory)


@main.command()
def lsp() -> None:
    """Serve an editor that speaks the Language Server Protocol.

    The editor starts it, and talks to it on standard input and output. It reads the guides whose
    files are open, as `runbook plan` does, and runs nothing.
    """
    try:
        from runbook.language_server.features import serve
    except ImportError as error:
        raise RunbookError(
            f"the language server needs {error.name}: install sphinx-runbook[lsp]"
        ) from error
    serve()


for command in (
    init,
    run,
    follow,
    record,
    verify,
    worker,
    check,
    serve,
    mutate,
    ci,
    plan.plan,
    plan.lint,
    plan.translations,
    plan.rehearse,
    lab.lab,
    mcp,
):
    main.add_command(command)
