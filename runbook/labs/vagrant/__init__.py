"""A lab whose hosts are virtual machines on this machine, created by Vagrant in libvirt."""

from runbook.labs.vagrant.lab import VagrantLab

__all__ = ["VagrantLab"]
