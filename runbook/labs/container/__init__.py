"""A lab whose hosts are systemd containers on this machine."""

from runbook.labs.container.lab import ContainerLab

__all__ = ["ContainerLab"]
