"""A lab of machines that are there already, reached by ssh: real ones, of which an inventory tells.

```yaml
# lab/inventory.yaml
user: admin                   # who logs in; whoever runs this, if it is left out
key: ~/.ssh/id_ed25519        # and these for all hosts that say nothing else
known_hosts: known_hosts      # beside this file; this user's own, if it is left out
hosts:
  gs1: {address: 192.168.10.101, port: 2222, user: root}
  gs2: {}                     # at the address that the cluster file gives it
```

The cluster file says which hosts and groups the guide has; hosts that the inventory does not name
are no part of the lab. A guide without a cluster file has the inventory's hosts.
"""

from __future__ import annotations

import getpass
import hashlib
import re
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Final

from attrs import evolve

from runbook.connect import Connection, SshConnection
from runbook.errors import RunbookError
from runbook.labs import HostStatus, LabError
from runbook.model import Cluster, Host
from runbook.pipe import Pipe
from runbook.yamlfile import YamlFile

PLACE: Final = Path("lab/inventory.yaml")
"""Where a guide keeps its inventory, relative to the directory of its conf.py."""

_DEFAULTS: Final = ("user", "key", "known_hosts", "port")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
_OWN: Final = (Path("~/.ssh/known_hosts"), Path("/etc/ssh/ssh_known_hosts"))
_GLANCE: Final = 15.0
"""Seconds in which a machine that is there lets somebody in."""


class StaticLab:
    """Existing machines behind ssh, as the file `inventory` tells; nothing is made or removed.

    Raises:
        LabError: the inventory cannot be read, or a line of it is wrong.

    """

    made_of: ClassVar = "machines behind ssh"

    def __init__(self, cluster: Cluster | None, inventory: Path) -> None:
        self.name = "static"
        self._inventory = inventory
        lines, described = _read(inventory)
        if cluster is None:
            hosts = tuple(
                Host(name, str(about.get("address", name)), groups=("all",))
                for name, about in described.items()
            )
            cluster = Cluster("static", "0.0.0.0/0", hosts)
        self.cluster = cluster
        known = {host.name: host for host in cluster.hosts}
        for name in described:
            if name not in known:
                raise lines.error(
                    f"{name!r} is no host of the guide, which has {', '.join(known)}", "hosts", name
                )
        self._connections = {
            name: _connection(known[name], about, lines) for name, about in described.items()
        }

    def instance(self) -> str:
        """Return the digest of the hosts' addresses, and of the keys by which they are known.

        A machine that is installed anew has another key. None of them is asked.
        """
        parts = []
        for name, way in sorted(self._connections.items()):
            parts.append(f"{name} {way.login_as}@{way.address}:{way.port}")
            parts.extend(_known_keys(way))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def up(self, tell: Callable[[str], None]) -> None:
        """Start nothing; tell which machines do not let us in. The others can be worked on."""
        for one in self.status():
            if one.state == "stopped":
                tell(f"{one.host}: {one.detail}")

    def connections(self) -> Mapping[str, Connection]:
        """Return how to reach each host of the inventory."""
        return dict(self._connections)

    def status(self) -> tuple[HostStatus, ...]:
        """Return which machines let us in as root; all are asked at once."""
        with ThreadPoolExecutor(max_workers=max(1, len(self.cluster.hosts))) as pool:
            return tuple(pool.map(self._status, self.cluster.hosts))

    def down(self, tell: Callable[[str], None]) -> None:
        """Remove nothing: what the guide did to the machines stays."""
        tell("static: the machines stay as they are")

    def _status(self, host: Host) -> HostStatus:
        way = self._connections.get(host.name)
        if way is None:
            return HostStatus(host.name, "absent", f"not in {self._inventory}")
        try:
            with Pipe.open(way.pipe("root"), host=host.name, timeout=_GLANCE):
                return HostStatus(host.name, "running", described(way))
        except RunbookError as error:
            said = str(error).removeprefix(f"{host.name}: ")
            return HostStatus(host.name, "stopped", f"{described(way)}: {said}")


def described(way: SshConnection) -> str:
    """Return in words where a connection goes, as `user@address`, with an unusual port."""
    port = "" if way.port == 22 else f" port {way.port}"
    return f"{way.login_as}@{way.address}{port}"


def _read(path: Path) -> tuple[YamlFile, dict[str, dict[str, Any]]]:
    """Return what the inventory says of each host, with its defaults put in, and its lines."""
    if not path.exists():
        raise LabError(
            f"{path}: there is no such file; an inventory tells which hosts there are and how ssh"
            " reaches them"
        )
    lines = YamlFile.read(path, LabError)
    data = lines.data
    hosts = data.get("hosts") if isinstance(data, dict) else None
    if not isinstance(hosts, dict) or not hosts:
        what = "hosts: a mapping of at least one host's name to how it is reached"
        raise lines.error(what, "hosts")
    _refuse_unknown(data, ("hosts", *_DEFAULTS), lines)
    defaults = {key: data[key] for key in _DEFAULTS if key in data}
    found = {}
    for name, about in hosts.items():
        where = ("hosts", str(name))
        if not _NAME.match(str(name)):
            raise lines.error(f"host {name!r}: lower-case letters, digits and '-' only", *where)
        if not isinstance(about or {}, dict):
            raise lines.error(f"host {name}: a mapping of address, user, port, key", *where)
        _refuse_unknown(about or {}, ("address", *_DEFAULTS), lines, *where)
        found[str(name)] = {**defaults, **(about or {})}
    return lines, found


def _refuse_unknown(
    given: Mapping[Any, Any], known: tuple[str, ...], lines: YamlFile, *keys: str
) -> None:
    where = f"host {keys[-1]}: " if keys else ""
    for key in given:
        if key not in known:
            raise lines.error(
                f"{where}unknown key {key!r}; known are {', '.join(sorted(known))}", *keys, str(key)
            )


def _connection(host: Host, about: Mapping[str, Any], lines: YamlFile) -> SshConnection:
    def wrong(key: str, message: str) -> RunbookError:
        # What stands at the host counts more than what stands for all.
        place = ("hosts", host.name, key) if lines.has("hosts", host.name, key) else (key,)
        return lines.error(f"host {host.name}: {message}", *place)

    def file(key: str) -> Path:
        path = lines.path.parent / Path(str(about[key])).expanduser()
        if not path.exists():
            raise wrong(key, f"{key}: there is no file {path}")
        return path

    port = about.get("port", 22)
    if not isinstance(port, int) or not 0 < port < 65536:
        raise wrong("port", f"port is a number up to 65535, not {port!r}")
    address = str(about.get("address", host.address))
    # It becomes a word of ssh's command line, where it must not pass for an option.
    if not re.match(r"[A-Za-z0-9:][A-Za-z0-9.:%_-]*\Z", address):
        raise wrong("address", f"{address!r} is no address or name of a machine")
    user = str(about.get("user", getpass.getuser()))
    if not re.match(r"[A-Za-z_][A-Za-z0-9._-]*\Z", user):
        raise wrong("user", f"{user!r} is no name of a user")
    way = SshConnection(host.name, address, login_as=user, port=port)
    if "key" in about:
        way = evolve(way, key=file("key"))
    if "known_hosts" in about:
        way = evolve(way, known_hosts=file("known_hosts"))
    return way


def _known_keys(way: SshConnection) -> list[str]:
    """Return the keys by which ssh knows a machine, without comments and names."""
    name = way.address if way.port == 22 else f"[{way.address}]:{way.port}"
    places = _OWN if way.known_hosts is None else (way.known_hosts,)
    found = set()
    for path in places:
        argv = ["ssh-keygen", "-F", name, "-f", str(path.expanduser())]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            words = line.split()
            if len(words) >= 3 and not line.startswith(("#", "@")):
                found.add(" ".join(words[1:3]))
    return sorted(found)
