"""Make the image that a lab's hosts start from, once for each recipe."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runbook.labs import LabError, debian
from runbook.labs.engine import CACHE, Engine
from runbook.labs.recipe import FINISH, Recipe
from runbook.labs.registry import settings
from runbook.labs.state import locked

BASE: Final = ("systemd-sysv", "dbus")
"""What every host needs to boot, beside the essential packages."""

LABEL: Final = "org.sphinx-runbook.image"

_SCRIPT: Final = "finish.sh"


def ensure(engine: Engine, recipe: Recipe, tell: Callable[[str], None]) -> str:
    """Return the image of `recipe`, made now if there is none yet.

    Raises:
        LabError: it cannot be made.

    """
    CACHE.mkdir(parents=True, exist_ok=True)
    # Two labs that start at the same time make one image.
    with locked(CACHE):
        if _exists(engine, recipe.tag):
            return recipe.tag
        began = time.monotonic()
        if bootstraps():
            tell(f"image: making {recipe.platform} from its packages, once")
            _bootstrap(engine, recipe)
        else:
            tell(f"image: making {recipe.platform} from its public base image, once")
            _build(engine, recipe)
        tell(f"image: {recipe.tag} made in {time.monotonic() - began:.0f} s")
    return recipe.tag


def bootstraps() -> bool:
    """Tell whether images are made from packages, without the engine starting anything."""
    return shutil.which("mmdebstrap") is not None


def remove(engine: Engine, recipe: Recipe) -> bool:
    """Remove the image of `recipe`; return whether there was one.

    Raises:
        LabError: it is in use, by another lab for example.

    """
    if not _exists(engine, recipe.tag):
        return False
    engine.call("image", "rm", recipe.tag)
    return True


def bootstrap_argv(recipe: Recipe, acquire: tuple[str, ...], place: Path) -> list[str]:
    """Return the command that writes the system of `recipe` to `place`/system.tar.

    `place` has the script that ends it. `acquire` are settings of this machine's apt for the way
    to the distribution's own default source of packages.
    """
    packages = (*BASE, *recipe.packages)
    script = place / _SCRIPT
    return debian.argv(
        recipe.suite, packages, place / "system.tar", script, archive=True, acquire=acquire
    )


def containerfile(recipe: Recipe) -> str:
    """Return the instructions that make the image from the distribution's public one."""
    packages = " ".join([*BASE, *recipe.packages])
    install = f"apt-get install -y --no-install-recommends {packages}"
    return "\n".join(
        [
            f"FROM debian:{recipe.suite}-slim",
            f"COPY {_SCRIPT} /tmp/",
            f"RUN apt-get update && DEBIAN_FRONTEND=noninteractive {install} && apt-get clean",
            f"RUN sh /tmp/{_SCRIPT} && rm /tmp/{_SCRIPT}",
            "",
        ]
    )


def _exists(engine: Engine, tag: str) -> bool:
    try:
        engine.call("image", "inspect", "--format={{.Id}}", tag)
    except LabError:
        return False
    return True


def _bootstrap(engine: Engine, recipe: Recipe) -> None:
    # The archive goes to a file first: an import of half an archive is an image too.
    with _workplace() as place:
        debian.run(bootstrap_argv(recipe, settings(), place), place)
        label = f"--change=LABEL {LABEL}={recipe.platform}"
        engine.call("import", label, str(place / "system.tar"), recipe.tag)


def _build(engine: Engine, recipe: Recipe) -> None:
    with _workplace() as context:
        (context / "Containerfile").write_text(containerfile(recipe), encoding="utf-8")
        engine.call(
            "build",
            *engine.limits(),
            f"--label={LABEL}={recipe.platform}",
            f"--tag={recipe.tag}",
            f"--file={context / 'Containerfile'}",
            str(context),
        )


@contextmanager
def _workplace() -> Iterator[Path]:
    """Make a directory for one image, with the script that ends its making."""
    with debian.workplace(CACHE) as place:
        (place / _SCRIPT).write_text(debian.finish(FINISH), encoding="utf-8")
        yield place
