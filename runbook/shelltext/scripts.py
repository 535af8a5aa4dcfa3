"""The shell texts that a program runs: `sh -c`, `eval`, what it reads."""

from __future__ import annotations

import re
from typing import Final

from attrs import evolve, frozen

from runbook.shelltext.parsing.commands import SimpleCommand
from runbook.shelltext.parsing.words import MASK, Output, Word
from runbook.shelltext.program import SHELLS
from runbook.shelltext.variables import Variables, said
from runbook.shelltext.wrappers import Wrapped, values

_COMMAND_OPTION: Final = re.compile(r"-[A-Za-z]*c[A-Za-z]*")
_STANDARD_INPUT: Final = re.compile(r"-|/dev/stdin|(?:/dev|/proc/self)/fd/\d+")
_SHELL_VALUES: Final = frozenset({"-o", "+o", "-O", "+O", "--rcfile", "--init-file"})
_SCHEDULE: Final = re.compile(
    r"^[ \t]*(?:@\w+|(?:[\d*,/A-Za-z-]+[ \t]+){4}\S+)[ \t]+", re.MULTILINE
)
READS_WORDS: Final = frozenset({"xargs", "parallel"})
"""Programs that complete the words of another program with what they read."""

RUNS_TEXT: Final = SHELLS | {"source", ".", "at", "batch", "crontab", "trap", "alias"}
"""Programs that run shell text, besides those of `runbook.shelltext.wrappers`."""


@frozen
class Scripts:
    """Shell texts that a program runs, and why others cannot be told, or an empty string."""

    texts: tuple[str, ...] = ()
    unread: str = ""


_NOTHING: Final = Scripts()
_OUTPUT: Final = Scripts(unread="it runs the output of a program")
_INPUT: Final = Scripts(unread="it runs what it reads")


@frozen
class ScriptFinder:
    """Finds the shell texts that programs run; without `variables`, as they are written."""

    variables: Variables | None
    outer: SimpleCommand | None = None
    """The command that the current text was given to."""

    def of(
        self, words: tuple[Word, ...], name: str, command: SimpleCommand, wrapped: Wrapped | None
    ) -> Scripts:
        """Return what the program `name` runs; `words` are its own and its name."""
        given = words[1:]
        match name:
            case "source" | ".":
                return self._file(given[0], command) if given else _NOTHING
            case "at" | "batch":
                return self.input(command)
            case "crontab" if not any(word.text in ("-l", "-e", "-r") for word in given):
                read = self.input(command).texts
                return Scripts(tuple(_SCHEDULE.sub("", text) for text in read))
            case "trap":
                given = given[1:] if given and given[0].text == "--" else given
                return self._written(given[0]) if given and given[0].text[:1] != "-" else _NOTHING
            case "alias":
                return Scripts(tuple(v for w in given if (v := w.text.partition("=")[2])))
        if wrapped is None:
            return _NOTHING
        wrapper, others = wrapped
        texts = [t for value in values(given, wrapper.texts) for t in self._texts(value)]
        if wrapper.text and others:
            texts.append(" ".join(word.text for word in others))
        if not texts and (wrapper.alone or (wrapper.elsewhere and not others)):
            return self.input(command)
        return Scripts(tuple(texts))

    def shell(self, words: tuple[Word, ...], command: SimpleCommand, starter: str) -> Scripts:
        """Return what a shell runs that `starter` starts with `words`."""
        given = words[1:]
        operands = _operands(given)
        if any(_COMMAND_OPTION.fullmatch(word.text) for word in given):
            if operands:
                return self._written(operands[0])
        elif operands and not any(word.text == "-s" for word in given):
            return self._file(operands[0], command)
        elif starter not in READS_WORDS:
            return self.input(command)
        return Scripts(unread=completed_by(starter)) if starter else _NOTHING

    def _texts(self, word: Word) -> list[str]:
        return self.variables.texts(word) if self.variables else [word.text]

    def _written(self, word: Word) -> Scripts:
        return Scripts(tuple(self._texts(word)))

    def _file(self, word: Word, command: SimpleCommand) -> Scripts:
        """Return what a shell runs that reads the file `word`."""
        if _STANDARD_INPUT.fullmatch(word.text):
            found = self.input(command)
            return _INPUT if found is _NOTHING and "/fd/" in word.text else found
        return self._process(word)

    def _process(self, word: Word) -> Scripts:
        if len(word.parts) == 1 and isinstance(word.parts[0], Output):
            text = self._told.printed(word.parts[0].shell)
            return _OUTPUT if text is None else Scripts((text,))
        return _NOTHING

    def _said(self, source: SimpleCommand) -> str | None:
        """Return what `source` prints, if that can be told."""
        text = self._told.output(source)
        if text is None and self.variables is None and not source.redirects:
            written = (Word(w.text, MASK * len(w.text), w.offset) for w in source.words)
            text = said(tuple(written))
        return text

    @property
    def _told(self) -> Variables:
        return self.variables or Variables()

    def input(self, command: SimpleCommand) -> Scripts:
        """Return what a shell runs that reads the standard input of `command`."""
        if command.inputs:
            return Scripts(tuple(text for word in command.inputs for text in self._texts(word)))
        for redirect in command.redirects:
            if redirect.operator == "<":
                return self._process(redirect.target)
            if redirect.operator in ("<&", "<>"):
                return _INPUT
        if command.source is not None:
            text = self._said(command.source)
            return _OUTPUT if text is None else Scripts((text,))
        if command.piped or command.fed:
            return _INPUT
        outer = self.outer
        return evolve(self, outer=None).input(outer) if outer is not None else _NOTHING


def completed_by(starter: str) -> str:
    """Return why one cannot tell what a program does that `starter` gives words."""
    return f"{starter} completes it with what it reads"


def _operands(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Return the words of a shell without its options and their values."""
    position = 0
    while position < len(words):
        text = words[position].text
        if text == "--":
            return words[position + 1 :]
        if text[:1] not in ("-", "+") or text == "-":
            return words[position:]
        position += 2 if text in _SHELL_VALUES else 1
    return ()
