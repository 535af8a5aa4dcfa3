"""`runbook lab doctor`: whether and how virtual machines can run on this machine."""

from __future__ import annotations

import os

import click

from runbook.labs.vagrant import acceleration, requirements
from runbook.labs.vagrant.box import BOXES
from runbook.labs.vagrant.libvirtd import system

_WORDS = {True: "yes", False: "no", None: "-"}


def diagnose(*, again: bool) -> int:
    """Show what was found, and return the exit status: 0 full speed, 1 emulated, 3 neither."""
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
