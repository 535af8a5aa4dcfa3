"""Prompts of programs that take commands of their own, as `mysql> `."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from runbook.console.pattern import any_of

_TYPED: Final = r"(?P<typed>.*)\Z"
_NAMES: Final = (
    r"mysql|gluster|sqlite|s?ftp|nslookup|telnet|lvm|redis|birdc?|kadmin(?:\.local)?"
    r"|bconsole|ntpq|smb|gdb|influx|cqlsh|ovs|virsh"
)
_PROMPTS: Final = (
    rf"(?:{_NAMES})> ?",
    r"(?:MariaDB|mysql) \[[^\]]*\]> ",
    r"\(gdb\) ",
    r"\(parted\) ",
    r"virsh # ",
    r"><fs> ",
    r"guestfish> ",
    r"[\w.-]+[=-][#>] ",  # a database's name, as psql shows it
    r">>> ?",
    r"\.\.\. ",
    r"In \[\d+\]: ",
    r"irb[^>]*> ",
    r"crm\([\w()-]+\)[\w-]*# ",
    r"\([\w-]+\) ",
    r"\[oVirt shell[^\]]*\]# ?",
    r"[\w.-]+\([\w-]+(?:\([\w-]+\))*\)[#>] ",  # a device in one of its modes
    r"Command \(m for help\): ?",
    r"(?:rs|replica|[\w-]+):[A-Z]+> ",
    r"> (?=\S)",
)
_PROMPT: Final = re.compile(rf"(?P<prompt>{'|'.join(_PROMPTS)}){_TYPED}")
_SURE: Final = any_of(
    r"(?:mysql|gluster|sqlite|sftp|(?:MariaDB|mysql) \[[^\]]*\])>",
    r"virsh #|><fs>|>>> |In \[\d+\]:",
    r"[\w.-]+\(config[\w-]*\)#",
    r"\(gdb\) |\(parted\) ",
    r"\w+=[#>] |crm\(\w+\)",
)
_DEVICE: Final = re.compile(
    r"(?P<prompt>[A-Za-z][\w.@:/~-]*(?:\([\w/ -]+\))?(?:\[[\w ]+\])?[#>])(?: (?P<typed>.*))?\Z"
)
"""Any name and a sign: only where a program is known to be open."""


@frozen
class Line:
    """The prompt of a program, and what is typed behind it."""

    prompt: str
    typed: str


def inner_prompt(text: str) -> Line | None:
    """Return what `text` shows if it begins with a program's prompt."""
    found = _PROMPT.match(text) or _DEVICE.match(text)
    return Line(found["prompt"].strip(), (found["typed"] or "").strip()) if found else None


def device(text: str) -> Line | None:
    """Return what `text` shows if it begins with a mere name and a sign."""
    found = _DEVICE.match(text)
    return Line(found["prompt"], (found["typed"] or "").strip()) if found else None


def is_sure(text: str) -> bool:
    """Tell whether `text` begins with a program's prompt that can be nothing else."""
    return bool(_SURE.match(text))
