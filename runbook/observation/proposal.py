"""The check that is missing for a change, as an author would write it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from attrs import frozen

from runbook.observation.change import Change

_FILE = re.compile(r"(?P<type>[a-z ]+) (?P<mode>\d{4}) (?P<user>[^:]+):(?P<group>\S+?)(?:,|\Z)")
_USER = re.compile(r"uid (?P<uid>\d+), gid (?P<gid>\d+), home (?P<home>.*), shell (?P<shell>.*)")


@frozen
class Proposal:
    """A check: its `sentence`, and the lines of Python that decide whether it is true."""

    sentence: str
    lines: tuple[str, ...]

    def rst(self, indent: int = 0) -> str:
        """Return the directive, indented by so many columns."""
        body = textwrap.indent("\n".join(self.lines), "   ")
        return textwrap.indent(f".. check:: {self.sentence}\n\n{body}\n", " " * indent)


def proposed(change: Change) -> Proposal:
    """Return a check that was red before `change` and holds after it."""
    return _PROPOSED[change.kind](change)


def _file(change: Change) -> Proposal:
    path = change.name.removesuffix("/**")
    file = f"host.file({_quoted(path)})"
    if path != change.name:
        verb, no = ("filled", "") if change.after else ("empty", "not ")
        listed = f'host.check_output("ls -A %s 2>/dev/null || true", {_quoted(path)})'
        return Proposal(f"{path} is {verb}", (f"assert {no}{listed}",))
    if not change.after:
        return Proposal(f"{path} is gone", (f"assert not {file}.exists",))
    if change.after.startswith("link to "):
        target = change.after.removeprefix("link to ")
        return Proposal(
            f"{path} is a link to {target}",
            (f'assert host.check_output("readlink %s", {_quoted(path)}) == {_quoted(target)}',),
        )
    if change.lines:
        content = f"{file}.content_string"
        lines = tuple(f"assert {_quoted(line)} in {content}" for line in change.lines)
        return Proposal(f"{path} has the lines that matter", lines)
    now, was = _FILE.match(change.after), _FILE.match(change.before)
    if now is None:
        return Proposal(f"{path} is there", (f"assert {file}.exists",))
    lines = tuple(_attributes(now, was))
    if was is not None and not lines:
        # Nobody but its owner may read it, so that it is not known here what it holds.
        text = f'assert "..." in {file}.content_string  # what this step has written'
        return Proposal(f"{path} has what this step writes", (text,))
    named = (f"file = {file}", *lines)
    kind = now["type"]
    return Proposal(f"{path} is a {kind} with its mode and owner", named)


def _attributes(now: re.Match[str], was: re.Match[str] | None) -> Iterator[str]:
    if was is None or was["type"] != now["type"]:
        yield f"assert file.is_{now['type']}" if now["type"] in _TYPES else "assert file.exists"
    if was is None or was["mode"] != now["mode"]:
        yield f"assert file.mode == 0o{now['mode'].lstrip('0') or '0'}"
    for what in ("user", "group"):
        if (was is None and now[what] != "root") or (was is not None and was[what] != now[what]):
            yield f"assert file.{what} == {_quoted(now[what])}"


_TYPES = frozenset({"file", "directory", "pipe", "socket"})


def _package(change: Change) -> Proposal:
    name, package = change.name, f"host.package({_quoted(change.name)})"
    if not change.after:
        return Proposal(
            f"the package {name} is not installed", (f"assert not {package}.is_installed",)
        )
    if change.before:
        return Proposal(
            f"the package {name} is not of version {change.before} any more",
            (f"assert not {package}.version.startswith({_quoted(change.before)})",),
        )
    return Proposal(f"the package {name} is installed", (f"assert {package}.is_installed",))


def _unit(change: Change) -> Proposal:
    name = change.name.removesuffix(".service")
    lines = [f"unit = host.service({_quoted(name)})"]
    words = []
    works, worked = (one.startswith("active") for one in (change.after, change.before))
    if works != worked:
        lines.append(f"assert {'' if works else 'not '}unit.is_running")
        words.append("works" if works else "does not work")
    for state, word in (("enabled", "starts with the host"), ("masked", "is masked")):
        if (state in change.after) != (state in change.before):
            lines.append(f"assert {'' if state in change.after else 'not '}unit.is_{state}")
            words.append(word if state in change.after else f"no longer {word}")
    if not words:
        status = change.after.partition(" ")[0] or "inactive"
        said = f'host.run("systemctl is-active %s", {_quoted(change.name)}).stdout.strip()'
        return Proposal(f"the unit {name} is {status}", (f"assert {said} == {_quoted(status)}",))
    return Proposal(f"the unit {name} {' and '.join(words)}", tuple(lines))


def _port(change: Change) -> Proposal:
    protocol, _, port = change.name.partition("://")
    # On more than one address: the port alone stands for all of them.
    where = change.after.removeprefix("on ").split(", ") if change.after else []
    address = where[0].partition(" by ")[0] if len(where) == 1 else ""
    address = address.strip("[]").partition("%")[0].replace("*", "")
    name = f"{protocol}://{address}:{port}" if address else change.name
    verb, no = ("listens", "") if change.after else ("no longer listens", "not ")
    said = where[0] if where else change.before.partition(", ")[0]
    program = said.partition(" by ")[2] or "something"
    return Proposal(
        f"{program} {verb} on {protocol.upper()} port {port}",
        (f"assert {no}host.socket({_quoted(name)}).is_listening",),
    )


def _user(change: Change) -> Proposal:
    name, user = change.name, f"host.user({_quoted(change.name)})"
    if not change.after:
        return Proposal(f"the user {name} is gone", (f"assert not {user}.exists",))
    if change.after.endswith(", another password"):
        return Proposal(
            f"the user {name} has a password",
            (f'assert {user}.password.startswith("$")',),
        )
    now, was = _USER.match(change.after), _USER.match(change.before)
    lines = [f"user = {user}", *(() if was else ("assert user.exists",))]
    for what in ("uid", "gid", "home", "shell"):
        if now and (was[what] != now[what] if was else what in ("home", "shell")):
            value = now[what] if what in ("uid", "gid") else _quoted(now[what])
            lines.append(f"assert user.{what} == {value}")
    return Proposal(f"the user {name} is as it must be", tuple(lines))


def _group(change: Change) -> Proposal:
    name, group = change.name, f"host.group({_quoted(change.name)})"
    if not change.after:
        return Proposal(f"the group {name} is gone", (f"assert not {group}.exists",))
    lines: tuple[str, ...] = () if change.before else (f"assert {group}.exists",)
    now, was = (one.partition(", members ")[2].split() for one in (change.after, change.before))
    lines += tuple(
        f"assert {_quoted(name)} in host.user({_quoted(one)}).groups"
        for one in now
        if one not in was
    )
    lines += tuple(
        f"assert {_quoted(name)} not in host.user({_quoted(one)}).groups"
        for one in was if one not in now
    )  # fmt: skip
    if not lines:
        gid = change.after.partition(",")[0].removeprefix("gid ")
        lines = (f"assert {group}.gid == {gid}",)
    return Proposal(f"the group {name} has its members", lines)


def _mount(change: Change) -> Proposal:
    path, mount = change.name, f"host.mount_point({_quoted(change.name)})"
    if not change.after:
        return Proposal(f"nothing is mounted at {path}", (f"assert not {mount}.exists",))
    device, type_, *_ = [*change.after.split(", "), "", ""]
    return Proposal(
        f"{path} is the file system of {device}",
        (
            f"mount = {mount}",
            f"assert mount.device == {_quoted(device)}",
            f"assert mount.filesystem == {_quoted(type_)}",
        ),
    )


def _firewall(change: Change) -> Proposal:
    program = change.name.partition(" ")[0]
    tables = program in ("iptables", "ip6tables")
    command = f"{program}-save" if tables else "nft list ruleset"
    old, new = (one.split("; ") if one else [] for one in (change.before, change.after))
    lines = [
        f"assert {_quoted(rule)} {word} host.check_output({_quoted(command)})"
        for word, rules, others in (("in", new, old), ("not in", old, new))
        for rule in rules
        if rule not in others and rule != "empty" and not rule.startswith("policy ")
    ]
    if not lines:
        _, _, chain = change.name.rpartition(" ")
        word = "in" if change.after else "not in"
        lines = [f"assert {_quoted(chain)} {word} host.check_output({_quoted(command)})"]
    return Proposal(f"the firewall has its rules in {change.name}", tuple(lines))


def _sysctl(change: Change) -> Proposal:
    value = change.after if re.fullmatch(r"-?\d+", change.after) else _quoted(change.after)
    return Proposal(
        f"the kernel setting {change.name} is {change.after}",
        (f"assert host.sysctl({_quoted(change.name)}) == {value}",),
    )


_PROPOSED = {
    "file": _file,
    "package": _package,
    "unit": _unit,
    "port": _port,
    "user": _user,
    "group": _group,
    "mount": _mount,
    "firewall": _firewall,
    "sysctl": _sysctl,
}


def _quoted(text: str) -> str:
    """Return `text` as a Python string in double quotes, where that needs no escapes."""
    return f'"{text}"' if text.isprintable() and not set(text) & {'"', "\\"} else repr(text)
