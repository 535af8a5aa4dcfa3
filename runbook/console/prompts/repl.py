"""Prompts of interactive programs with commands of their own, such as `mysql> `."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from runbook.shelltext.pattern import any_of

_TYPED: Final = r"(?P<typed>.*)\Z"
_NAMES: Final = (
    r"mysql|gluster|sqlite|s?ftp|nslookup|telnet|lvm|redis|birdc?|kadmin(?:\.local)?"
    r"|bconsole|ntpq|smb|gdb|influx|cqlsh|ovs|virsh|grub|nsupdate"
)
_PROMPTS: Final = (
    rf"(?:{_NAMES})> ?",
    r"(?:MariaDB|mysql) \[[^\]]*\]> ",
    r"\(gdb\) ",
    r"\(parted\) ",
    r"virsh # ",
    r"><fs> ",
    r"guestfish> ",
    r"[\w.-]+[=('-][#>] ",  # a database's name, as psql shows it
    r"[\w.-]+:\d+(?:\[\d+\])?> ",  # redis
    r"[\w -]{0,60}\[[\w: -]{1,60}\] [\w-]+> ",  # mongosh
    r"\[[\w.-]+@[^\]]{1,60}\] (?:/[\w /-]{0,60})?> ",  # MikroTik
    r" {1,9}(?:->|\.\.\.>) ",  # the next line of a statement
    r"smb: [^>]{0,80}> ",
    r"kadmin(?:\.local)?: +",
    r">>> ?",
    r"\.\.\. ",
    r"In \[\d+\]: ",
    r"irb[^>]*> ",
    r"crm\([\w()-]+\)[\w-]*# ",
    r"\([\w-]+\) ",
    r"\[oVirt shell[^\]]*\]# ?",
    r"[\w.-]+\([\w-]+(?:\([\w-]+\))*\)[#>] ",  # a network device in one of its modes
    r"Command \(m for help\): ?",
    r"(?:rs|replica|[\w-]+):[A-Z]+> ",
    r"> (?=\S)",
)
_PROMPT: Final = re.compile(rf"(?P<prompt>{'|'.join(_PROMPTS)}){_TYPED}")
_CERTAIN: Final = any_of(
    r"(?:mysql|gluster|sqlite|sftp|(?:MariaDB|mysql) \[[^\]]*\])>",
    r"virsh #|><fs>|>>> |In \[\d+\]:",
    r"[\w.-]+\(config[\w-]*\)#",
    r"\((?:gdb|lldb|parted|qemu|i?[Pp]db)\) ",
    r"\w+=[#>] |crm\(\w+\)",
    r"\d+(?:\.\d+){3}:\d+(?:\[\d+\])?> |\[[\w.-]+@[^\]]{1,60}\] (?:/[\w /-]{0,60})?> ",
)
_STAR: Final = re.compile(r"(?P<prompt>\*)(?P<typed>\w.*)\Z")
"""The prompt of bconsole and btape."""

_NAMED: Final = re.compile(r"[\w/.-]{1,30}> \S")
"""A prompt that hardly any output resembles."""

_DEVICE: Final = re.compile(
    r"(?P<prompt>[A-Za-z][\w.@:/~-]*(?:\([\w/ -]+\))?(?:\[[\w ]+\])?[#>])(?: (?P<typed>.*))?\Z"
)
"""Any name and a sign: counts only while a program is known to be running."""


@frozen
class ReplLine:
    """The prompt of a program, and the input after it."""

    prompt: str
    typed: str


def repl_prompt(text: str, program: str = "") -> ReplLine | None:
    """Return the prompt and input if `text` starts with a prompt, of `program` if that is known."""
    found = _PROMPT.match(text) or _DEVICE.match(text)
    if found is None and program in ("bconsole", "btape"):
        found = _STAR.match(text)
    return ReplLine(found["prompt"].strip(), (found["typed"] or "").strip()) if found else None


def device_prompt(text: str) -> ReplLine | None:
    """Return the prompt and input if `text` starts with just a name and a sign."""
    found = _DEVICE.match(text)
    return ReplLine(found["prompt"], (found["typed"] or "").strip()) if found else None


def is_certain(text: str) -> bool:
    """Return whether `text` starts with a program's prompt that is unmistakable."""
    return bool(_CERTAIN.match(text))


def shows_named_prompt(lines: Sequence[str]) -> bool:
    """Return whether one of the `lines` shows the prompt of some program, such as `name> x`."""
    return any("> " in line and _NAMED.match(line) for line in lines)
