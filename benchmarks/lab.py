"""Measure how long a container lab takes to come up, to come up again, and to go down.

Run as root: `python -m benchmarks.lab [GUIDE] [--image]`. The lab is separate from the guide's own,
but has the same cluster file; it is removed at the end. `--image` also rebuilds the image. Times
are compared with that of a plain container of the same engine, measured in the same run.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from runbook.labs.container import image
from runbook.labs.container.engine import available_engines
from runbook.labs.container.lab import ContainerLab
from runbook.labs.container.recipe import recipes
from runbook.model import cluster

LIMIT = 10.0
ROUNDS = 3


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that `action` takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def silent(_: str) -> None:
    """Ignore a line of progress."""


@contextlib.contextmanager
def separate_lab(guide: Path) -> Iterator[ContainerLab]:
    """Yield a copy of the guide's lab that is not up, and remove it at the end."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(guide / "lab" / "cluster.yaml", directory)
        path = Path(directory)
        lab = ContainerLab(cluster.load(path / "cluster.yaml"), path, "bench")
        try:
            yield lab
        finally:
            lab.down(silent)


def main(guide: Path, *, rebuild: bool) -> bool:
    """Print the figures; return whether the lab came up within the limit."""
    with separate_lab(guide) as lab:
        recipe = next(iter(recipes(lab.cluster).values()))
        if rebuild:
            # Remove only the tag: running containers may use the layers.
            engine = next(available_engines())
            engine.call("tag", recipe.tag, f"{recipe.tag}-before")
            engine.call("untag", recipe.tag, recipe.tag)
            seconds = timed(lambda: image.ensure(engine, recipe, silent))
            print(f"{'image':18}  {seconds:7.2f} s")
        # The first round detects the engine's options and does not count.
        lab.up(silent)
        found = lab.engine(silent)
        options = ["--rm", "--network=none", *found.run_options()]
        plain = statistics.median(
            timed(lambda: found.call("run", *options, recipe.tag, "true")) for _ in range(ROUNDS)
        )
        ups, downs = [], []
        for _ in range(ROUNDS):
            downs.append(timed(lambda: lab.down(silent)))
            ups.append(timed(lambda: lab.up(silent)))
        again = statistics.median(timed(lambda: lab.up(silent)) for _ in range(ROUNDS))
    up, down = statistics.median(ups), statistics.median(downs)
    print(f"plain container     {plain:7.2f} s")
    for label, seconds in (("lab up", up), ("lab up again", again), ("lab down", down)):
        print(f"{label:18}  {seconds:7.2f} s  {seconds / plain:5.1f} x a plain container")
    print(f"{len(lab.cluster.hosts)} hosts ready in {up:.2f} s; the limit is {LIMIT:.0f} s")
    return up <= LIMIT


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if not one.startswith("-")]
    guide = Path(arguments[0] if arguments else ".")
    sys.exit(0 if main(guide, rebuild="--image" in sys.argv) else 1)
