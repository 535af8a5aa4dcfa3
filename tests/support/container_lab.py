"""A lab of containers that is up for as long as a test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runbook.labs.container.lab import ContainerLab
from runbook.model import cluster


@contextmanager
def container_lab(description: str, directory: Path) -> Iterator[ContainerLab]:
    """Give a lab of the hosts that a cluster file of that text describes, until it is left."""
    path = directory / "cluster.yaml"
    path.write_text(description)
    lab = ContainerLab(cluster.load(path), directory)
    try:
        lab.up(print)
        yield lab
    finally:
        lab.down(print)
