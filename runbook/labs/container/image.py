"""Build the image that the hosts of a lab start from, once per recipe."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runbook.labs import LabError, Progress, debian
from runbook.labs.apt import apt_settings
from runbook.labs.container.engine import ContainerInfo, Engine, find_working
from runbook.labs.container.recipe import SETUP_SCRIPT, Recipe
from runbook.labs.installation import Installation
from runbook.labs.state import CACHE, locked

BASE_PACKAGES: Final = ("systemd-sysv", "dbus")
"""The packages that every host needs to boot, besides the essential ones."""

IMAGE_LABEL: Final = "org.sphinx-runbook.image"

_SCRIPT: Final = "finish.sh"


def ensure(engine: Engine, recipe: Recipe, progress: Progress) -> str:
    """Return the tag of the image of `recipe`, which is built if it does not exist.

    Raises:
        LabError: it cannot be built.

    """
    CACHE.mkdir(parents=True, exist_ok=True)
    if identifier(engine, recipe):
        return recipe.tag

    def tell(holder: str) -> None:
        progress(f"image: waiting for {holder}, and builds an image as well")

    # Two labs that start at the same time build one image.
    with locked(CACHE, tell):
        if identifier(engine, recipe):
            return recipe.tag
        began = time.monotonic()
        if uses_mmdebstrap():
            progress(f"image: building {recipe.platform} from packages; this is done once")
            _bootstrap(engine, recipe, progress)
        else:
            progress(
                f"image: building {recipe.platform} from its public base image; this is done once"
            )
            _build(engine, recipe, progress)
        progress(f"image: {recipe.tag} built in {time.monotonic() - began:.0f} s")
    return recipe.tag


def uses_mmdebstrap() -> bool:
    """Return whether images are built from packages, without running anything in the engine."""
    return shutil.which("mmdebstrap") is not None


def remove(engine: Engine, recipe: Recipe) -> bool:
    """Remove the image of `recipe`; return whether it existed.

    Raises:
        LabError: it is in use, for example by another lab.

    """
    if not identifier(engine, recipe):
        return False
    engine.call("image", "rm", recipe.tag)
    return True


def engine_with_images(
    engine: Engine,
    recipes: Sequence[Recipe],
    try_boot: Callable[[Engine], None],
    progress: Progress,
) -> Engine:
    """Return `engine` with options by which `try_boot` succeeds; images that are missing are built.

    Raises:
        LabError: there are no such options, or an image cannot be built.

    """

    def build_images(candidate: Engine) -> None:
        for recipe in recipes:
            ensure(candidate, recipe, progress)

    def attempt(candidate: Engine) -> None:
        if not uses_mmdebstrap():
            # The build runs containers, so it needs the options that are being tried.
            build_images(candidate)
        try_boot(candidate)

    if uses_mmdebstrap():
        build_images(engine)
    working = find_working(engine, attempt, progress)
    if not uses_mmdebstrap():
        build_images(working)
    return working


def identifier(engine: Engine, recipe: Recipe) -> str:
    """Return the engine's identifier of the image of `recipe`; empty if there is none."""
    try:
        return _bare(engine.call("image", "inspect", "--format={{.Id}}", recipe.tag))
    except LabError:
        return ""


def identifiers(engine: Engine, recipes: Iterable[Recipe]) -> dict[Recipe, str]:
    """Return the `identifier` of the image of each of `recipes`."""
    return {recipe: identifier(engine, recipe) for recipe in dict.fromkeys(recipes)}


def of(container: ContainerInfo) -> str:
    """Return the `identifier` of the image that a container is made of."""
    return _bare(str(container["Image"]))


def bootstrap_argv(recipe: Recipe, acquire: tuple[str, ...], directory: Path) -> list[str]:
    """Return the command that writes the system of `recipe` to `directory`/system.tar.

    `directory` holds the setup script. `acquire` are apt settings for reaching the package archive.
    """
    packages = (*BASE_PACKAGES, *recipe.packages)
    script = directory / _SCRIPT
    return debian.mmdebstrap_argv(
        recipe.suite, packages, directory / "system.tar", script, archive=True, acquire=acquire
    )


def containerfile(recipe: Recipe) -> str:
    """Return the Containerfile that builds the image from the distribution's public one."""
    packages = " ".join([*BASE_PACKAGES, *recipe.packages])
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


def _bare(identifier: str) -> str:
    return identifier.strip().removeprefix("sha256:")


def _bootstrap(engine: Engine, recipe: Recipe, progress: Progress) -> None:
    # Write the archive to a file first: importing half of one would succeed as well.
    with _build_context() as directory:
        installation = Installation(progress, "image")
        command = bootstrap_argv(recipe, apt_settings(), directory)
        debian.run(command, directory, installation.read)
        installation.enter(f"importing it to {engine.program}")
        label = f"--change=LABEL {IMAGE_LABEL}={recipe.platform}"
        engine.call("import", label, str(directory / "system.tar"), recipe.tag)


def _build(engine: Engine, recipe: Recipe, progress: Progress) -> None:
    with _build_context() as context:
        (context / "Containerfile").write_text(containerfile(recipe), encoding="utf-8")
        command = engine.argv(
            "build",
            *engine.ulimit_options(),
            f"--label={IMAGE_LABEL}={recipe.platform}",
            f"--tag={recipe.tag}",
            f"--file={context / 'Containerfile'}",
            str(context),
        )
        debian.run(command, context, Installation(progress, "image").read)


@contextmanager
def _build_context() -> Iterator[Path]:
    """Create a directory with the setup script in it."""
    with debian.build_directory(CACHE) as directory:
        (directory / _SCRIPT).write_text(debian.setup_script(SETUP_SCRIPT), encoding="utf-8")
        yield directory
