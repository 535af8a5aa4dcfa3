"""Make the image that a lab's hosts start from, once for each recipe."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runbook.labs import LabError
from runbook.labs.engine import CACHE, Engine
from runbook.labs.recipe import FINISH, Recipe
from runbook.labs.registry import settings
from runbook.labs.state import locked

BASE: Final = ("systemd-sysv", "dbus")
"""What every host needs to boot, beside the essential packages."""

LABEL: Final = "org.sphinx-runbook.image"

_MAKING: Final = "making-"
_TIMEOUT: Final = 1800.0


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


def bootstrap_argv(recipe: Recipe, acquire: tuple[str, ...], archive: Path) -> list[str]:
    """Return the command that writes the system of `recipe` to the tar file `archive`.

    It takes the distribution's own default source of packages. `acquire` are settings of
    this machine's apt for the way there.
    """
    return [
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--format=tar",
        f"--include={','.join([*BASE, *recipe.packages])}",
        *(f"--aptopt={setting}" for setting in acquire),
        # The same as in image.sh, where it is for what the steps install.
        "--dpkgopt=force-unsafe-io",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        "--dpkgopt=path-exclude=/usr/share/info/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        '--customize-hook=rm -f "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap',
        f'--customize-hook=chroot "$1" sh -s <{shlex.quote(str(FINISH))}',
        recipe.suite,
        str(archive),
    ]


def containerfile(recipe: Recipe) -> str:
    """Return the instructions that make the image from the distribution's public one."""
    packages = " ".join([*BASE, *recipe.packages])
    install = f"apt-get install -y --no-install-recommends {packages}"
    return "\n".join(
        [
            f"FROM debian:{recipe.suite}-slim",
            f"COPY {FINISH.name} /tmp/",
            f"RUN apt-get update && DEBIAN_FRONTEND=noninteractive {install} && apt-get clean",
            f"RUN sh /tmp/{FINISH.name} && rm /tmp/{FINISH.name}",
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
    with _workplace() as directory:
        archive = directory / "system.tar"
        # Without us nobody would wait for it, so it ends when we are killed, and cleans up.
        argv = ["setpriv", "--pdeathsig=TERM", *bootstrap_argv(recipe, settings(), archive)]
        with subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "TMPDIR": str(directory)},
            start_new_session=True,
        ) as process:
            try:
                _, complaint = process.communicate(timeout=_TIMEOUT)
            except BaseException:
                process.terminate()
                raise
        if process.returncode != 0:
            said = complaint.strip().splitlines()[-5:]
            raise LabError(f"mmdebstrap: {' / '.join(said) or process.returncode}")
        engine.call("import", f"--change=LABEL {LABEL}={recipe.platform}", str(archive), recipe.tag)


@contextmanager
def _workplace() -> Iterator[Path]:
    """Make a directory for one image, after removing what a killed process left behind."""
    for left in CACHE.glob(f"{_MAKING}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_MAKING, dir=CACHE) as directory:
        # The user that unpacks packages has to reach it.
        Path(directory).chmod(0o755)
        yield Path(directory)


def _build(engine: Engine, recipe: Recipe) -> None:
    with _workplace() as context:
        (context / "Containerfile").write_text(containerfile(recipe), encoding="utf-8")
        shutil.copy(FINISH, context)
        engine.call(
            "build",
            *engine.limits(),
            f"--label={LABEL}={recipe.platform}",
            f"--tag={recipe.tag}",
            f"--file={context / 'Containerfile'}",
            str(context),
        )
