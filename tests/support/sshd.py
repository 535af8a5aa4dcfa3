"""A private ssh server on a free port of this machine, with its own keys and settings."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import signal
import socket
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from runbook.terminal.connection import SshConnection
from tests.support.needs import SSHD

_SETTINGS = """
ListenAddress 127.0.0.1
Port {port}
HostKey {directory}/host
PidFile {directory}/pid
AuthorizedKeysFile {directory}/user.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
ForceCommand none
SetEnv HOME={home}
"""
# The chroot of the unprivileged process if root starts the server; Debian's service creates it.
_PRIVSEP = Path("/run/sshd")


class Server:
    """An ssh server that this user can log in to; a context manager that stops it.

    Its keys and settings are in `directory`. Who logs in has the home directory `home`, by default
    that of whoever starts it.
    """

    def __init__(self, directory: Path, home: Path | None = None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.user = getpass.getuser()
        for name in ("host", "user"):
            make_key(directory / name)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.known_hosts = directory / "known_hosts"
        self.set_known_key(directory / "host.pub")
        settings = directory / "sshd_config"
        settings.write_text(
            _SETTINGS.format(
                port=self.port,
                directory=shlex.quote(str(directory)),
                home=shlex.quote(str(home or Path.home())),
            )
        )
        if os.geteuid() == 0:
            _PRIVSEP.mkdir(mode=0o755, exist_ok=True)
        self._process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", settings], stderr=subprocess.PIPE, text=True
        )
        self._log: list[str] = []
        self._listening = threading.Event()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        if not self._listening.wait(10) or self._process.poll() is not None:
            self.stop()
            raise RuntimeError(f"sshd does not start: {''.join(self._log)}")

    def connection(self, host: str = "box", **more: Any) -> SshConnection:
        """Return a connection to this server."""
        return SshConnection(
            host,
            "127.0.0.1",
            login_as=self.user,
            port=self.port,
            key=self.directory / "user",
            known_hosts=self.known_hosts,
            **more,
        )

    def settings(self, name: str, *more: str) -> str:
        """Return the lines of ssh_config(5) by which `name` is this server."""
        lines = (
            "HostName 127.0.0.1", f"Port {self.port}", f"User {self.user}", "IdentitiesOnly yes",
            f"IdentityFile {self.directory}/user", f"UserKnownHostsFile {self.known_hosts}", *more,
        )  # fmt: skip
        return f"Host {name}\n" + "".join(f"    {line}\n" for line in lines)

    def set_known_key(self, public: Path) -> None:
        """Make the key in the file `public` the one that clients expect of this server."""
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {public.read_text()}")

    def logins(self) -> int:
        """Return the number of logins."""
        return sum("Accepted publickey" in line for line in self._log)

    def processes(self) -> list[int]:
        """Return the processes of sshd: the listening one, and those of all connections."""
        return [pid for pid in self._descendants() if _name(pid) == "sshd"]

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all processes of sshd."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self) -> None:
        """Stop the server and close all its connections. Stopping again does nothing."""
        for pid in self._descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._listener.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _descendants(self) -> list[int]:
        """Return the process of the server and its descendants."""
        found = [self._process.pid] if self._process.poll() is None else []
        for pid in found:
            with contextlib.suppress(OSError):
                found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._log.append(line)
            if "Server listening" in line:
                self._listening.set()
        self._listening.set()


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def make_key(path: Path) -> None:
    """Create a key without a passphrase at `path`; the public key is `path` with `.pub`."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
