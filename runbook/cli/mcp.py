"""`runbook mcp`: its options, and what it hands to the server."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from runbook.cli.options import (
    choose_option,
    guide_argument,
    host_option,
    hosts_option,
    inventory_option,
)
from runbook.errors import RunbookError


@click.command()
@guide_argument
@hosts_option
@host_option
@inventory_option
@choose_option
@click.option(
    "--allow-run", is_flag=True, help="Let the agent run steps, each with consent; else it reads."
)
@click.option(
    "--policy", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="What may run without a person being asked; see `runbook schema policy`.",
)  # fmt: skip
@click.option("--who", metavar="NAME", default="", help="Whose server this is; default: you.")
def mcp(
    guide: Path,
    kind: str,
    host: str | None,
    inventory: Path | None,
    choose: dict[str, str],
    allow_run: bool,
    policy: Path | None,
    who: str,
) -> None:
    """Give the guide to an AI agent, by the Model Context Protocol on standard input and output.

    The agent's client starts it. The agent reads the plan, has checks evaluated, and runs the
    present step if the policy or a person consents. It cannot skip a step, mark one as done, open a
    shell or see a secret. Every call is in the journal.
    """
    try:
        from runbook.mcp_server.server import serve
    except ImportError as error:
        raise RunbookError(
            f"the server for agents needs {error.name}: install sphinx-runbook[mcp]"
        ) from error
    from runbook.following import open_following
    from runbook.model.policy import load

    if policy is not None and not allow_run:
        raise click.UsageError("--policy is about runs, so it requires --allow-run")
    permissions = load(policy) if policy is not None else ()

    def log(line: str) -> None:
        # The standard output belongs to the protocol.
        print(line, file=sys.stderr, flush=True)  # noqa: T201

    with open_following(
        guide, kind, who=who, host=host, inventory=inventory, chosen=choose, log=log, act=True
    ) as session:
        serve(session, permissions, may_run=allow_run)
