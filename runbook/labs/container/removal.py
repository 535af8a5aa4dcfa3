"""Remove what a lab of containers has left in the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from runbook.labs import Progress
from runbook.labs.container import image
from runbook.labs.container.containers import LAB_LABEL, container_name
from runbook.labs.container.engine import Engine
from runbook.labs.container.recipe import Recipe


def remove_hosts(engine: Engine, names: Collection[str]) -> None:
    """Remove the containers `names` and their volumes, as far as they exist."""
    engine.remove(*names)
    engine.call("volume", "rm", "--force", *names)


def remove_strangers(engine: Engine, lab: str, names: Collection[str], progress: Progress) -> None:
    """Remove the containers of `lab` that are not among `names`: their hosts are in no cluster."""
    listed = engine.call("ps", "--all", f"--filter=label={LAB_LABEL}={lab}", "--format={{.Names}}")
    for name in sorted(set(listed.split()) - set(names)):
        host = name.removeprefix(container_name(lab, ""))
        progress(f"{host}: removed, because it is not in the cluster")
        remove_hosts(engine, [name])


def remove_all(engine: Engine, lab: str, names: Collection[str]) -> tuple[int, int]:
    """Remove everything of `lab`; return how many containers and volumes it had."""
    labelled = ["--quiet", f"--filter=label={LAB_LABEL}={lab}"]
    containers = engine.call("ps", "--all", *labelled).split()
    engine.remove(*containers, *names)
    volumes = engine.call("volume", "ls", *labelled).split()
    if volumes:
        engine.call("volume", "rm", "--force", *volumes)
    return len(containers), len(volumes)


def remove_images(engine: Engine, recipes: Iterable[Recipe], lab: str, progress: Progress) -> None:
    """Remove the images of `recipes`."""
    for recipe in dict.fromkeys(recipes):
        if image.remove(engine, recipe):
            progress(f"{lab}: removed the image {recipe.tag}")
