"""Read an inventory of Ansible, of any kind, through `ansible-inventory`, which is Ansible's own.

It is Ansible's if it is a directory, or a file that is not called `*.yaml` or `*.yml` (INI, a
script), or one that is and has no key `hosts` at its top, but groups.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from attrs import evolve, frozen

from runbook.labs.ansible_variables import USED, Variables
from runbook.labs.inventory import Inventory
from runbook.labs.protocol import LabError
from runbook.labs.ssh_settings import connection
from runbook.model import Cluster, Host
from runbook.terminal.connection import Connection, LocalConnection, SshConnection

PROGRAM: Final = "ansible-inventory"
VAULTED: Final = "$ANSIBLE_VAULT;"
"""What a file begins with that Ansible has encrypted as a whole."""

_TIMEOUT: Final = 300.0
"""Seconds for the program; a script may ask a server on the network."""
_MOST_NAMES: Final = 8
"""How many names an error lists."""
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:-]*")
_SETTINGS: Final = {
    "ANSIBLE_NOCOLOR": "1",
    "ANSIBLE_DEPRECATION_WARNINGS": "false",
    # Without these, a file that it cannot read is the same as an empty one.
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
}


@frozen
class _Listing:
    """The hosts with those of their variables that we use, and each group's hosts."""

    hosts: dict[str, dict[str, object]]
    groups: dict[str, list[str]]


def is_ansible(path: Path) -> bool:
    """Return whether the inventory at `path` is Ansible's; one that is not there is not."""
    if path.is_dir():
        return True
    if not path.exists():
        return False
    if path.suffix not in (".yaml", ".yml"):
        return True
    try:
        text = path.read_text(encoding="utf-8")
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except (OSError, UnicodeError, yaml.YAMLError):
        return False  # whose reader names the line
    if text.startswith(VAULTED):
        return True
    return isinstance(top, yaml.MappingNode) and all(
        not isinstance(key, yaml.ScalarNode) or key.value != "hosts" for key, _ in top.value
    )


def read_ansible(path: Path, cluster: Cluster | None) -> Inventory:
    """Return what Ansible's inventory says about the hosts of `cluster`, or about its own.

    A host of the cluster is called there by its name, or by that with its domain; others are left
    out. A group of the inventory is one of the guide.

    Raises:
        LabError: it cannot be read, it has none of the hosts, or asks for what there is not.

    """
    listing = _list(path)
    names = _own_names(path, listing) if cluster is None else _names(path, listing, cluster)
    connections: dict[str, Connection] = {}
    for host, machine in names.items():
        login = Variables(path, machine, listing.hosts[machine]).login()
        try:
            connections[host] = LocalConnection(host) if login is None else connection(host, login)
        except LabError as error:
            raise LabError(f"{path}: {error}") from error
    if cluster is None:
        hosts = tuple(Host(name, _address(one)) for name, one in connections.items())
        cluster = Cluster("static", "0.0.0.0/0", hosts)
    grouped = tuple(
        evolve(host, groups=_groups(path, host, names.get(host.name, ""), listing))
        for host in cluster.hosts
    )
    return Inventory(evolve(cluster, hosts=grouped), connections)


def _address(connection: Connection) -> str:
    return connection.address if isinstance(connection, SshConnection) else "127.0.0.1"


def _own_names(path: Path, listing: _Listing) -> dict[str, str]:
    for name in listing.hosts:
        if not re.fullmatch(_NAME, name):
            raise LabError(f"{path}: {name!r} cannot be the name of a host of a guide")
    if not listing.hosts:
        raise LabError(f"{path}: it has no hosts")
    return {name: name for name in listing.hosts}


def _names(path: Path, listing: _Listing, cluster: Cluster) -> dict[str, str]:
    """Return what those hosts of the cluster are called in the inventory that it has."""
    names = {}
    for host in cluster.hosts:
        for name in (host.name, cluster.values.get(f"{host.name}-fqdn", "")):
            if name in listing.hosts:
                names[host.name] = name
                break
    if not names:
        raise LabError(
            f"{path}: it has none of the guide's hosts, {_some(h.name for h in cluster.hosts)}; "
            f"it has {_some(listing.hosts) or 'no hosts'}"
        )
    return names


def _groups(path: Path, host: Host, machine: str, listing: _Listing) -> tuple[str, ...]:
    """Return the groups of a host: those of the inventory, and the cluster's that it has not."""
    kept = [group for group in host.groups if group not in listing.groups and group != "all"]
    found = [group for group, members in listing.groups.items() if machine in members]
    for group in found:
        if group in listing.hosts and listing.groups[group] != [group]:
            raise LabError(f"{path}: {group!r} is the name of a group and of a host")
    return ("all", *kept, *found)


def _list(path: Path) -> _Listing:
    """Return what `ansible-inventory --list` says."""
    told = _run(path)
    try:
        everything = json.loads(told)
        variables = everything["_meta"]["hostvars"]
        below = {
            group: (about.get("hosts", []), about.get("children", []))
            for group, about in everything.items()
            if group != "_meta"
        }
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise LabError(f"{path}: {PROGRAM} prints no list of an inventory") from error
    groups = {group: _members(group, below) for group in below if group != "all"}
    hosts: dict[str, dict[str, object]] = {}
    for name in (*_members("all", below), *variables):
        of_host = variables.get(name, {})
        hosts[name] = {key: of_host[key] for key in USED if key in of_host}
    return _Listing(hosts, groups)


def _members(group: str, below: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """Return the hosts of a group and of the groups below it; Ansible refuses circles."""
    hosts, children = below.get(group, ((), ()))
    found = dict.fromkeys(hosts)
    for child in children:
        found.update(dict.fromkeys(_members(child, below)))
    return list(found)


def _run(path: Path) -> str:
    # That of the environment which runbook is installed in may not be on the operator's path.
    beside = Path(sys.executable).with_name(PROGRAM)
    program = shutil.which(PROGRAM) or (str(beside) if os.access(beside, os.X_OK) else None)
    if program is None:
        raise LabError(
            f"{path} is an inventory of Ansible, which {PROGRAM} reads, and that is not installed "
            "here: apt-get install ansible-core (one of ours is a file *.yaml with the key 'hosts')"
        )
    argv = [program, "--inventory", str(path), "--list"]
    try:
        # In a session of its own it asks nobody for the password of a vault.
        done = subprocess.run(
            argv,
            env={**os.environ, **_SETTINGS},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LabError(f"{path}: {PROGRAM} has no answer after {_TIMEOUT:.0f} s") from None
    if done.returncode != 0:
        raise LabError(_why(path, done.stderr))
    return done.stdout


def _why(path: Path, said: str) -> str:
    """Return why the program failed, without the lines of files that it quotes."""
    reason = re.search(r"^(?:\[ERROR\]:|ERROR!)\s*(.+)$", said, re.MULTILINE)
    text = reason[1] if reason else "it fails"
    if "vault secrets" in text:
        text += "; name the file with the vault's password in ANSIBLE_VAULT_PASSWORD_FILE"
        return f"{path}: {PROGRAM}: {text}"
    places = dict.fromkeys(re.findall(r"^Origin: (\S+?:\d+)", said, re.MULTILINE))
    where = f" ({', '.join(places)})" if places else ""
    again = shlex.join([PROGRAM, "--inventory", str(path), "--list"])
    return f"{path}: {PROGRAM}: {text}{where}; all that it says: {again}"


def _some(names: Any) -> str:
    listed = list(names)
    more = f" and {len(listed) - _MOST_NAMES} more" if len(listed) > _MOST_NAMES else ""
    return ", ".join(listed[:_MOST_NAMES]) + more
