"""The lab's own network: a bridge in a namespace that belongs to a container.

The router is a container on the engine's default network, so the engine itself gives it
a way out and takes it back. Its network namespace holds a bridge with the lab's subnet and
translates addresses outward. The hosts have no network but one plug in that bridge. So two
labs may have the same addresses, the machine keeps no rule or device of ours, and all of
it goes when the containers go. docs/adr/0007-a-labs-network-in-a-container.md has the reasons.
"""

from __future__ import annotations

import ipaddress
import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.labs import LabError

BRIDGE: Final = "lab"
PACKAGES: Final = {
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "ip": "iproute2",
}
"""The programs that labs need of the machine, and the Debian packages that hold them."""

_TIMEOUT: Final = 60.0


@frozen
class Plug:
    """The subnet's way to one host: `address` is the host's, `port` the bridge's end."""

    address: str
    network: str

    @property
    def port(self) -> str:
        """The name of the interface on the bridge; the kernel allows 15 characters."""
        return f"p{int(ipaddress.IPv4Address(self.address)):08x}"


def gateway(network: str) -> str:
    """Return the router's address in `network`: its first."""
    return str(next(ipaddress.IPv4Network(network).hosts()))


def missing() -> list[str]:
    """Return what this machine lacks to make networks, as `program (package)`."""
    lacking = [f"{tool} ({package})" for tool, package in PACKAGES.items() if not _found(tool)]
    if not _found("nft") and not _found("iptables"):
        lacking.append("nft or iptables (nftables or iptables)")
    return lacking


def router_lines(network: str, mtu: int) -> list[str]:
    """Return what `ip` makes of a fresh namespace to turn it into the router of `network`."""
    length = ipaddress.IPv4Network(network).prefixlen
    return [
        f"link add {BRIDGE} mtu {mtu} type bridge",
        f"address add {gateway(network)}/{length} dev {BRIDGE}",
        f"link set {BRIDGE} up",
    ]


def translation(network: str) -> tuple[list[str], str]:
    """Return the command, and its input, that hides `network` behind the router's address."""
    if _found("nft"):
        rules = (
            "table ip lab { chain out { type nat hook postrouting priority 100;"
            f" ip saddr {network} ip daddr != {network} masquerade; }}; }}\n"
        )
        return ["nft", "-f", "-"], rules
    rule = ["-t", "nat", "-A", "POSTROUTING", "-s", network, "!", "-d", network]
    return ["iptables", "--wait", *rule, "-j", "MASQUERADE"], ""


def make_router(pid: int, network: str) -> None:
    """Turn the network namespace of process `pid` into the router of `network`.

    A router that is one already stays as it is; half of one is completed.

    Raises:
        LabError: the kernel or the machine refuses.

    """
    links = _links(pid)
    if BRIDGE not in links:
        # The rules come first: with the bridge there, the router is complete.
        command, rules = translation(network)
        inside(pid, command, rules)
        inside(pid, ["ip", "-batch", "-"], "\n".join(router_lines(network, uplink_mtu())))


def plugged(router: int) -> frozenset[str]:
    """Return the ports of the bridge in the namespace of process `router`."""
    return frozenset(_links(router))


def plug(router: int, host: int, to: Plug) -> None:
    """Connect the namespaces of processes `router` and `host`; `host` gets its address.

    Raises:
        LabError: the kernel refuses.

    """
    mtu = uplink_mtu()
    length = ipaddress.IPv4Network(to.network).prefixlen
    port = [
        f"link add {to.port} mtu {mtu} type veth peer name eth0 mtu {mtu} netns {host}",
        f"link set {to.port} master {BRIDGE} up",
    ]
    inside(router, ["ip", "-batch", "-"], "\n".join(port))
    own = [
        "link set lo up",
        f"address add {to.address}/{length} dev eth0",
        "link set eth0 up",
        f"route add default via {gateway(to.network)}",
    ]
    inside(host, ["ip", "-batch", "-"], "\n".join(own))


def uplink_mtu() -> int:
    """Return the largest packet, in bytes, that this machine sends outward in one piece."""
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


def inside(pid: int, command: list[str], given: str = "", kind: str = "--net") -> str:
    """Run a command in the namespace of process `pid` and return what it prints.

    Raises:
        LabError: it fails.

    """
    done = subprocess.run(
        ["nsenter", f"--target={pid}", kind, *command],
        input=given,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TIMEOUT,
        start_new_session=True,
        check=False,
    )
    if done.returncode != 0:
        raise LabError(f"{command[0]}: {done.stderr.strip() or f'exit status {done.returncode}'}")
    return done.stdout


def _links(pid: int) -> list[str]:
    return [str(link["ifname"]) for link in json.loads(inside(pid, ["ip", "-json", "link"]))]


def _found(tool: str) -> bool:
    return shutil.which(tool) is not None
