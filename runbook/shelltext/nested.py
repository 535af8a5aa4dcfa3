"""Commands that open another shell, in which all that follows is typed."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.shelltext.programs import SHELLS, Program, programs

_LEAVING: Final = frozenset({"exit", "logout"})
_SUDO_VALUED: Final = frozenset("ughpCrtTUDR")
_SSH_VALUED: Final = frozenset("BbcDEeFIiJLlmOopQRSWw")
_SHELL_VALUED: Final = frozenset({"--rcfile", "--init-file", "-o", "+o", "-O", "+O"})
"""Options of shells with a value that is a word of its own."""
_NO_SHELL: Final = frozenset({"--version", "--help", "--dump-strings", "--dump-po-strings"})
_CONTAINERS: Final = frozenset({"docker", "podman", "nerdctl", "lxc", "kubectl", "oc", "crictl"})
_OTHERS: Final = frozenset(
    {"newgrp", "sg", "chroot", "machinectl", "nsenter", "unshare", "screen", "tmux", "script",
     "fakeroot", "toolbox", "distrobox", "systemd-run", "pkexec", "doas", "arch-chroot"}
)  # fmt: skip
"""Programs that open a shell, or may, in surroundings that only they make."""


class Opens(enum.Enum):
    """What kind of shell a command opens."""

    USER = "user"
    """That of another user on the same host."""
    HOST = "host"
    """One on another host."""
    SAME = "same"
    """Another one of the same user, here."""
    OTHER = "other"
    """One in a container, another root or another group: it cannot be told what holds there."""


@frozen
class NestedShell:
    """A shell that `command` opens; `user` and `host` are those that it names, or empty."""

    command: str
    opens: Opens
    user: str = ""
    host: str = ""


def nested_shell(text: str) -> NestedShell | None:
    """Return the shell that `text` does nothing but open, or leaves open at its end, if any."""
    found = [one for one in programs(text) if one.name]
    if not found:
        return None
    last = found[-1]
    if last.piped_from is not None or last.documents or any(r for r in last.redirects):
        return None
    # `sudo su - svc` is told by what it starts; `sudo -i` by itself.
    if found[0].name == "sudo" and (opened := _sudo(found[0].arguments, text.strip())):
        return opened
    through = [one.name for one in found[:-1]]
    opened = _opened(last, text.strip(), root="sudo" in through)
    if opened is None or set(through) <= {"sudo", "exec", "command"}:
        return opened
    # Something else runs before it, in the shell that there was.
    return NestedShell(text.strip(), Opens.OTHER)


def leaves_shell(text: str) -> bool:
    """Tell whether `text` is nothing but `exit` or `logout`."""
    found = [one for one in programs(text) if one.name]
    return len(found) == 1 and found[0].name in _LEAVING


def _opened(program: Program, text: str, *, root: bool) -> NestedShell | None:
    given = program.arguments
    match program.name:
        case "su":
            return _su(given, text)
        case "ssh":
            return _ssh(given, text)
        case name if name in SHELLS:
            if not _is_interactive(given):
                return None
            user = "root" if root else ""
            return NestedShell(text, Opens.USER if root else Opens.SAME, user)
        case name if name in _CONTAINERS:
            return _container(given, text)
        case name if name in _OTHERS:
            return NestedShell(text, Opens.OTHER) if _is_bare(program) else None
    return None


def _is_interactive(given: Sequence[str]) -> bool:
    """Return whether a shell with these arguments reads what is typed: it has nothing to run."""
    left = list(given)
    while left:
        one = left.pop(0)
        if one in _SHELL_VALUED:
            left[:1] = []
            continue
        short = one.startswith(("-", "+")) and not one.startswith("--")
        if one in _NO_SHELL or not one.startswith(("-", "+")) or (short and "c" in one):
            return False
    return True


def _su(given: Sequence[str], text: str) -> NestedShell | None:
    if any(one in ("-c", "--command") or one.startswith("--command=") for one in given):
        return None
    names = [one for one in given if not one.startswith("-")]
    if len(names) > 1:
        return NestedShell(text, Opens.OTHER)
    return NestedShell(text, Opens.USER, names[0] if names else "root")


def _sudo(given: Sequence[str], text: str) -> NestedShell | None:
    """Return the shell of `sudo -i` or `sudo -s`, with nothing to run in it."""
    user, shell = "root", False
    left = list(given)
    while left:
        one = left.pop(0)
        if one.startswith("--"):
            name, _, value = one.partition("=")
            shell = shell or name in ("--login", "--shell")
            if name == "--user":
                user = value or (left.pop(0) if left else "")
        elif one.startswith("-") and len(one) > 1:
            letters = one[1:]
            for at, letter in enumerate(letters):
                shell = shell or letter in "is"
                if letter in _SUDO_VALUED:
                    value = letters[at + 1 :] or (left.pop(0) if left else "")
                    user = value if letter == "u" else user
                    break
        else:
            return None
    return NestedShell(text, Opens.USER, user) if shell else None


def _ssh(given: Sequence[str], text: str) -> NestedShell | None:
    """Return the shell of an ssh that is given a host and no command."""
    left = list(given)
    login = ""
    names: list[str] = []
    while left:
        one = left.pop(0)
        if names or not one.startswith("-"):
            names.append(one)
            continue
        if one[1:2] and one[-1] in _SSH_VALUED and len(one) == 2:
            value = left.pop(0) if left else ""
            login = value if one == "-l" else login
        elif "N" in one or "f" in one:
            return None
    if len(names) != 1:
        return None
    user, sign, host = names[0].rpartition("@")
    return NestedShell(text, Opens.HOST, user if sign else login, host)


def _container(given: Sequence[str], text: str) -> NestedShell | None:
    """Return the shell that a container's program opens: its last word is one."""
    if not given or given[0] not in ("exec", "run", "shell", "attach"):
        return None
    shell = given[-1].rpartition("/")[2] in SHELLS or given[0] in ("shell", "attach")
    return NestedShell(text, Opens.OTHER) if shell else None


def _is_bare(program: Program) -> bool:
    """Tell whether a program is given no command of its own to run."""
    operands = program.operands
    match program.name:
        case "newgrp" | "screen" | "tmux" | "script" | "fakeroot" | "toolbox" | "distrobox":
            return True
        case "chroot" | "arch-chroot":
            return len(operands) < 2 or operands[1].rpartition("/")[2] in SHELLS
        case "sg":
            return len(operands) < 2 and not program.has_option("c")
        case "machinectl":
            return operands[:1] in (("shell",), ("login",))
    return bool(operands) and operands[-1].rpartition("/")[2] in SHELLS
