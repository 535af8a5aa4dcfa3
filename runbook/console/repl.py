"""Programs that take commands of their own, and those that never end by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runbook.console.dialogue import Conversation, converse
from runbook.console.entries import Entry
from runbook.console.style import ROUTER
from runbook.console.words import LIKELY, typed
from runbook.console.words import program as _program
from runbook.model import Turn

_INTERACTIVE: Final = frozenset(
    "mysql mariadb psql sqlite3 fdisk gdisk cfdisk parted virsh gluster python python2 python3 ipython vtysh telnet nslookup"
    " lvm ftp sftp crm birdc bconsole mongo mongosh redis-cli cqlsh influx gdb irb node bc nsupdate guestfish kadmin kadmin.local"
    " openstack nova ntpq zkCli.sh rabbitmqctl ovirt-shell engine-config smbclient ktutil ldapmodify mongo tclsh php perl"
    " suricatasc rbash cephfs-shell scala ghci xl octave R certutil pcs salt-call ipmitool efibootmgr".split()
)
_PROMPT: Final = re.compile(
    r"(?P<prompt>(?:mysql|gluster|sqlite|s?ftp|nslookup|telnet|lvm|redis|birdc?|kadmin(?:\.local)?|bconsole|ntpq|smb|gdb|influx|cqlsh|ovs|virsh)> ?"
    r"|MariaDB \[[^\]]*\]> |mysql \[[^\]]*\]> |\(gdb\) |\(parted\) |virsh # |><fs> |guestfish> |[\w.-]+[=-][#>] "
    r"|>>> ?|\.\.\. |In \[\d+\]: |irb[^>]*> |crm\([\w()-]+\)[\w-]*# |\([\w-]+\) |\[oVirt shell[^\]]*\]# ?"
    r"|[\w.-]+\([\w-]+(?:\([\w-]+\))*\)[#>] |Command \(m for help\): ?|(?:rs|replica|[\w-]+):[A-Z]+> |> (?=\S))(?P<typed>.*)\Z"
)
_GENERIC: Final = re.compile(
    r"(?P<prompt>[A-Za-z][\w.@:/~-]*(?:\([\w/ -]+\))?(?:\[[\w ]+\])?[#>])(?: (?P<typed>.*))?\Z"
)
_SURE: Final = re.compile(
    r"(?:mysql|gluster|sqlite|sftp|MariaDB \[[^\]]*\]|mysql \[[^\]]*\])>|virsh #|><fs>|>>> |In \[\d+\]:|[\w.-]+\(config[\w-]*\)#|\(gdb\) |\(parted\) |\w+=[#>] |crm\(\w+\)"
)
_ENDS: Final = re.compile(
    r"(?:exit|quit|\\q|q|bye|w|\.quit|\.exit|quit\(\)|exit\(\)|logout|EOF|quit;|exit;)\s*\Z",
    re.IGNORECASE,
)
_ENDLESS: Final = re.compile(
    r"(?:sudo )?(?:tail (?:\S+ )*(?:-\w*[fF]\b|--follow)|top\b(?!.*-b)|htop\b|watch |less |more |journalctl .*-\w*f\b|vmstat \d+\s*\Z|iostat .*\d\s*\Z"
    r"|tcpdump (?!.*-c)|ping (?!.*-[cn]\b)|ceph (?:-w|--watch)|dstat\b|iotop\b|nload\b|iftop\b|vi |vim |nano |emacs |man |visudo|vipw|virsh console|screen\s*\Z|tmux\s*\Z)"
)


def conversation(entry: Entry) -> Conversation:
    """Return the conversation with the program of `entry`; a false one if there is none."""
    if not any(set(line) & set(":?>#$)") for line in entry.output):
        return Conversation()
    name = _program(entry.text).rpartition("/")[2]
    asked = converse(entry.output)
    if asked:
        return Conversation(
            tuple(
                evolve(t, answer=None) if (t.answer or "").startswith("# ") else t
                for t in asked.turns
            ),
            asked.after,
        )
    if name not in _INTERACTIVE:
        return asked
    turns = [
        Turn(m["prompt"].strip(), (m["typed"] or "").strip() or None)
        for line in entry.output
        if (m := _PROMPT.match(line) or _GENERIC.match(line))
    ]
    return Conversation(tuple(t for t in turns if t.answer))


def left_open(entries: Sequence[Entry], typing: Sequence[str]) -> str:
    """Return the name of the program that the last of `entries` leaves open, or an empty text."""
    last = entries[-1]
    name = _program(last.text).rpartition("/")[2]
    if (
        name not in _INTERACTIVE
        or re.search(r"\s(?:-[ec]|-e\S+|--execute|--command|<|\|)", last.text)
        or "|" in last.text
    ):
        return ""
    if ends(typing):
        return ""
    return name if len(last.text.split()) <= 8 else ""


def within(entries: Sequence[Entry]) -> list[Entry]:
    """Return `entries` with those that are typed into a program before them made its typing."""
    found: list[Entry] = []
    program = ""
    for entry in entries:
        shown = _PROMPT.match(entry.text) or _GENERIC.match(entry.text)
        if program and (shown or typed(entry.text) < LIKELY):
            text = (shown["typed"] if shown else entry.text) or ""
            found[-1] = evolve(found[-1], typing=(*found[-1].typing, text.strip()))
            if ends([text]):
                program = ""
            continue
        found.append(entry)
        program = left_open([entry], ())
    return found


def ends(typing: Sequence[str]) -> bool:
    """Tell whether the last thing typed ends the program."""
    return bool(typing) and bool(_ENDS.match(typing[-1].strip()))


def endless(command: str) -> bool:
    """Tell whether `command` waits for a person to end it."""
    return bool(_ENDLESS.match(command)) and "|" not in command.split("#")[0]


def typed_in(lines: Sequence[str], program: str) -> list[str] | None:
    """Return what is typed into a program that is open already, or `None` if none is.

    `program` is the one that an earlier block left open, or an empty text.
    """
    first = next((line for line in lines if line.strip()), "")
    device = _GENERIC.match(first)
    if device and device["typed"] and device["typed"].split()[0] in ROUTER:
        program = program or "a network device"
    if not (_SURE.match(first) or (program and (_PROMPT.match(first) or _GENERIC.match(first)))):
        return None
    found = [
        (m["typed"] or "").strip()
        for line in lines
        if (m := _PROMPT.match(line) or _GENERIC.match(line))
    ]
    return [text for text in found if text]
