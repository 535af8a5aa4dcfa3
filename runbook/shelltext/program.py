"""A program with its arguments, as somebody would type it at a shell."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from runbook.shelltext.parsing.commands import Redirect
from runbook.shelltext.parsing.words import Word

SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash", "rbash"})


@frozen(eq=False)
class Program:
    """A program with its arguments.

    `name` is without directories. `piped_from` is the program whose output it reads, if any;
    `documents` are its here-documents and here-strings. `elsewhere` is whether it runs on another
    host, or in another root or container on the same one. `starter` is the program that starts it
    in place of a shell. `unread` is why the shell text that it runs cannot be told, or empty.
    `wraps` is whether its words are those of another program, or text for a shell.
    """

    name: str
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()
    documents: tuple[Word, ...] = ()
    piped_from: Program | None = None
    elsewhere: bool = False
    starter: str = ""
    unread: str = ""
    wraps: bool = False
    arguments: tuple[str, ...] = field(init=False)
    """Its words without the name."""
    operands: tuple[str, ...] = field(init=False)
    """Its arguments without options."""

    @arguments.default
    def _arguments(self) -> tuple[str, ...]:
        return tuple([word.text for word in self.words[1:]])

    @operands.default
    def _operands(self) -> tuple[str, ...]:
        given = self.arguments
        if "--" in given:
            end = given.index("--")
            return (*[text for text in given[:end] if text[:1] != "-"], *given[end + 1 :])
        return tuple([text for text in given if text[:1] != "-"])

    @property
    def inputs(self) -> tuple[str, ...]:
        """The texts of its here-documents and here-strings."""
        return tuple(word.text for word in self.documents)

    @property
    def offset(self) -> int:
        """The offset of its name in the text."""
        return self.words[0].offset

    def has_option(self, short: str, *long: str) -> bool:
        """Return whether its options include one of the letters `short`, or a `long` option.

        Programs accept a long option whose end is left out.
        """
        for argument in self.arguments:
            if argument == "--":
                return False
            if argument.startswith("--"):
                name = argument.partition("=")[0]
                if any(one == name or (len(name) > 4 and one.startswith(name)) for one in long):
                    return True
            elif argument.startswith("-") and set(argument[1:]) & set(short):
                return True
        return False


def name_of(word: Word) -> str:
    """Return the name of the program that `word` starts, without directories."""
    return word.text.rpartition("/")[2]
