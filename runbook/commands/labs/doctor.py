"""`runbook lab doctor`: whether and how containers and virtual machines can run on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from runbook.labs import LabError
from runbook.labs.container import confinement, network, rootless
from runbook.labs.container.engine import default_engine
from runbook.labs.vagrant import acceleration, requirements
from runbook.labs.vagrant.box import BOXES
from runbook.labs.vagrant.libvirtd import system

_WORDS = {True: "yes", False: "no", None: "-"}


def diagnose(kind: str | None, *, again: bool) -> int:
    """Show what was found about the labs of that kind, or about both; return the exit status.

    It is 0 if hosts run at full speed, 1 if they are emulated and 3 if they cannot run; about
    both, that of virtual machines.
    """
    status = 0
    if kind in (None, "container"):
        status = diagnose_containers()
    if kind is None:
        click.echo()
    if kind in (None, "vagrant"):
        status = diagnose_machines(again=again)
    return status


def diagnose_containers() -> int:
    """Show whether containers can run, without starting one; 0 if nothing is missing, else 3."""
    lacking = [f"{one} is missing" for one in network.missing()]
    if os.geteuid() != 0:
        return _diagnose_rootless(lacking)
    confined = confinement.missing()
    try:
        click.echo(f"yes  {'engine':20} {default_engine()}")
    except LabError as error:
        # Without its privileges an engine fails with words that do not name them.
        if not confined:
            lacking.append(str(error))
    for one in (*lacking, *confined):
        click.echo(f"no   {one}")
    if not lacking and not confined:
        click.echo("\nNothing is missing for containers.")
        return 0
    click.echo("\nContainers cannot run here.")
    for line in confinement.ADVICE if confined else ():
        click.echo(f"  {line}")
    return 3


def _diagnose_rootless(lacking: Sequence[str]) -> int:
    """Show whether a user who is not root can have containers; 0 if nothing is missing, else 3."""
    for one in lacking:
        click.echo(f"no   {one}")
    lacks = rootless.missing()
    for lack in lacks:
        click.echo(f"no   {lack.what}")
        for command in lack.commands:
            click.echo(f"         {command}")
    if not lacking and not lacks:
        click.echo("\nNothing is missing for containers of your own, without root.")
        return 0
    click.echo("\nContainers of your own cannot run here. Try it as root, for those of root.")
    return 3


def diagnose_machines(*, again: bool) -> int:
    """Show what was found of virtual machines: 0 full speed, 1 emulated, 3 neither."""
    found = acceleration.detect(acceleration.find_kernel(*sorted(BOXES.glob("*-*"))), refresh=again)
    for one in found.findings:
        click.echo(f"{_WORDS[one.ok]:4} {one.subject:20} {one.detail}")
    there = system()
    libvirt = "the system's is running and will be used" if there else "a lab starts its own"
    click.echo(f"-    {'libvirt':20} {libvirt}")
    if os.geteuid() != 0:
        click.echo(f"-    {'root':20} you are not; a lab of virtual machines needs it")
    lacking = requirements.missing()
    for tool in lacking:
        click.echo(f"no   {tool}")
    possible = found.possible and not lacking
    if not possible:
        click.echo("\nVirtual machines cannot run here.")
    elif found.kvm:
        click.echo("\nVirtual machines run at full speed.")
    else:
        click.echo("\nVirtual machines are emulated.")
    for line in found.advice:
        click.echo(f"  {line}")
    return 3 if not possible else 0 if found.kvm else 1
