"""How long a lab takes: with the image there, again while it is up, and away.

Run as root: `python -m benchmarks.lab [GUIDE] [--image]`. The lab is made beside the guide's
own, from the same cluster file, and removed at the end. `--image` makes the image anew
as well. A plain container of the same engine, in the same run, is the measure.
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

from runbook import cluster
from runbook.labs import image
from runbook.labs.container import ContainerLab
from runbook.labs.engine import programs
from runbook.labs.recipe import recipes

LIMIT = 10.0
ROUNDS = 3


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that `action` takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def silent(_: str) -> None:
    """Tell nobody."""


@contextlib.contextmanager
def lab_beside(guide: Path) -> Iterator[ContainerLab]:
    """Give a lab as the guide's own is, not yet up, and remove it at the end."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(guide / "lab" / "cluster.yaml", directory)
        path = Path(directory)
        lab = ContainerLab(cluster.load(path / "cluster.yaml"), path, "bench")
        try:
            yield lab
        finally:
            lab.down(silent)


def main(guide: Path, *, anew: bool) -> bool:
    """Print the figures; return whether the limit is kept."""
    with lab_beside(guide) as lab:
        recipe = next(iter(recipes(lab.cluster).values()))
        if anew:
            # The tag goes, the layers stay with whatever runs on them.
            engine = next(programs())
            engine.call("tag", recipe.tag, f"{recipe.tag}-before")
            engine.call("untag", recipe.tag, recipe.tag)
            seconds = timed(lambda: image.ensure(engine, recipe, silent))
            print(f"{'image':18}  {seconds:7.2f} s")
        # The first round finds the engine's options; it is not counted.
        lab.up(silent)
        found = lab.engine(silent)
        options = ["--rm", "--network=none", *found.start()]
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
    sys.exit(0 if main(Path(arguments[0] if arguments else "."), anew="--image" in sys.argv) else 1)
