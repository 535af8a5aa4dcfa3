"""Run Vagrant, in the namespaces of the lab's libvirt, to create the machines.

Everything else goes through libvirt and ssh directly, because each Vagrant command takes seconds.
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
from runbook.labs.state import CACHE, locked

VAGRANT_HOME: Final = CACHE / "vagrant"
"""Vagrant's home directory, where it keeps its copies of the boxes."""

VERSION: Final = "1.0.0"
"""The version of all built boxes; what tells them apart is a digest in their names."""

_HOST: Final = re.compile(r"Host (\S+)\n((?:[ \t]+.*\n?)*)")


@frozen
class SshConfig:
    """How to log in to a machine that Vagrant has created; `options` are those of ssh."""

    address: str
    port: int
    user: str
    key: str
    options: tuple[str, ...] = ()


@frozen
class VagrantCommand:
    """The `vagrant` command for the Vagrantfile in `directory`, with its data and log in `home`.

    Its command lines begin with `command_prefix`; `settings` are added to its environment.
    """

    directory: Path
    home: Path
    command_prefix: tuple[str, ...]
    settings: Mapping[str, str]

    def add(self, name: str, box: Path) -> None:
        """Add the box in the directory `box` under the name `name`, unless it is there.

        Raises:
            LabError: Vagrant fails.

        """
        VAGRANT_HOME.mkdir(parents=True, exist_ok=True)
        with locked(VAGRANT_HOME):
            if f",box-name,{name}\n" not in self._call("box", "list", "--machine-readable"):
                self._add_box(name, box)

    def _add_box(self, name: str, box: Path) -> None:
        archive, catalog = self.home / "box.tar", self.home / "box.json"
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            members = sorted(one.name for one in box.iterdir())
            subprocess.run(["tar", "-cf", str(archive), "-C", str(box), *members], check=True)
            catalog.write_text(json.dumps(_box_catalog(name, archive)), encoding="utf-8")
            self._call("box", "add", "--force", str(catalog))
        except (OSError, subprocess.CalledProcessError) as error:
            raise LabError(f"box {name}: {error}") from error
        finally:
            archive.unlink(missing_ok=True)
            catalog.unlink(missing_ok=True)

    def up(self) -> None:
        """Create and start all machines, in parallel.

        Raises:
            LabError: Vagrant fails; the message is Vagrant's.

        """
        self._call("--machine-readable", "up", "--provider=libvirt")

    def ssh_configs(self) -> dict[str, SshConfig]:
        """Return how to log in to each machine, by name."""
        return parse_ssh_config(self._call("ssh-config"))

    def _call(self, *words: str) -> str:
        try:
            import vagrant
        except ImportError as error:
            raise LabError(
                "virtual machines need the Python module vagrant: install sphinx-runbook[vagrant]"
            ) from error
        command_prefix = self.command_prefix

        class PrefixedVagrant(vagrant.Vagrant):  # type: ignore[misc]  # it ships no types
            def _make_vagrant_command(self, args: list[str]) -> list[str]:
                # If this program is killed, Vagrant must not go on.
                setpriv = ["setpriv", "--pdeathsig=TERM"]
                return [*command_prefix, *setpriv, *super()._make_vagrant_command(args)]

        environment = {
            **os.environ,
            # Entering a mount namespace resets the working directory.
            "VAGRANT_CWD": str(self.directory),
            # All labs share it, and saved machines boot the kernels of the boxes in it.
            "VAGRANT_HOME": str(VAGRANT_HOME),
            "VAGRANT_DOTFILE_PATH": str(self.home / "machines"),
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            "VAGRANT_NO_COLOR": "1",
            **self.settings,
        }
        caller: Any = PrefixedVagrant(root=str(self.directory), env=environment, err_cm=self._log)
        try:
            return str(caller._run_vagrant_command(list(words)))
        except subprocess.CalledProcessError as error:
            printed = (error.output or b"").decode(errors="replace")
            message = (
                error_message(printed) or self._log_tail() or f"exit status {error.returncode}"
            )
            raise LabError(f"vagrant: {message}") from error

    @contextlib.contextmanager
    def _log(self) -> Iterator[IO[Any]]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "vagrant.log").open("a") as log:
            yield log

    def _log_tail(self) -> str:
        text = (self.home / "vagrant.log").read_text(errors="replace")
        lines = [line.strip() for line in text.splitlines() if not line.startswith("\tfrom ")]
        return " / ".join(line for line in lines[-4:] if line)


def _box_catalog(name: str, archive: Path) -> dict[str, Any]:
    """Return the metadata that gives a box a version, which becomes part of its disk's name."""
    provider = {"name": "libvirt", "url": archive.as_uri()}
    return {"name": name, "versions": [{"version": VERSION, "providers": [provider]}]}


def prune_boxes(used: Container[str]) -> None:
    """Remove Vagrant's copies of all built boxes except those named `used`."""
    VAGRANT_HOME.mkdir(parents=True, exist_ok=True)
    with locked(VAGRANT_HOME):
        for path in (VAGRANT_HOME / "boxes").glob("runbook-VAGRANTSLASH-*"):
            if path.name.removeprefix("runbook-VAGRANTSLASH-") not in used:
                shutil.rmtree(path)


def error_message(output: str) -> str:
    """Return the error in the output of `vagrant --machine-readable`; empty if there is none."""
    for line in output.splitlines():
        words = line.split(",", 4)
        if len(words) == 5 and words[2] == "error-exit":
            text = words[4].replace("%!(VAGRANT_COMMA)", ",").replace("\\n", "\n")
            return " ".join(text.split())
    return ""


def parse_ssh_config(config: str) -> dict[str, SshConfig]:
    """Parse the output of `vagrant ssh-config`; return the settings by machine name."""
    found = {}
    for name, body in _HOST.findall(config):
        settings = dict(line.split(None, 1) for line in body.splitlines() if len(line.split()) > 1)
        found[name] = SshConfig(
            address=settings["HostName"],
            port=int(settings["Port"]),
            user=settings["User"],
            key=settings["IdentityFile"].strip().strip('"'),
        )
    return found
