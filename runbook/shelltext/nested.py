"""Commands that open another shell, in which all that follows is typed."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from runbook.model.actions import Start
from runbook.shelltext.programs import SHELLS, Program, programs
from runbook.shelltext.shell_starts import (
    STARTS,
    SU_VALUED,
    SWITCHES,
    options_of,
    start_of,
    unlike,
)

_LEAVING: Final = frozenset({"exit", "logout"})
_SSH_VALUED: Final = frozenset(f"-{letter}" for letter in "BbcDEeFIiJLlmOopQRSWw")
_IN_BETWEEN: Final = frozenset({*SWITCHES, "exec", "command"})
"""What may stand before a shell that can be followed all the same."""
_SHELL_VALUED: Final = frozenset({"--rcfile", "--init-file", "-o", "+o", "-O", "+O"})
"""Options of shells with a value that is a word of its own."""
_ONLY_TELLS: Final = frozenset({"--version", "--help", "--dump-strings", "--dump-po-strings"})
_CONTAINERS: Final = frozenset({"docker", "podman", "nerdctl", "lxc", "kubectl", "oc", "crictl"})
_OTHERS: Final = frozenset(
    {"newgrp", "sg", "chroot", "machinectl", "nsenter", "unshare", "screen", "tmux", "script",
     "fakeroot", "toolbox", "distrobox", "systemd-run", "pkexec", "arch-chroot", "lxc-attach",
     "scl", "login", "mosh", "nix-shell", "csh", "tcsh", "fish", "pwsh", "xonsh", "nu"}
)  # fmt: skip
"""Programs that open a shell, or may, in surroundings that only they make."""
_SUBCOMMANDS: Final[Mapping[tuple[str, ...], int]] = {
    ("adb", "shell"): 0,
    ("hosted-engine", "--console"): 0,
    ("multipass", "shell"): 1,
    ("oc", "rsh"): 1,
    ("pipenv", "shell"): 0,
    ("podman", "machine", "ssh"): 1,
    ("podman", "unshare"): 0,
    ("poetry", "shell"): 0,
    ("vagrant", "ssh"): 1,
    ("virsh", "console"): 1,
}
"""Beginnings of commands that open a shell, and how many names may follow; then comes a command."""


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
    """A shell that `command` opens; `user` and `host` are those that it names, or empty.

    `start` is what it begins with. `why` says of some why they cannot be followed.
    """

    command: str
    opens: Opens
    user: str = ""
    host: str = ""
    start: Start = Start.LOGIN
    why: str = ""


def nested_shell(text: str) -> NestedShell | None:
    """Return the shell that `text` does nothing but open, or leaves open at its end, if any."""
    found = [one for one in programs(text) if one.name]
    if not found:
        return None
    last, before = found[-1], found[:-1]
    if last.piped_from is not None or last.documents or any(r for r in last.redirects):
        return None
    opened = _opened(last, text.strip())
    if opened is None:
        return None
    if not {one.name for one in before} <= _IN_BETWEEN:
        # Something else runs before it, in the shell that there was.
        return NestedShell(text.strip(), Opens.OTHER)
    if opened.opens is Opens.OTHER:
        return opened
    if why := unlike(text, last, before):
        return NestedShell(text.strip(), Opens.OTHER, why=why)
    if opened.opens is not Opens.HOST:
        start = min(map(start_of, found), key=STARTS.index)
        opened = evolve(opened, start=start)
    users = [user for one in before if (user := _switched(one)) is not None]
    if users and opened.opens is Opens.SAME:
        return evolve(opened, opens=Opens.USER, user=users[-1])
    if users and opened.opens is Opens.HOST and not opened.user:
        return evolve(opened, user=users[-1])
    return opened


def leaves_shell(text: str) -> bool:
    """Tell whether `text` is nothing but `exit` or `logout`."""
    found = [one for one in programs(text) if one.name]
    return len(found) == 1 and found[0].name in _LEAVING


def _opened(program: Program, text: str) -> NestedShell | None:
    given = program.arguments
    match program.name:
        case "su" | "runuser":
            return _su(given, text)
        case "sudo" | "doas":
            return _switching(program, text)
        case "ssh":
            return _ssh(given, text)
        case name if name in SHELLS:
            return NestedShell(text, Opens.SAME) if _is_interactive(given) else None
        case name if name in _CONTAINERS and (opened := _container(given, text)):
            return opened
        case name if name in _OTHERS:
            return NestedShell(text, Opens.OTHER) if _is_bare(program) else None
    return NestedShell(text, Opens.OTHER) if _is_subcommand(program) else None


def _is_interactive(given: Sequence[str]) -> bool:
    """Return whether a shell with these arguments reads what is typed: it has nothing to run."""
    left = list(given)
    while left:
        one = left.pop(0)
        if one in _SHELL_VALUED:
            left[:1] = []
            continue
        short = one.startswith(("-", "+")) and not one.startswith("--")
        if one in _ONLY_TELLS or not one.startswith(("-", "+")) or (short and "c" in one):
            return False
    return True


def _su(given: Sequence[str], text: str) -> NestedShell | None:
    options, operands = options_of(given, SU_VALUED, mixed=True)
    names = [one for one in operands if one != "-"]
    if options.keys() & {"-c", "--command", "--session-command", "-u", "--user", *_ONLY_TELLS}:
        return None
    if len(names) > 1:
        return NestedShell(text, Opens.OTHER)
    return NestedShell(text, Opens.USER, names[0] if names else "root")


def _switching(program: Program, text: str) -> NestedShell | None:
    """Return the shell of `sudo -i`, `sudo -s` or `doas -s`, with nothing to run in it."""
    options, operands = options_of(program.arguments, SWITCHES[program.name], mixed=False)
    shell = options.keys() & {"-i", "-s", "--login", "--shell"}
    if operands or not shell:
        return None
    return NestedShell(text, Opens.USER, _switched(program) or "root")


def _switched(program: Program) -> str | None:
    """Return as which user `program` runs another one; `None` if it does not change the user."""
    if (valued := SWITCHES.get(program.name)) is None:
        return None
    options, _ = options_of(program.arguments, valued, mixed=False)
    return options.get("-u") or options.get("--user") or "root"


def _ssh(given: Sequence[str], text: str) -> NestedShell | None:
    """Return the shell of an ssh that is given a host and no command."""
    options, names = options_of(given, _SSH_VALUED, mixed=False)
    # Options may follow the host as well; then comes the command.
    more, command = options_of(names[1:], _SSH_VALUED, mixed=False)
    options |= more
    if not names or command or options.keys() & {"-N", "-f", "-V", "-Q", "-O", "-W", "-G"}:
        return None
    user, sign, host = names[0].rpartition("@")
    return NestedShell(text, Opens.HOST, user if sign else options.get("-l", ""), host)


def _container(given: Sequence[str], text: str) -> NestedShell | None:
    """Return the shell that a container's program opens: its last word is one."""
    if "exec" not in given and (not given or given[0] not in ("run", "shell", "attach")):
        return None
    shell = given[-1].rpartition("/")[2] in SHELLS or given[0] in ("shell", "attach")
    return NestedShell(text, Opens.OTHER) if shell else None


def _is_subcommand(program: Program) -> bool:
    """Tell whether it is a command such as `vagrant ssh`, which is given nothing to run."""
    given = (program.name, *program.arguments)
    words = next((one for one in _SUBCOMMANDS if given[: len(one)] == one), None)
    if words is None or program.has_option("c", "--command"):
        return False
    names = [one for one in given[len(words) :] if not one.startswith("-")]
    return len(names) <= _SUBCOMMANDS[words]


def _is_bare(program: Program) -> bool:
    """Tell whether a program is given no command of its own to run."""
    operands = program.operands
    shell = bool(operands) and operands[-1].rpartition("/")[2] in SHELLS
    match program.name:
        case "newgrp" | "screen" | "tmux" | "script" | "fakeroot" | "toolbox" | "distrobox":
            return True
        case "login" | "mosh":
            return len(operands) < 2 and not program.has_option("", *_ONLY_TELLS)
        case "csh" | "tcsh" | "fish" | "pwsh" | "xonsh" | "nu":
            return not operands and not program.has_option("c", *_ONLY_TELLS)
        case "nsenter" | "unshare" | "pkexec":
            # What they start would be told behind them.
            return not program.has_option("hV", *_ONLY_TELLS)
        case "nix-shell":
            return not program.has_option("", "--run", "--command", *_ONLY_TELLS)
        case "systemd-run":
            return shell or program.has_option("S", "--shell")
        case "lxc-attach":
            return "--" not in program.arguments or shell
        case "chroot" | "arch-chroot":
            return len(operands) < 2 or shell
        case "sg":
            return len(operands) < 2 and not program.has_option("c")
        case "machinectl":
            return operands[:1] in (("shell",), ("login",))
    return shell
