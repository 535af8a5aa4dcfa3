"""What a shell would have to compute before one can tell what it runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from runbook.shelltext.dangers.lists import names, rules
from runbook.shelltext.dangers.meaning import hidden_text, is_always_dangerous
from runbook.shelltext.dangers.rules import WRITES
from runbook.shelltext.parsing.commands import Assignment
from runbook.shelltext.parsing.words import PARTS, Literal, Output, Variable, Word
from runbook.shelltext.program import Program
from runbook.shelltext.scripts import READS_WORDS, completed_by
from runbook.shelltext.variables import Variables

_PLACES: Final = re.compile(r"HOME|PWD|OLDPWD|PREFIX|VIRTUAL_ENV|\w*(?:_HOME|DIR|PATH|ROOT|_BIN)")
_PRINTERS: Final = frozenset(
    {"ssh-agent", "dircolors", "direnv", "brew", "pyenv", "rbenv", "nodenv", "opam", "starship"}
    | {"conda", "minikube", "docker-machine", "gpg-agent", "keychain", "lesspipe", "resize"}
)
"""Programs whose output is meant to be run by the shell, and only sets variables."""

_TELLERS: Final = frozenset({"uname", "pwd", "dirname", "hostname", "whoami", "id", "brew", "npm"})
"""Programs that print a part of a path, and nothing of what they read."""

_LATER: Final = frozenset({"PROMPT_COMMAND", "BASH_ENV"})
_SHOWN: Final = frozenset({"PS0", "PS1", "PS2", "PS3", "PS4"})
_SUBSTITUTES: Final = re.compile(r"\$\(|`")
_SUBSCRIPT: Final = re.compile(r"\[[^\]]*(?:\$\(|`)")
_RUNS_VALUE: Final = re.compile(r"\$\{[^}]*@P\}")
_EVALUATES: Final = frozenset(
    {"declare", "typeset", "local", "let", "test", "[", "printf", "unset", "read", "readonly"}
)
"""Programs that compute the subscripts in their words, once more than one sees."""

_CLOSER: Final = _EVALUATES | {"alias"}


def unread(program: Program, variables: Variables) -> Iterable[str]:
    """Return why one cannot tell what `program` is or what it runs."""
    if (
        not any(map(PARTS, program.words))
        and not (program.unread or program.starter)
        and program.name not in _CLOSER
        and not program.words[0].is_pattern
    ):
        return ()
    return _unread(program, variables)


def _unread(program: Program, variables: Variables) -> Iterator[str]:
    name, *given = program.words
    if program.unread:
        yield program.unread
    if name.parts:
        if not _is_place(name, variables) and not _only_sets(name):
            yield "its name is computed when it runs"
    elif name.is_pattern:
        yield "its name is a pattern"
    computed = [word for word in given if word.parts]
    if any(_RUNS_VALUE.search(word.text) for word in computed):
        yield "it runs what a variable contains"
    if program.name in _EVALUATES and any(
        _SUBSCRIPT.search(word.text) for word in given if not word.parts
    ):
        yield "it runs what a subscript contains"
    reads_words = (
        program.starter in READS_WORDS
        and not program.operands
        and program.name in rules("programs")
    )
    if (computed or reads_words) and not program.wraps and not _has_no_verbs(program):
        if any(variables.hides(word) for word in computed):
            yield "its words are put together when it runs"
        elif reads_words:
            yield completed_by(program.starter)
    if program.name == "alias":
        yield from _renamed(given)


def _renamed(words: Iterable[Word]) -> Iterator[str]:
    for word in words:
        new, _, old = word.text.partition("=")
        program = old.split()[:1]
        if program and program != [new] and is_always_dangerous(program[0].rpartition("/")[2]):
            yield f"gives {program[0]} another name"


def _has_no_verbs(program: Program) -> bool:
    """Return whether nothing that `program` is told to do is dangerous."""
    return (program.name in names() and program.name not in WRITES) or any(
        not rule.arguments for rule in rules("harmless").of(program.name)
    )


def _is_place(name: Word, variables: Variables) -> bool:
    """Return whether only the directory of a program is computed."""
    *directory, last = name.parts
    return (
        isinstance(last, Literal)
        and "/" in last.written
        and all(
            isinstance(part, Literal)
            or (isinstance(part, Output) and _prints_a_place(part))
            or (
                isinstance(part, Variable)
                and not variables.assigns(part.name)
                and (part.quoted or bool(_PLACES.fullmatch(part.name)))
            )
            for part in directory
        )
    )


def _prints_a_place(part: Output) -> bool:
    """Return whether `part` is what programs print that tell of a place, or a version."""
    commands = part.shell.own
    return (
        len(commands) == 1 and bool(commands[0].words) and (commands[0].words[0].text in _TELLERS)
    )


def _only_sets(name: Word) -> bool:
    """Return whether `name` is the output of a program that prints assignments."""
    if len(name.parts) > 2 or not isinstance(name.parts[-1], Output):
        return False
    commands = name.parts[-1].shell.commands
    return (
        len(commands) == 1 and bool(commands[0].words) and (commands[0].words[0].text in _PRINTERS)
    )


def assignment_dangers(assignments: Iterable[Assignment]) -> Iterator[str]:
    """Yield what is dangerous about values that variables get."""
    for one in assignments:
        shows = one.name in _SHOWN and one.value is not None and _runs(one.value)
        if one.name in _LATER or shows or (one.name == "ENV" and _is_path(one.value)):
            yield f"{one.name}: the shell runs it later"
        elif one.value is not None and one.value.known:
            text = one.value.text
            if _SUBSCRIPT.search(text) or (" " in text and hidden_text(text)):
                yield f"{one.name}: its value is a dangerous command"


def _is_path(value: Word | None) -> bool:
    return value is None or value.text[:1] in ("/", ".", "~", "$")


def _runs(value: Word) -> bool:
    return _SUBSTITUTES.search(value.text) is not None
