"""What a shell that is opened within another one has of it: by su, sudo, or its own name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from runbook.model.actions import Start
from runbook.shelltext.programs import SHELLS, Program

SU_VALUED: Final = frozenset(
    {"-c", "--command", "--session-command", "-s", "--shell", "-g", "--group", "-G",
     "--supp-group", "-w", "--whitelist-environment", "-u", "--user"}
)  # fmt: skip
"""Options of su and runuser with a value; only runuser has `-u`."""
SWITCHES: Final[Mapping[str, frozenset[str]]] = {
    "sudo": frozenset(
        {*(f"-{letter}" for letter in "ughpCrtTUDR"), "--user", "--group", "--host", "--prompt",
         "--close-from", "--role", "--type", "--command-timeout", "--other-user", "--chdir",
         "--chroot"}
    ),
    "doas": frozenset({"-u", "-C", "-a"}),
    "runuser": SU_VALUED,
}  # fmt: skip
"""Programs that run another one as another user, root if none is named: options with a value."""
_FOLLOWED: Final = frozenset({"-i", "-l", "--login", "-il", "-li"})
"""Options of shells that make no other shell than the harness opens."""
_UNLIKE: Final = frozenset(
    {"-m", "-p", "--preserve-environment", "-w", "--whitelist-environment", "-g", "--group", "-G",
     "--supp-group"}
)  # fmt: skip
"""Options of su and runuser that make a shell in surroundings of its own."""
_UNLIKE_SUDO: Final = frozenset(
    {"-D", "--chdir", "-R", "--chroot", "-g", "--group", "-r", "--role", "-t", "--type", "-U"}
)
_ASSIGNED: Final = re.compile(r"\s*\w+\+?=")
STARTS: Final = tuple(Start)
"""From the one that keeps the least to the one that keeps the most."""


def options_of(
    given: Sequence[str], valued: frozenset[str], *, mixed: bool
) -> tuple[dict[str, str], list[str]]:
    """Return the options among `given`, each with its value or an empty one, and the operands.

    `valued` are the options with a value. Unless options and operands may be `mixed`, all that
    follows the first operand is one.
    """
    options: dict[str, str] = {}
    operands: list[str] = []
    left = list(given)
    while left:
        one = left.pop(0)
        if one == "--" or (operands and not mixed):
            operands += left if one == "--" else [one, *left]
            break
        if one.startswith("--"):
            name, sign, value = one.partition("=")
            options[name] = left.pop(0) if name in valued and not sign and left else value
        elif one.startswith("-") and len(one) > 1:
            for at, letter in enumerate(one[1:], 2):
                if (name := f"-{letter}") in valued:
                    options[name] = one[at:] or (left.pop(0) if left else "")
                    break
                options[name] = ""
        else:
            operands.append(one)
    return options, operands


def unlike(text: str, shell: Program, before: Sequence[Program]) -> str:
    """Return why `shell` would be another one than the harness opens, or an empty text."""
    if any(one.name == "exec" for one in before):
        return "exec puts it in place of the shell that is open"
    if _ASSIGNED.match(text):
        return "it is given variables of its own"
    given: list[str] = []
    if shell.name in SHELLS:
        given += [one for one in shell.arguments if one not in _FOLLOWED]
    for one in (*before, shell):
        if one.name in ("sudo", "doas"):
            options, _ = options_of(one.arguments, SWITCHES[one.name], mixed=False)
            given += [name for name in options if name in _UNLIKE_SUDO]
            if names := options.get("--preserve-env"):
                given.append(f"--preserve-env={names}")
        elif one.name in ("su", "runuser"):
            options, _ = options_of(one.arguments, SU_VALUED, mixed=one is shell)
            given += [name for name in options if name in _UNLIKE]
    return f"the harness starts that shell without {' '.join(given)}" if given else ""


def start_of(program: Program) -> Start:
    """Return what a shell that `program` opens, or that it is put before, begins with."""
    match program.name:
        case "su" | "runuser":
            options, operands = options_of(program.arguments, SU_VALUED, mixed=True)
            is_login = "-" in operands or any(one in options for one in ("-l", "--login"))
            return Start.LOGIN if is_login else Start.VARIABLES
        case "sudo" | "doas":
            options, _ = options_of(program.arguments, SWITCHES[program.name], mixed=False)
            if options.keys() & {"-i", "--login"}:
                return Start.LOGIN
            # sudo sets the path and the home directory all the same.
            return Start.PROFILE if options.keys() & {"-E", "--preserve-env"} else Start.DIRECTORY
        case name if name in SHELLS:
            is_login = any(one != "-i" for one in program.arguments)
            return Start.PROFILE if is_login else Start.ENVIRONMENT
    return Start.ENVIRONMENT
