"""Programs with commands of their own, and editors: what starts them, and what is typed there."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Final

from runbook.console.clues.wordlists import sections, words
from runbook.console.clues.words import KNOWN, LIKELY, command_likelihood, program_name
from runbook.shelltext.pattern import any_of

_ARGUMENTS: Final = {"languages": 0, "none": 0, "one": 1, "two": 2, "": 9}
"""How many arguments an interactive program may have, by section of `lists/interactive.txt`."""

_LANGUAGES: Final = {
    **dict.fromkeys(("mysql", "mariadb", "psql", "sqlite3", "cqlsh", "influx"), "sql"),
    **dict.fromkeys(("vtysh", "birdc"), "network"),
    **dict.fromkeys(("sftp", "smbclient"), "ftp"),
    **dict.fromkeys(("gdisk", "cfdisk"), "fdisk"),
    **dict.fromkeys(("nc", "ncat", "netcat", "openssl"), "telnet"),
    **dict.fromkeys(("python2", "python3", "ipython", "ipython3"), "python"),
    "kadmin.local": "kadmin",
    "ldapadd": "ldapmodify",
    "mongo": "mongosh",
}
"""The section of `lists/input.txt` for programs that have none of their own name."""

_WITHIN: Final = any_of(
    r"(?:sudo )?(?:docker|podman|docker-compose|docker compose) (?:exec|run) (?:-\S+ )*\S+ ",
    r"(?:sudo )?(?:kubectl|oc|lxc|incus) (?:\S+ )*?exec (?:\S+ )*?-- ",
    r"(?:sudo )?cephadm shell (?:-\S+ )*(?:-- )?",
)
"""What runs a program somewhere else."""

_COMPLETE: Final = any_of(
    r"\s(?:-[emlvV]\b|-f\s?\S|-[bL]\s|-(?:batch|execute)\b)",
    r"\s--(?:eval|execute|command|file|list|batch|help|version)\b",
    r"\.(?:js|ldif|lua|php|pl|py|R|rb|sql|tcl)\s*\Z",
    r"\||<(?![\w -]+>)",  # what is piped in, but not a placeholder
)
"""Command lines that pass all input to the program, or ask for none."""

_READS: Final = any_of(
    r"(?:sudo )?cat *>>? *[^\s<|&;]+\Z",
    r"(?:sudo )?openssl s_client (?!.*[<|])",
)
"""Other commands that read what is typed."""

_COMPLETE_HERE: Final = any_of(
    r"(?!\S*(?:gdb|bconsole|virsh)\b)\S+ (?:.* )?-c\b",
    r"kadmin(?:\.local)? (?:.* )?-q\b",
    r"parted (?:.* )?-s\b",
    r"ntpq (?:.* )?-\w*p",
    r"ovirt-shell (?:.* )?-E\b",
    r"n(?:c|cat|etcat) (?:.* )?-\w*[lzV]",
)
"""The same, for options that have another meaning elsewhere."""

_OPTION: Final = re.compile(r"-\w\Z")
_BARE: Final = frozenset({"", " -i", " -q", " -u"})
"""What may follow the name of a language that is certainly interactive."""

_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_LONGEST: Final = 300
"""Longer command lines hardly start an interactive program."""

_QUITS: Final = any_of(
    r"(?i:exit|quit)(?:\(\)|;)?\s*\Z",
    r"(?i:\\q|q|bye|w|\.quit|\.exit|logout|EOF|\^[cd]|<?ctrl[-+ ]d>?)\s*\Z",
)
_QUESTIONS: Final = frozenset({"bconsole", "fdisk", "ftp", "kadmin", "parted", "telnet"})
"""Programs that ask questions as well; messages of others may look like questions."""

_LDIF: Final = re.compile(r"[A-Za-z][\w;-]*::?(?: |\Z|<)|-\Z| \S")
_EDITOR: Final = any_of(
    r"(?:sudo )?(?:vi|vim|nvim|nano|emacs|gedit|pico|joe|\$EDITOR|\$\{EDITOR\}) \S",
    r"(?:sudo )?(?:visudo(?!.* -\w*c)|vipw|vigr)\b",
    r"(?:sudo )?(?:sudoedit|sudo -e) \S",
    r"(?:sudo )?crontab (?:.* )?-\w*e\b",
    r"(?:sudo )?(?:virsh (?:\w+-)?edit|systemctl (?:--\S+ )*edit|ansible-vault (?:edit|create)) ",
    r"(?:sudo )?(?:kubectl|oc) (?:-\S+ \S+ )*edit ",
)
_SETTING: Final = re.compile(r"[\w.-]+\s*[=:]|[\[<{%@*#;/]")


def language(name: str) -> str:
    """Return the section of `lists/input.txt` for the program `name`."""
    return _LANGUAGES.get(name, name)


@functools.lru_cache(4096)
def opens_editor(command: str) -> bool:
    """Return whether `command` opens a file in an editor."""
    return bool(_EDITOR.match(command))


def is_edited(line: str) -> bool:
    """Return whether `line`, after a command that opens an editor, is text to write there."""
    line = line.strip()
    return bool(_SETTING.match(line)) or command_likelihood(line) < LIKELY


def started(command: str) -> str:
    """Return the name of the interactive program that `command` starts, or an empty string."""
    name = may_start(command)
    if name in words("interactive", "languages") and command.rpartition(name)[2] not in _BARE:
        return ""
    return name


@functools.lru_cache(4096)
def may_start(command: str) -> str:
    """Return the name of the program that `command` starts, if that may be interactive.

    It is an empty string if it is not. A program with options alone is certainly interactive
    only if it shows its prompt.
    """
    if len(command) > _LONGEST or "\n" in command.strip():
        return ""
    if inside := _WITHIN.match(command):
        command = command[inside.end() :]
    name = program_name(command).rpartition("/")[2]
    if _READS.match(command):
        return name
    most = _programs().get(name)
    if most is None:
        return ""
    arguments = command.partition(name)[2]
    if _COMPLETE.search(arguments) or _COMPLETE_HERE.match(f"{name}{arguments}"):
        return ""
    return name if _positional(_QUOTED.sub("quoted", arguments).split()) <= most else ""


@functools.cache
def _programs() -> dict[str, int]:
    """Return how many arguments each interactive program may have."""
    return {
        name: most for section, most in _ARGUMENTS.items() for name in words("interactive", section)
    }


def _positional(arguments: Sequence[str]) -> int:
    """Return how many arguments are neither an option nor the value of a short one."""
    count = 0
    for before, argument in zip(("", *arguments), arguments, strict=False):
        if not argument.startswith("-") and not _OPTION.match(before):
            count += 1
    return count


def quits(line: str) -> bool:
    """Return whether the input `line` leaves a program."""
    return bool(_QUITS.match(line.strip()))


def asks(name: str) -> bool:
    """Return whether the program `name` asks questions other than at its prompt."""
    return not name or language(name) in _QUESTIONS


def is_own(name: str, line: str) -> bool:
    """Return whether `line` starts with a word that the program `name` knows."""
    spoken = language(name)
    if spoken == "ldapmodify" and _LDIF.match(line):
        return True
    first = line.split(maxsplit=1)[0].rstrip(";:").lower() if line.strip() else ""
    if name == "cat" or (spoken == "sql" and first.startswith(("\\", "."))):
        return True
    return spoken in sections("input") and first in words("input", spoken)


def is_input(name: str, line: str) -> bool:
    """Return whether `line` may be typed into the program `name`, rather than at the shell."""
    return is_own(name, line.strip()) or quits(line) or command_likelihood(line) < KNOWN
