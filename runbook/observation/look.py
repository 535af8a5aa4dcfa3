"""A look at a host: what is there of each kind of things, read from what the script printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from runbook.observation.change import KINDS
from runbook.observation.firewall import iptables_chains, nft_chains
from runbook.observation.script import MARK

_TIMED_OUT: Final = 124
_TYPES: Final = {"f": "file", "d": "directory", "l": "link", "p": "pipe", "s": "socket",
                 "b": "block device", "c": "character device"}  # fmt: skip
_ENABLES: Final = re.compile(
    r"/etc/(?:systemd/system/(?P<wants>[^/]+\.(?:wants|requires)/)?"
    r"(?P<unit>[^/]+\.(?:service|socket|timer|path))|rc[2-5]\.d/S\d\d(?P<script>.+))\Z"
)
"""A link that starts a unit with the system, or keeps it from being started."""
_WORKS: Final = frozenset({"active", "activating", "reloading", "failed"})
_VIRTUAL: Final = re.compile(r"/(proc|sys|dev|run)(/|\Z)")


@frozen
class File:
    """A file as `find` shows it; `stamp` changes whenever its content may have changed."""

    type: str
    mode: str
    owner: str
    size: int
    stamp: str
    target: str = ""

    @property
    def words(self) -> str:
        """What it is, in words."""
        if self.type == "link":
            return f"link to {self.target}"
        size = f", {self.size} bytes" if self.type == "file" else ""
        return f"{self.type} {self.mode.zfill(4)} {self.owner}{size}"

    @property
    def public(self) -> bool:
        """Whether anyone on the host may read it."""
        return self.type == "file" and int(self.mode, 8) & 0o004 != 0


@frozen
class Look:
    """What was there at one moment.

    `things` are by kind and name what is said of them in words; `hidden` by user what must not be
    shown, but compared. `files` are by path. `automatic` are packages that others needed.
    `missing` says by kind why a kind of things was not looked at.
    """

    things: Mapping[str, Mapping[str, str]] = field(factory=dict)
    files: Mapping[str, File] = field(factory=dict)
    hidden: Mapping[str, str] = field(factory=dict, repr=False)
    automatic: frozenset[str] = frozenset()
    missing: Mapping[str, str] = field(factory=dict)


def parse(printed: bytes) -> Look:
    """Return the look whose script has `printed` this."""
    parts, why = sections(printed)
    missing = _missing(parts, why)
    files = {} if "file" in missing else _files(parts.get("files", "") + parts.get("more", ""))
    things = {
        kind: made
        for kind, made in {
            "package": _packages(parts.get("dpkg", parts.get("rpm", ""))),
            "unit": _units(parts.get("units", ""), files),
            "port": _ports(parts.get("ports", "")),
            "user": _users(parts.get("users", "")),
            "group": _groups(parts.get("groups", "")),
            "mount": _mounts(parts.get("mounts", "")),
            "firewall": {
                **nft_chains(parts.get("nft", "")),
                **iptables_chains("iptables", parts.get("iptables", "")),
                **iptables_chains("ip6tables", parts.get("ip6tables", "")),
            },
            "sysctl": _settings(parts.get("sysctl", "")),
        }.items()
        if kind not in missing
    }
    return Look(
        things, files, _passwords(parts.get("passwords", "")), _automatic(parts.get("auto", "")),
        missing,
    )  # fmt: skip


def sections(printed: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return what each section has, by its name, and why one that failed is not known."""
    parts: dict[str, str] = {}
    why: dict[str, str] = {}
    name = ""
    for piece in printed.split(MARK)[1:]:
        head, _, body = piece.decode("utf-8", "surrogateescape").partition("\x1e")
        if head != "=":
            name = head
            parts[name] = body
        elif not body.isdigit():
            why[name] = body
        elif int(body) == _TIMED_OUT:
            why[name] = "it took more than 10 s"
        elif int(body) and not parts[name]:
            why[name] = f"exit status {body}"
    return parts, why


_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "file": ("files", "more"),
    "unit": ("units", "files"),
    "port": ("ports",),
    "user": ("users",),
    "group": ("groups",),
    "mount": ("mounts",),
    "sysctl": ("sysctl",),
}


def _missing(parts: Mapping[str, str], why: Mapping[str, str]) -> dict[str, str]:
    """Return by kind why it was not looked at."""
    needed = dict(_NEEDED)
    needed["package"] = ("dpkg",) if "dpkg" in parts else ("rpm",)
    walls = tuple(name for name in ("nft", "iptables", "ip6tables") if name in parts)
    needed["firewall"] = walls or ("nft",)
    found = {}
    for kind in KINDS:
        for part in needed[kind]:
            if part not in parts or part in why:
                found[kind] = why.get(part, "it was not asked")
    return found


def _rows(text: str, width: int, separator: str | None = None) -> Iterable[list[str]]:
    for line in text.splitlines():
        row = line.split(separator, width - 1)
        if len(row) == width:
            yield row


def _files(text: str) -> dict[str, File]:
    found = {}
    entries = text.split("\0")
    for line, target in zip(entries[::2], entries[1::2], strict=False):
        row = line.split(" ", 7)
        if len(row) == 8:
            type_, mode, owner, size, inode, modified, changed, path = row
            file = File(
                _TYPES.get(type_, type_), mode, owner, int(size),
                f"{inode} {size} {modified} {changed}", target,
            )  # fmt: skip
            found[path] = file
    return found


def _packages(text: str) -> dict[str, str]:
    rows = (line.split("\t") for line in text.splitlines())
    return {
        name: version for name, version, *status in rows if not status or status[0].strip() == "ii"
    }


def _automatic(text: str) -> frozenset[str]:
    found = set()
    name = ""
    for line in text.splitlines():
        if line.startswith("Package: "):
            name = line.removeprefix("Package: ")
        elif line == "Auto-Installed: 1":
            found.add(name)
    return frozenset(found)


def _units(listed: str, files: Mapping[str, File]) -> dict[str, str]:
    """Return the units that do something, or that are said to do it at the next start.

    What is enabled or masked is seen in the links that say so: asking systemd takes ten times as
    long as all other questions of a look.
    """
    found = {}
    for line in listed.splitlines():
        row = line.split(None, 4)
        if len(row) >= 4 and row[2] in _WORKS:
            # Whether somebody has just used a socket is no matter of a step.
            sub = "" if row[0].endswith(".socket") else f" ({row[3]})"
            found[row[0]] = f"{row[2]}{sub}"
    states: dict[str, str] = {}
    for path, file in files.items():
        if file.type == "link" and (link := _ENABLES.match(path)):
            name = link["unit"] or f"{link['script']}.service"
            if file.target == "/dev/null":
                states[name] = "masked"
            elif link["wants"] or link["script"]:
                states.setdefault(name, "enabled")
    return found | {name: f"{found.get(name, 'inactive')}, {how}" for name, how in states.items()}


def _ports(text: str) -> dict[str, str]:
    found: dict[str, dict[str, None]] = {}
    for line in text.splitlines():
        row = line.split()
        if len(row) < 6 or row[0] not in ("tcp", "udp"):
            continue
        address, _, port = row[4].rpartition(":")
        if not port.isdigit():
            continue
        users = re.findall(r'\("([^"]*)"', " ".join(row[6:]))
        by = f" by {users[0]}" if users else ""
        found.setdefault(f"{row[0]}://{port}", {})[f"{address}{by}"] = None
    return {name: "on " + ", ".join(sorted(where)) for name, where in found.items()}


def _users(text: str) -> dict[str, str]:
    return {
        name: f"uid {uid}, gid {gid}, home {home}, shell {shell}"
        for name, _, uid, gid, _, home, shell in _rows(text, 7, ":")
    }


def _passwords(text: str) -> dict[str, str]:
    return {row[0]: row[1] for row in (line.split(":") for line in text.splitlines()) if row[1:]}


def _groups(text: str) -> dict[str, str]:
    return {
        name: f"gid {gid}" + (f", members {members.replace(',', ' ')}" if members else "")
        for name, _, gid, members in _rows(text, 4, ":")
    }


def _mounts(text: str) -> dict[str, str]:
    found = {}
    for device, place, type_, options, *_ in (
        row for line in text.splitlines() if len(row := line.split()) >= 4
    ):
        path = place.encode().decode("unicode_escape") if "\\" in place else place
        if not _VIRTUAL.match(path):
            shown = ",".join(one for one in options.split(",") if not one.startswith("size="))
            found[path] = f"{device}, {type_}, {shown}"
    return found


def _settings(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, value in _rows(text, 2, ":"):
        name = path.removeprefix("/proc/sys/").replace(".", "\0").replace("/", ".")
        name, value = name.replace("\0", "/"), " ".join(value.split())
        found[name] = f"{found[name]} / {value}" if name in found else value
    return found
