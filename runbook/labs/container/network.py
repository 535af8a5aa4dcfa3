"""The private network of a lab: a bridge in the network namespace of a router container.

The router is a container on the engine's default network, so the engine manages its uplink. Its
network namespace has a bridge with the lab's subnet and masquerades outgoing traffic. The only
interface of a host is a veth pair to that bridge. Two labs can therefore use the same addresses,
this machine gets no rules or devices of ours, and everything goes away with the containers. The
reasons are in docs/adr/0007-a-labs-network-in-a-container.md.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError

BRIDGE: Final = "lab"
PACKAGES: Final = {
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "setsid": "util-linux",
    "flock": "util-linux",
    "ip": "iproute2",
}
"""The programs that container labs need, and the Debian packages that provide them."""

ALL: Final = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
"""The namespaces of a container. Its user and its clock are ours, also in a namespace of users."""

_TIMEOUT: Final = 60.0


@frozen
class HostLink:
    """The veth pair between the bridge and the host with `address` in the subnet `network`."""

    address: str
    network: str

    @property
    def bridge_port(self) -> str:
        """The interface name at the bridge's end; the kernel allows 15 characters."""
        return f"p{int(ipaddress.IPv4Address(self.address)):08x}"


def gateway(network: str) -> str:
    """Return the router's address: the first one in `network`."""
    return str(next(ipaddress.IPv4Network(network).hosts()))


def missing() -> list[str]:
    """Return the programs that this machine lacks for networks, as `program (package)`."""
    lacking = [f"{tool} ({package})" for tool, package in PACKAGES.items() if not _installed(tool)]
    if not _installed("nft") and not _installed("iptables"):
        lacking.append("nft or iptables (nftables or iptables)")
    return lacking


def router_commands(network: str, mtu: int) -> list[str]:
    """Return the `ip` commands that turn a new namespace into the router of `network`."""
    length = ipaddress.IPv4Network(network).prefixlen
    return [
        f"link add {BRIDGE} mtu {mtu} type bridge",
        f"address add {gateway(network)}/{length} dev {BRIDGE}",
        f"link set {BRIDGE} up",
    ]


def nat_command(network: str) -> tuple[list[str], str]:
    """Return the command, and its input, that masquerades `network`."""
    if _installed("nft"):
        rules = (
            "table ip lab { chain out { type nat hook postrouting priority 100;"
            f" ip saddr {network} ip daddr != {network} masquerade; }}; }}\n"
        )
        return ["nft", "-f", "-"], rules
    rule = ["-t", "nat", "-A", "POSTROUTING", "-s", network, "!", "-d", network]
    return ["iptables", "--wait", *rule, "-j", "MASQUERADE"], ""


def configure_router(pid: int, network: str) -> None:
    """Configure the network namespace of process `pid` as the router of `network`.

    A complete router is left alone; an incomplete one is completed.

    Raises:
        LabError: a command fails.

    """
    links = _links(pid)
    if BRIDGE not in links:
        # The bridge comes last, because its presence marks the router as complete.
        command, rules = nat_command(network)
        run_in_namespace(pid, command, rules)
        run_in_namespace(
            pid, ["ip", "-batch", "-"], "\n".join(router_commands(network, uplink_mtu()))
        )


def bridge_ports(router: int) -> frozenset[str]:
    """Return the interfaces in the namespace of process `router`."""
    return frozenset(_links(router))


def connect(router: int, host: int, link: HostLink) -> None:
    """Connect the namespaces of processes `router` and `host` with `link`, and configure `host`.

    Raises:
        LabError: a command fails.

    """
    mtu = uplink_mtu()
    length = ipaddress.IPv4Network(link.network).prefixlen
    port = [
        f"link add {link.bridge_port} mtu {mtu} type veth peer name eth0 mtu {mtu} netns {host}",
        f"link set {link.bridge_port} master {BRIDGE} up",
    ]
    try:
        run_in_namespace(router, ["ip", "-batch", "-"], "\n".join(port))
    except LabError:
        # The kernel takes its time to remove the one of a host that has just been stopped.
        if link.bridge_port not in bridge_ports(router):
            raise
        with contextlib.suppress(LabError):  # it may just have done so
            run_in_namespace(router, ["ip", "link", "delete", link.bridge_port])
        run_in_namespace(router, ["ip", "-batch", "-"], "\n".join(port))
    commands = [
        "link set lo up",
        f"address add {link.address}/{length} dev eth0",
        "link set eth0 up",
        f"route add default via {gateway(link.network)}",
    ]
    run_in_namespace(host, ["ip", "-batch", "-"], "\n".join(commands))


def uplink_mtu() -> int:
    """Return the MTU of this machine's default route, in bytes; at most 1500."""
    done = subprocess.run(
        ["ip", "-json", "route", "show", "default"],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    routes = json.loads(done.stdout or "[]") if done.returncode == 0 else []
    sizes = [Path(f"/sys/class/net/{route['dev']}/mtu") for route in routes if "dev" in route]
    return min([1500, *(int(size.read_text()) for size in sizes if size.exists())])


def run_in_namespace(
    pid: int, command: list[str], given: str = "", kinds: Sequence[str] = ("--net",)
) -> str:
    """Run a command in namespaces of process `pid` and return its output.

    `given` is its input, and `kinds` the `nsenter` options that select the namespaces.

    Raises:
        LabError: it fails, or does not end.

    """
    try:
        done = subprocess.run(
            ["nsenter", f"--target={pid}", *kinds, *command],
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TIMEOUT,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{command[0]}: no answer in {_TIMEOUT:g} s") from error
    if done.returncode != 0:
        raise LabError(f"{command[0]}: {done.stderr.strip() or f'exit status {done.returncode}'}")
    return done.stdout


def _links(pid: int) -> list[str]:
    return [
        str(link["ifname"]) for link in json.loads(run_in_namespace(pid, ["ip", "-json", "link"]))
    ]


def _installed(tool: str) -> bool:
    return shutil.which(tool) is not None
