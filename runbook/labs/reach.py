"""How a lab's virtual machines are reached by ssh: noted when they are made, waited for later."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from attrs import asdict, evolve, frozen

from runbook.connect import Connection, SshConnection
from runbook.errors import RunbookError
from runbook.labs import LabError
from runbook.labs.provider import Way
from runbook.pipe import Pipe, PipeResult

_FILES: Final = ("known_hosts", "ways.json")
"""The last one says that all is noted."""
_DATA: Final = (
    "mkfs.ext4 -q -F /dev/vdb && mkdir -p {place} && mount /dev/vdb {place}"
    " && echo '/dev/vdb {place} ext4 defaults 0 2' >>/etc/fstab"
)
_OPTIONS: Final = {
    # Its ssh server signs in no way that ssh takes unasked.
    "el6": ("HostKeyAlgorithms=+ssh-rsa", "PubkeyAcceptedAlgorithms=+ssh-rsa"),
}
_PAUSE: Final = 0.25
_ATTEMPT: Final = 60.0
"""Seconds that an emulated machine may need to let somebody in when it is busy."""


@frozen
class Reach:
    """The notes in `directory`: addresses, users and keys, and the keys of the machines."""

    directory: Path

    @property
    def known(self) -> bool:
        """Whether it is noted how the machines are reached, which is so when all are made."""
        return (self.directory / _FILES[-1]).exists()

    def note(
        self, ways: Mapping[str, Way], platforms: Mapping[str, str], through: tuple[str, ...]
    ) -> None:
        """Note `ways`, and the keys of the machines, which were made a moment ago.

        Raises:
            LabError: a machine's ssh server does not tell its key.

        """
        keys = ""
        for name, way in ways.items():
            # Nobody else is in the network of a machine that is a minute old.
            scan = ["ssh-keyscan", "-T", "60", "-p", str(way.port), way.address]
            done = subprocess.run([*through, *scan], capture_output=True, text=True, check=False)
            if not done.stdout:
                raise LabError(f"{name}: its ssh server does not tell its key")
            keys += done.stdout
        (self.directory / "known_hosts").write_text(keys, encoding="utf-8")
        given = {
            name: evolve(way, options=_OPTIONS.get(platforms[name], ()))
            for name, way in ways.items()
        }
        text = json.dumps({name: asdict(way) for name, way in given.items()}, indent=1)
        (self.directory / "ways.json").write_text(text, encoding="utf-8")

    def give_to(self, directory: Path) -> None:
        """Copy the notes to another directory."""
        for name in _FILES:
            shutil.copy(self.directory / name, directory / name)

    def take_from(self, directory: Path) -> None:
        """Take the notes from another directory."""
        Reach(directory).give_to(self.directory)

    def forget(self) -> None:
        """Remove the notes."""
        for name in reversed(_FILES):
            (self.directory / name).unlink(missing_ok=True)

    def connections(self, through: tuple[str, ...], patience: float = 1.0) -> dict[str, Connection]:
        """Return the way to each machine; its command lines begin with `through`.

        `patience` is how many times longer things may take there.

        Raises:
            LabError: there are no machines.

        """
        try:
            known = json.loads((self.directory / "ways.json").read_text(encoding="utf-8"))
        except OSError as error:
            raise LabError(
                "the machines are not there; `runbook lab up --lab vagrant` makes them"
            ) from error
        ways = {name: Way(**way) for name, way in known.items()}
        return {name: self._connection(name, ways[name], through, patience) for name in ways}

    def wait(
        self,
        ways: Mapping[str, Connection],
        seconds: float,
        *,
        settle: bool = False,
        data: str = "",
    ) -> None:
        """Wait until all machines let us in, and set their clocks, which may have stood still.

        With `settle` also wait until everything on them has started. With `data` their second
        disk gets a file system there, which is for machines that were just made.

        Raises:
            LabError: a machine does not let us in after `seconds`.

        """
        with ThreadPoolExecutor(max_workers=max(1, len(ways))) as pool:
            done = [pool.submit(_greet, way, seconds, settle, data) for way in ways.values()]
        errors = [str(one.exception()) for one in done if one.exception()]
        if errors:
            raise LabError("; ".join(errors))

    def _connection(
        self, name: str, way: Way, through: tuple[str, ...], patience: float
    ) -> SshConnection:
        return SshConnection(
            name,
            way.address,
            login_as=way.user,
            port=way.port,
            key=Path(way.key),
            options=tuple(way.options),
            known_hosts=self.directory / "known_hosts",
            through=through,
            patience=patience,
            console=self.directory / "consoles" / f"{name}.log",
        )


def _greet(way: Connection, seconds: float, settle: bool, data: str) -> None:
    deadline = time.monotonic() + seconds
    while True:
        left = max(5.0, deadline - time.monotonic())
        try:
            with Pipe.open(way.pipe("root"), host=way.host, timeout=min(_ATTEMPT, left)) as pipe:
                # A machine that was kept asks for its address again, so that it is given to it.
                renew = "networkctl renew eth0 >/dev/null 2>&1 &"
                now = f"date -u -s @{time.time():.0f}; {renew}"
                pipe.run(now, timeout=_ATTEMPT)
                if data:
                    _check(pipe.run(_DATA.format(place=data), timeout=_ATTEMPT), way.host)
                if settle:
                    pipe.run("systemctl is-system-running --wait", timeout=left)
                return
        except LabError:
            raise
        except RunbookError as error:
            if time.monotonic() > deadline:
                raise LabError(f"{way.host}: it does not let us in: {error}") from error
            # A machine that starts refuses at once, until it does not.
            time.sleep(_PAUSE)


def _check(done: PipeResult, host: str) -> None:
    if done.status != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise LabError(f"{host}: its second disk cannot be prepared: {said}")
