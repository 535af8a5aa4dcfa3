"""`runbook serve`: its options, and what it hands to the server."""

from __future__ import annotations

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
@click.option("--allow-run", is_flag=True, help="Let who has the address to act run steps.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port on 127.0.0.1; by default any that is free.",
)
@click.option(
    "--every",
    type=click.FloatRange(0),
    metavar="SECONDS",
    default=60.0,
    show_default=True,
    help="How often the checks are evaluated while somebody looks; 0 is only when asked for.",
)
def serve(
    guide: Path,
    kind: str,
    host: str | None,
    inventory: Path | None,
    choose: dict[str, str],
    allow_run: bool,
    port: int,
    every: float,
) -> None:
    """Show the guide in a browser of this machine, with the live state of its steps.

    The pages are those that Sphinx builds. Each step shows on its card whether its checks hold on
    the lab's hosts. With --allow-run there are buttons that run steps, as `runbook follow` does.

    It prints an address with a token: whoever has that may look, or act. Only this machine can
    reach it. End it with Ctrl-C.
    """
    try:
        from runbook.server.serve import Served
        from runbook.server.serve import serve as serve_guide
    except ImportError as error:
        raise RunbookError(
            f"the server needs {error.name}: install sphinx-runbook[serve]"
        ) from error
    serve_guide(Served(guide, kind, host, inventory, choose, port, every, allow_run), click.echo)
