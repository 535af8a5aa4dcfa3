"""How to log in to a lab's virtual machines: recorded when they are created, used from then on."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import asdict, evolve, frozen

from runbook.errors import RunbookError
from runbook.labs import LabError
from runbook.labs.parallel import in_parallel
from runbook.labs.vagrant.command import SshConfig
from runbook.terminal.connection import Connection, SshConnection
from runbook.terminal.pipe import Pipe, PipeResult

_FILES: Final = ("known_hosts", "ways.json")
"""The last one is written last, and so marks the record as complete."""
_MOUNT_DATA: Final = (
    "mkfs.ext4 -q -F /dev/vdb && mkdir -p {path} && mount /dev/vdb {path}"
    " && echo '/dev/vdb {path} ext4 defaults 0 2' >>/etc/fstab"
)
_OPTIONS: Final = {
    # Its ssh server has only signature algorithms that today's ssh disables by default.
    "el6": ("HostKeyAlgorithms=+ssh-rsa", "PubkeyAcceptedAlgorithms=+ssh-rsa"),
}
_PAUSE: Final = 0.25
_LOGIN_TIMEOUT: Final = 60.0
"""Seconds that a login to a busy emulated machine may take."""


@frozen
class SshAccess:
    """The recorded addresses, users, keys and host keys of the machines, in `directory`."""

    directory: Path

    @property
    def exists(self) -> bool:
        """Whether there is a record, which means that all machines have been created."""
        return (self.directory / _FILES[-1]).exists()

    def record(
        self,
        configs: Mapping[str, SshConfig],
        platforms: Mapping[str, str],
        command_prefix: tuple[str, ...],
    ) -> None:
        """Record `configs` and the host keys of the machines, which have just been created.

        Raises:
            LabError: a machine's host key cannot be read.

        """
        keys = ""
        for name, config in configs.items():
            # The key can be trusted: nobody else is in the network of a machine this new.
            scan = ["ssh-keyscan", "-T", "60", "-p", str(config.port), config.address]
            argv = [*command_prefix, *scan]
            done = subprocess.run(argv, capture_output=True, text=True, check=False)
            if not done.stdout:
                raise LabError(f"{name}: ssh-keyscan cannot read its host key")
            keys += done.stdout
        (self.directory / "known_hosts").write_text(keys, encoding="utf-8")
        recorded = {
            name: asdict(evolve(config, options=_OPTIONS.get(platforms[name], ())))
            for name, config in configs.items()
        }
        (self.directory / _FILES[-1]).write_text(json.dumps(recorded, indent=1), encoding="utf-8")

    def copy_to(self, directory: Path) -> None:
        """Copy the record to another directory."""
        for name in _FILES:
            shutil.copy(self.directory / name, directory / name)

    def copy_from(self, directory: Path) -> None:
        """Copy the record from another directory."""
        SshAccess(directory).copy_to(self.directory)

    def delete(self) -> None:
        """Delete the record."""
        for name in reversed(_FILES):
            (self.directory / name).unlink(missing_ok=True)

    def connections(
        self, command_prefix: tuple[str, ...], timeout_factor: float = 1.0
    ) -> dict[str, Connection]:
        """Return the connection to each machine; its command lines begin with `command_prefix`.

        `timeout_factor` is how many times slower than a real processor the machines are.

        Raises:
            LabError: there are no machines.

        """
        try:
            recorded = json.loads((self.directory / _FILES[-1]).read_text(encoding="utf-8"))
        except OSError as error:
            raise LabError(
                "there are no machines; `runbook lab up --lab vagrant` creates them"
            ) from error
        return {
            name: self._connection(name, SshConfig(**config), command_prefix, timeout_factor)
            for name, config in recorded.items()
        }

    def wait(
        self,
        connections: Mapping[str, Connection],
        seconds: float,
        *,
        booted: bool = False,
        data: str = "",
    ) -> None:
        """Wait until all machines can be logged in to, and set their clocks.

        With `booted`, also wait until systemd has finished booting. With `data`, create a file
        system on the second disk and mount it there; this is for new machines.

        Raises:
            LabError: a machine cannot be logged in to after `seconds`.

        """
        in_parallel(
            lambda connection: _wait_for_login(connection, seconds, booted, data),
            tuple(connections.values()),
        )

    def _connection(
        self,
        name: str,
        config: SshConfig,
        command_prefix: tuple[str, ...],
        timeout_factor: float,
    ) -> SshConnection:
        return SshConnection(
            name,
            config.address,
            login_as=config.user,
            port=config.port,
            key=Path(config.key),
            options=tuple(config.options),
            known_hosts=self.directory / "known_hosts",
            command_prefix=command_prefix,
            timeout_factor=timeout_factor,
            console=self.directory / "consoles" / f"{name}.log",
        )


def _wait_for_login(connection: Connection, seconds: float, booted: bool, data: str) -> None:
    host = connection.host
    deadline = time.monotonic() + seconds
    while True:
        left = max(5.0, deadline - time.monotonic())
        timeout = min(_LOGIN_TIMEOUT, left)
        try:
            with Pipe.open(connection.pipe("root"), host=host, timeout=timeout) as pipe:
                # The clock of a restored machine is late, and dnsmasq does not know its lease.
                renew = "networkctl renew eth0 >/dev/null 2>&1 &"
                pipe.run(f"date -u -s @{time.time():.0f}; {renew}", timeout=_LOGIN_TIMEOUT)
                if data:
                    mount = _MOUNT_DATA.format(path=data)
                    _check(pipe.run(mount, timeout=_LOGIN_TIMEOUT), host)
                if booted:
                    pipe.run("systemctl is-system-running --wait", timeout=left)
                return
        except LabError:
            raise
        except RunbookError as error:
            if time.monotonic() > deadline:
                raise LabError(f"{host}: login failed: {error}") from error
            # A machine that is booting refuses connections, and there is nothing to wait on.
            time.sleep(_PAUSE)


def _check(done: PipeResult, host: str) -> None:
    if done.status != 0:
        error = done.stderr.decode(errors="replace").strip()
        raise LabError(f"{host}: its second disk cannot be prepared: {error}")
