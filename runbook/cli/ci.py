"""The command that prints a job for a service: `ci`."""

from __future__ import annotations

from pathlib import Path

import click

from runbook.cli.options import guide_argument, host_option


@click.command()
@click.argument("service", type=click.Choice(["github", "gitlab"]))
@guide_argument
@click.option(
    "--lab",
    "kind",
    type=click.Choice(["container", "local"]),
    default="container",
    show_default=True,
    help="The kind of lab. With local the job's own container is the host, without privileges.",
)
@host_option
def ci(service: str, guide: Path, kind: str, host: str | None) -> None:
    """Print a job that lints the guide and proves it at every change.

    \b
    Save it where the service looks for it, at the root of the repository:
      runbook ci github >.github/workflows/guide.yml
      runbook ci gitlab >.gitlab-ci.yml
    """  # noqa: D301  # click wants the backspace character itself
    from runbook.commands.authoring.ci import job_text

    click.echo(job_text(service, guide, kind, host), nl=False)
