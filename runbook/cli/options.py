"""Arguments and options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

LAB_KINDS = click.Choice(["container", "local", "static", "vagrant"])


def handed_back(ctx: click.Context, _param: click.Parameter, guide: Path) -> Path:
    """Let what root writes for the guide be its owner's, however the command ends."""
    if os.geteuid() == 0:
        from runbook.commands.ownership import hand_back

        ctx.call_on_close(lambda: hand_back(guide))
    return guide


guide_argument = click.argument(
    "guide",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    default=".",
    callback=handed_back,
)


def _as_root_of_a_namespace(ctx: click.Context, _param: click.Parameter, kind: str) -> str:
    """Start again as the root of the user's own containers, if that is what the command takes."""
    if kind == "container" and os.geteuid() != 0 and not ctx.resilient_parsing:
        from runbook.labs.container.rootless import entering

        argv = entering([sys.executable, "-P", "-m", "runbook", *sys.argv[1:]])
        os.execvp(argv[0], argv)  # noqa: S606  # it takes this process's place
    return kind


def _lab_option(default: str = "container", **more: Any) -> Callable[[Any], Any]:
    return click.option(
        "--lab",
        "kind",
        type=LAB_KINDS,
        default=default,
        show_default=True,
        help="The kind of lab.",
        **more,
    )


lab_option = _lab_option()
hosts_option = _lab_option(callback=_as_root_of_a_namespace)
"""The same for commands that need the hosts, and not only what came of them."""
following_option = _lab_option("static", callback=_as_root_of_a_namespace)
"""The same for those who work on machines that are somebody's."""
host_option = click.option(
    "--host",
    metavar="NAME",
    help="With --lab local: the host of the guide that this machine is.",
)
inventory_option = click.option(
    "--inventory",
    metavar="PATH",
    # Not resolved: an inventory finds the files of its variables where its own name stands.
    type=click.Path(path_type=Path),
    callback=lambda _ctx, _param, path: path and path.absolute(),
    help="With --lab static: the inventory, ours or Ansible's; else lab/inventory.yaml.",
)
only_option = click.option(
    "--only",
    metavar="PATTERN",
    multiple=True,
    help="Only steps whose id matches this shell pattern; may be given several times.",
)
choose_option = click.option(
    "--choose",
    metavar="NAME=VALUE",
    multiple=True,
    callback=lambda _ctx, _param, values: dict(as_choice(value) for value in values),
    help="Choose another alternative than the cluster file; may be given several times.",
)
strict_option = click.option("-W", "--strict", is_flag=True, help="Treat warnings as errors.")
lenient_option = click.option(
    "--lenient", is_flag=True, help="Ignore what the guide needs but is not installed here."
)
language_option = click.option(
    "--language",
    metavar="LANGUAGE",
    default="",
    help="Show titles and checks in this language of the guide; what is typed stays the same.",
)
sarif_option = click.option(
    "--sarif",
    "sarif_file",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    default="",
    help="Write what is wrong to this file as SARIF 2.1.0, for code scanning and editors.",
)
annotate_option = click.option(
    "--annotate",
    type=click.Choice(["auto", "github", "none"]),
    default="auto",
    show_default=True,
    help="Annotate the lines of a change; auto does so where GitHub Actions runs the command.",
)


def refuse_stdout(sarif_file: str) -> None:
    """Ensure that a command which shows its progress writes SARIF elsewhere.

    Raises:
        click.UsageError: the file is the standard output.

    """
    if sarif_file == "-":
        raise click.UsageError("--sarif needs a file: the standard output shows the progress")


def as_choice(text: str) -> tuple[str, str]:
    """Return the name and the value of a choice.

    Raises:
        click.BadParameter: `text` is not one.

    """
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE")
    return name, value
