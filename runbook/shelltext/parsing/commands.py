"""Shell text that was read, as values: simple commands, redirections, assignments."""

from __future__ import annotations

from attrs import frozen

from runbook.shelltext.parsing.words import Word


@frozen
class Redirect:
    """A redirection; the target of a here-document is its delimiter."""

    operator: str
    target: Word


@frozen
class Assignment:
    """A value that a variable may get; `value` is `None` if it cannot be told."""

    name: str
    value: Word | None


@frozen
class SimpleCommand:
    """A command with its words and redirections.

    `piped` is whether it reads the output of the previous command, which is `source` if that is
    one simple command. `inputs` are its here-documents and here-strings. `fed` is whether what
    surrounds it determines what it reads: a function, or a redirection of a loop. `compound` is
    whether its redirections are those of a compound command.
    """

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()
    inputs: tuple[Word, ...] = ()
    piped: bool = False
    source: SimpleCommand | None = None
    fed: bool = False
    compound: bool = False


@frozen
class ShellText:
    """Shell text that was read: its simple commands in the order of their beginnings.

    `own` are those of them that are not within a substitution. `functions` are the names of those
    that it defines. `problems` are why bash would refuse a part of it. `intricate` is whether a
    part of it needed a closer look.
    """

    commands: tuple[SimpleCommand, ...]
    own: tuple[SimpleCommand, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    functions: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    intricate: bool = False
