"""`runbook serve` as users start it, and the guide on ssh hosts that it serves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import yaml

from tests.support.sshd import Server

_ADDRESS = re.compile(r"^To (act|look): +(\S+)$", re.MULTILINE)
_CONF = """\
project = "Served"
author = copyright = "its authors"
version = "1"
extensions = ["runbook.sphinx"]
html_theme = "furo"
html_copy_source = False
html_show_sourcelink = False
"""


def write_guide(directory: Path, servers: Mapping[str, Server], *chapters: str) -> Path:
    """Write a guide for hosts that are these ssh servers; its pages are index, one, two, ..."""
    guide = directory / "guide"
    (guide / "lab").mkdir(parents=True)
    (guide / "conf.py").write_text(_CONF)
    hosts = {name: {"address": f"10.9.8.{n}"} for n, name in enumerate(servers, 1)}
    described = {"name": "served", "network": "10.9.8.0/24", "platform": "debian12", "hosts": hosts}
    (guide / "lab/cluster.yaml").write_text(yaml.safe_dump(described))
    inventory = {
        "hosts": {
            name: {
                "address": "127.0.0.1",
                "port": server.port,
                "user": server.user,
                "key": str(server.directory / "user"),
                "known_hosts": str(server.known_hosts),
            }
            for name, server in servers.items()
        }
    }
    (guide / "lab/inventory.yaml").write_text(yaml.safe_dump(inventory))
    names = ["one", "two", "three"][: len(chapters)]
    tree = "\n".join(f"   {name}" for name in (*names, "proven"))
    (guide / "index.rst").write_text(f"Served\n======\n\n.. toctree::\n\n{tree}\n")
    (guide / "proven.rst").write_text("What is proven\n==============\n\n.. proven::\n")
    for name, text in zip(names, chapters, strict=True):
        title = f"Chapter {name}"
        body = textwrap.dedent(text).lstrip("\n")
        (guide / f"{name}.rst").write_text(f"{title}\n{'=' * len(title)}\n\n{body}")
    return guide


class Serving:
    """A running `runbook serve`; a context manager that ends it as Ctrl-C does."""

    def __init__(
        self, guide: Path, *options: str, environment: Mapping[str, str] | None = None
    ) -> None:
        argv = [sys.executable, "-m", "runbook", "serve", str(guide), "--lab", "static", *options]
        self.guide = guide
        self.log = guide / "serve.log"
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            )
        self.said = ""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        self.addresses = dict(_ADDRESS.findall(self.said))
        assert "look" in self.addresses, self.said + self.log.read_text()
        self.port = urlsplit(self.addresses["look"]).port
        self.base = f"http://127.0.0.1:{self.port}"

    def token(self, role: str = "look") -> str:
        """Return the token of the address for those who `look` or `act`."""
        return parse_qs(urlsplit(self.addresses[role]).query)["token"][0]

    def cookies(self, role: str = "look") -> dict[str, str]:
        """Return the cookies that the server gives for an address."""
        return dict(httpx.get(self.addresses[role]).cookies)

    def client(self, role: str = "look") -> httpx.Client:
        """Return a client that has opened an address."""
        return httpx.Client(base_url=self.base, cookies=self.cookies(role))

    def headers(self, role: str = "look", **more: str) -> list[tuple[str, str]]:
        """Return the headers by which a page of this server opens its socket."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies(role).items())
        return [("Cookie", cookie), *more.items()]

    @property
    def socket(self) -> str:
        """The address of the socket."""
        return f"ws://127.0.0.1:{self.port}/_runbook/socket"

    @property
    def pid(self) -> int:
        """The process of the server."""
        return self._process.pid

    def stop(self) -> int:
        """End the server as Ctrl-C does, and return its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(30)
        finally:
            self._process.kill()
            assert self._process.stdout is not None
            self._process.stdout.close()
        return status

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        status = self.stop()
        assert status == 0, self.log.read_text()


def making(name: str, hosts: Sequence[str] = ("all",), commands: str = "", more: str = "") -> str:
    """Return a step that creates the file `name` in the home directory of its hosts."""
    lines = [f".. step:: Make {name}", f"   :on: {' '.join(hosts)}"]
    lines += [f"   {line}" for line in more.splitlines()]
    lines += ["", "   .. code-block:: console", ""]
    lines += [f"      # {line}" for line in commands.splitlines()]
    lines += [f"      # touch ~/{name}", "", f"   .. check:: {name} is there", ""]
    lines += [f'      assert host.run("test -e ~/{name}").rc == 0', "", ""]
    return "\n".join(lines)
