"""What destroys data, cuts off the operator, or cannot be taken back.

The list is small on purpose, and stands in the manual as well. Text is read as the shell reads
it, so that the words of `echo "rm -rf /"` are words, and those of `ssh gs1 'rm -rf /'` are a
command. What a variable holds, or a script does, cannot be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.dangers.rules import DEVICE, RULES, VITAL
from runbook.model import Command, Dialogue, Edit, FileContent, Step
from runbook.programs import SHELLS, Program, programs
from runbook.simple import QUOTED, bare

_BOMB: Final = re.compile(r"([^\s(){}|&;]+)\(\)\{\1\|\1&\};\1(?:\Z|;)")
_SQL: Final = re.compile(
    r"(?i)(?:\A|;|\n)\s*(?:(?P<drop>DROP\s+(?:DATABASE|SCHEMA|TABLE|USER|ROLE|VIEW|INDEX))"
    r"|(?P<empty>TRUNCATE\b)|(?P<delete>DELETE\s+FROM\b(?![^;]*\bWHERE\b)))"
)
_SQL_ASKS: Final = re.compile(r"(?:mysql|sqlite)>|MariaDB \[.*\]>|->|\w+[=-][#>]")
_CLIENTS: Final = frozenset({"mysql", "mariadb", "psql", "sqlite3"})
_FETCH: Final = re.compile(r"[<$]\(\s*(?:sudo\s+)?(?:curl|wget|fetch)\b")


def dangers(text: str) -> tuple[str, ...]:
    """Return in words what is dangerous in shell `text`, each thing once."""
    found: dict[str, None] = {}
    if _BOMB.search("".join(bare(text).split()).replace(QUOTED, "")):
        found["starts processes without end"] = None
    for program in programs(text):
        for reason in (*_by_name(program), *_redirected(program)):
            found[f"{program.name}: {reason}" if program.name else reason] = None
    return tuple(found)


def of_step(step: Step) -> tuple[str, ...]:
    """Return what is dangerous in all that `step` does, with what is typed into programs."""
    found: dict[str, None] = {}
    for action in step.actions:
        match action:
            case Command():
                found |= dict.fromkeys(dangers(action.text))
            case Dialogue():
                found |= dict.fromkeys((*dangers(action.text), *_typed(action)))
            case FileContent() if action.edit is Edit.WHOLE and VITAL.fullmatch(action.path):
                found[f"replaces {action.path}, without which the system may not start"] = None
    return tuple(found)


def _typed(dialogue: Dialogue) -> Iterator[str]:
    for turn in dialogue.turns:
        answer = turn.answer or ""
        if _SQL_ASKS.search(turn.prompt):
            yield from _sql(answer)
        elif named := re.match(r"(gluster|virsh) ?[>#]", turn.prompt.strip()):
            yield from dangers(f"{named[1]} {answer}")
        elif turn.prompt.rstrip()[-1:] in ("#", "$"):
            yield from dangers(answer)


def _by_name(program: Program) -> Iterator[str]:
    name = program.name
    if name.startswith("mkfs") or name in ("mke2fs", "mkswap", "mkdosfs"):
        yield "makes a new file system where data may be"
    for rule in RULES.get(name, ()):
        if reason := rule(program):
            yield reason
    if name in SHELLS or name in ("source", ".", "eval"):
        fetched = program.before is not None and program.before.name in ("curl", "wget", "fetch")
        if fetched or any(_FETCH.match(argument) for argument in program.arguments):
            yield "runs what was downloaded, and nobody has read it"
    if name in _CLIENTS:
        for text in (*program.arguments, *program.inputs, *_echoed(program)):
            yield from _sql(text.partition("=")[2] if text.startswith("--") else text)


def _echoed(program: Program) -> Iterator[str]:
    if program.before is not None and program.before.name in ("echo", "printf"):
        yield " ".join(program.before.operands)


def _sql(text: str) -> Iterator[str]:
    for found in _SQL.finditer(text):
        if found["drop"]:
            yield f"{' '.join(found['drop'].upper().split())} deletes from a database"
        else:
            yield "empties a table of a database"


def _redirected(program: Program) -> Iterator[str]:
    for redirect in program.redirects:
        target = redirect.target.text
        if ">" not in redirect.operator or redirect.operator == ">&":
            continue
        if target == "/proc/sysrq-trigger":
            yield "acts on the kernel itself"
        elif DEVICE.fullmatch(target):
            yield f"writes over the device {target}"
        elif ">>" not in redirect.operator and VITAL.fullmatch(target):
            yield f"replaces {target}, without which the system may not start"
