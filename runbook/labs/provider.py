"""Vagrant, called where the lab's libvirt is: it makes the machines, once, and tells of them.

Everything after that goes over libvirt and ssh themselves: a call of Vagrant takes seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from attrs import frozen

from runbook.labs import LabError
from runbook.labs.engine import CACHE
from runbook.labs.state import locked

BOXES: Final = CACHE / "vagrant"
"""Where Vagrant keeps its boxes."""

VERSION: Final = "1.0.0"
"""The version of every box that is made here; what it is made of is part of its name."""

_HOST: Final = re.compile(r"Host (\S+)\n((?:[ \t]+.*\n?)*)")


@frozen
class Way:
    """How ssh reaches a machine that Vagrant has made, with `options` that its ssh server takes."""

    address: str
    port: int
    user: str
    key: str
    options: tuple[str, ...] = ()


@frozen
class Provider:
    """Vagrant for the Vagrantfile in `directory`, which keeps its files below `home`.

    `beside` is what its command line begins with. What it says goes to `home`/vagrant.log.
    """

    directory: Path
    home: Path
    beside: tuple[str, ...]
    settings: Mapping[str, str]

    def add(self, name: str, box: Path) -> None:
        """Make the box in the directory `box` known as `name`.

        Raises:
            LabError: Vagrant refuses.

        """
        BOXES.mkdir(parents=True, exist_ok=True)
        with locked(BOXES):
            if f",box-name,{name}\n" not in self._call("box", "list", "--machine-readable"):
                self._add(name, box)

    def _add(self, name: str, box: Path) -> None:
        archive, about = self.home / "box.tar", self.home / "box.json"
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            members = sorted(one.name for one in box.iterdir())
            subprocess.run(["tar", "-cf", str(archive), "-C", str(box), *members], check=True)
            about.write_text(json.dumps(_catalogue(name, archive)), encoding="utf-8")
            self._call("box", "add", "--force", str(about))
        except (OSError, subprocess.CalledProcessError) as error:
            raise LabError(f"box {name}: {error}") from error
        finally:
            archive.unlink(missing_ok=True)
            about.unlink(missing_ok=True)

    def up(self) -> None:
        """Make and start all machines, side by side.

        Raises:
            LabError: Vagrant cannot; the message is its own.

        """
        self._call("--machine-readable", "up", "--provider=libvirt")

    def ways(self) -> dict[str, Way]:
        """Return how ssh reaches each machine, by its name; one call for all of them."""
        return ways(self._call("ssh-config"))

    def _call(self, *words: str) -> str:
        try:
            import vagrant
        except ImportError as error:
            raise LabError(
                "virtual machines need the Python module vagrant: install sphinx-runbook[vagrant]"
            ) from error
        beside = self.beside

        class Beside(vagrant.Vagrant):  # type: ignore[misc]  # it ships no types
            def _make_vagrant_command(self, args: list[str]) -> list[str]:
                # It must not go on alone when whoever called it is gone.
                mortal = ["setpriv", "--pdeathsig=TERM"]
                return [*beside, *mortal, *super()._make_vagrant_command(args)]

        environment = {
            **os.environ,
            # A mount namespace of its own forgets which directory we are in.
            "VAGRANT_CWD": str(self.directory),
            # Boxes are there for all labs, and machines that were kept stand on their kernels.
            "VAGRANT_HOME": str(BOXES),
            "VAGRANT_DOTFILE_PATH": str(self.home / "machines"),
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            "VAGRANT_NO_COLOR": "1",
            **self.settings,
        }
        caller: Any = Beside(root=str(self.directory), env=environment, err_cm=self._log)
        try:
            return str(caller._run_vagrant_command(list(words)))
        except subprocess.CalledProcessError as error:
            printed = (error.output or b"").decode(errors="replace")
            said = complaint(printed) or self._tail() or f"exit status {error.returncode}"
            raise LabError(f"vagrant: {said}") from error

    @contextlib.contextmanager
    def _log(self) -> Iterator[IO[Any]]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "vagrant.log").open("a") as log:
            yield log

    def _tail(self) -> str:
        text = (self.home / "vagrant.log").read_text(errors="replace")
        lines = [line.strip() for line in text.splitlines() if not line.startswith("\tfrom ")]
        return " / ".join(line for line in lines[-4:] if line)


def _catalogue(name: str, archive: Path) -> dict[str, Any]:
    """Return what makes Vagrant take a box with a version, which it names the disk after."""
    provider = {"name": "libvirt", "url": archive.as_uri()}
    return {"name": name, "versions": [{"version": VERSION, "providers": [provider]}]}


def discard(used: Container[str]) -> None:
    """Let Vagrant forget the boxes that were made here, but for those whose names are `used`."""
    BOXES.mkdir(parents=True, exist_ok=True)
    with locked(BOXES):
        for path in (BOXES / "boxes").glob("runbook-VAGRANTSLASH-*"):
            if path.name.removeprefix("runbook-VAGRANTSLASH-") not in used:
                shutil.rmtree(path)


def complaint(output: str) -> str:
    """Return the error in what `vagrant --machine-readable` printed; empty if there is none."""
    for line in output.splitlines():
        words = line.split(",", 4)
        if len(words) == 5 and words[2] == "error-exit":
            said = words[4].replace("%!(VAGRANT_COMMA)", ",").replace("\\n", "\n")
            return " ".join(said.split())
    return ""


def ways(config: str) -> dict[str, Way]:
    """Return what `vagrant ssh-config` prints, by the machines' names."""
    found = {}
    for name, body in _HOST.findall(config):
        said = dict(line.split(None, 1) for line in body.splitlines() if len(line.split()) > 1)
        found[name] = Way(
            address=said["HostName"],
            port=int(said["Port"]),
            user=said["User"],
            key=said["IdentityFile"].strip().strip('"'),
        )
    return found
