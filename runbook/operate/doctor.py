"""`runbook lab doctor`: what virtual machines find on this machine, why, and what can be done."""

from __future__ import annotations

import os

import click

from runbook.labs import acceleration, needs
from runbook.labs.box import PLACE
from runbook.labs.home import system

_WORDS = {True: "yes", False: "no", None: "-"}


def diagnose(*, again: bool) -> int:
    """Show what was found and return the exit status: 0 full speed, 1 emulated, 3 not at all."""
    found = acceleration.examine(acceleration.kernel(*sorted(PLACE.glob("*-*"))), again=again)
    for one in found.findings:
        click.echo(f"{_WORDS[one.good]:4} {one.subject:20} {one.said}")
    there = system()
    libvirt = "the system's is running and will be used" if there else "a lab starts its own"
    click.echo(f"-    {'libvirt':20} {libvirt}")
    if os.geteuid() != 0:
        click.echo(f"-    {'root':20} you are not; a lab of virtual machines needs it")
    lacking = needs.missing()
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
