"""Find commands that destroy data, lock out the operator, or cannot be undone.

They are known by what they mean: the lists in `lists/`, and the functions in `rules`. Text is
read as the shell does: `echo "rm -rf /"` only prints words, but `ssh gs1 'rm -rf /'` runs a
command. What the shell would have to compute first is a danger where a program stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shlex import quote
from textwrap import shorten
from typing import Final

from attrs import define, field

from runbook.model import Command, Dialogue, Edit, FileContent, Step
from runbook.shelltext.dangers.meaning import reasons
from runbook.shelltext.dangers.sql import SQL_ASKS, sql_dangers
from runbook.shelltext.dangers.targets import DEVICE, VITAL
from runbook.shelltext.dangers.unread import assignment_dangers, unread
from runbook.shelltext.dangers.written import Written
from runbook.shelltext.parsing.lexer import MASK, masked, read
from runbook.shelltext.parsing.syntax import doubt
from runbook.shelltext.program import Program
from runbook.shelltext.programs import plain_program, programs
from runbook.shelltext.variables import Variables

_LONGEST: Final = 40
"""A longer name of a program is cut in messages."""

_MAY_BE_BOMB: Final = re.compile(r"\)\s*\{[^|}]*\|[^&}]*&\s*\}")
_BOMB: Final = re.compile(r"(?<![^\s(){}|&;])([^\s(){}|&;]++)\(\)\{\1\|\1&\};\1(?:\Z|;)")
_TOOL_ASKS: Final = re.compile(r"(gluster|virsh|ceph|lvm|zfs|openstack) ?[>#]")


def dangers(text: str) -> tuple[str, ...]:
    """Return descriptions of the dangers in shell `text`, without duplicates."""
    return _Scan().of([text])


def step_dangers(step: Step, written: Written | None = None) -> tuple[str, ...]:
    """Return the dangers of all actions of `step`, including input for programs.

    `written` are the files that earlier steps write; those of this one are added.
    """
    scan = _Scan(written=written or Written())
    texts = [a.text for a in step.actions if isinstance(a, Command | Dialogue)]
    for action in step.actions:
        if isinstance(action, FileContent):
            scan.written.add(action.path, action.text if action.edit is Edit.WHOLE else None)
    found = dict.fromkeys(scan.of(texts))
    for action in step.actions:
        match action:
            case Dialogue():
                found |= dict.fromkeys(_typed(action))
            case FileContent() if DEVICE.fullmatch(action.path):
                found[f"overwrites the device {action.path}"] = None
            case FileContent() if action.edit is Edit.WHOLE and VITAL.fullmatch(action.path):
                found[f"replaces {action.path}, which the system may need to boot"] = None
    return tuple(found)


@define
class _Scan:
    """Finds the dangers of shell texts that run one after the other in one shell."""

    variables: Variables = field(factory=Variables)
    written: Written = field(factory=Written)

    def of(self, texts: Sequence[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        plain: list[Program] = []
        others: list[str] = []
        for text in texts:
            # Most commands are plain words, and need neither a parser nor another one.
            if program := plain_program(text):
                plain.append(program)
                continue
            others.append(text)
            shell = read(text)
            if shell.assignments:
                self.variables.add(shell.assignments)
                found |= dict.fromkeys(assignment_dangers(shell.assignments))
            if shell.problems:
                found |= dict.fromkeys(shell.problems)
            if _MAY_BE_BOMB.search(text) and _is_bomb(text):
                found["is a fork bomb"] = None
            if doubted := doubt(text, shell):
                found[doubted] = None
        for program, several in self._programs(plain, others):
            name = shorten(" ".join(program.name.split()), _LONGEST, placeholder="...")
            for reason in several:
                found[f"{name}: {reason}" if name else reason] = None
        return tuple(found)

    def _programs(
        self, plain: Sequence[Program], texts: Sequence[str]
    ) -> Iterator[tuple[Program, Iterable[str]]]:
        computed = any("$" in text or "`" in text for text in texts)
        variables = self.variables if computed else None
        started = [*plain, *(one for text in texts for one in programs(text, variables))]
        aliases: dict[str, str] = {}
        for program in started:
            self.written.note(program, self.variables)
            if program.name == "alias":
                aliases |= _aliases(program)
        if self.written.has_copies:
            for program in started:
                if copied := self.written.original(program.name):
                    aliases.setdefault(program.name, copied)
        if aliases:
            started += list(self._meant(started, aliases))
        for program in started:
            if found := [*unread(program, self.variables), *reasons(program)]:
                yield program, found
            for content in self.written.run_by(program):
                if content is None:
                    yield program, ["it runs a file that these commands write or download"]
                else:
                    yield program, _Scan(self.variables).of([content])

    def _meant(self, started: Sequence[Program], aliases: Mapping[str, str]) -> Iterator[Program]:
        """Yield the programs that are started by another name."""
        for program in started:
            if program.name in aliases:
                words = (w.text if w.parts else quote(w.text) for w in program.words[1:])
                text = f"{aliases[program.name]} {' '.join(words)}"
                yield from programs(text, self.variables)


def _aliases(program: Program) -> dict[str, str]:
    """Return what the words of `alias` stand for, without those that add options to themselves."""
    pairs = (word.partition("=") for word in program.arguments)
    return {name: text for name, sign, text in pairs if sign and text.split()[:1] != [name]}


def _is_bomb(text: str) -> bool:
    return _BOMB.search("".join(masked(text).split()).replace(MASK, "")) is not None


def _typed(dialogue: Dialogue) -> Iterator[str]:
    for turn in dialogue.turns:
        answer = turn.answer or ""
        if SQL_ASKS.search(turn.prompt):
            yield from sql_dangers(answer)
        elif named := _TOOL_ASKS.match(turn.prompt.strip()):
            yield from dangers(f"{named[1]} {answer}")
        elif turn.prompt.rstrip()[-1:] in ("#", "$"):
            yield from dangers(answer)
