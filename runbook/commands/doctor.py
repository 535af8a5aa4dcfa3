"""`runbook lab doctor`: whether and how containers and virtual machines can run on this machine."""

from __future__ import annotations

import os

import click

from runbook.labs import LabError
from runbook.labs.container import confinement, network
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
        lacking.append("you are not root, whom a lab of containers needs")
    confined = confinement.missing() if os.geteuid() == 0 else []
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
