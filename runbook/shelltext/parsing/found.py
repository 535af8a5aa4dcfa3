"""What a reader finds in shell text, as places in it."""

from __future__ import annotations

from attrs import define, field

from runbook.shelltext.parsing.lines import Span


@define
class FoundRedirect:
    """A redirection: its operator and target; `body` is where its here-document starts and ends."""

    operator: str
    target: Span
    expands: bool = False
    body: Span = (0, 0)


@define
class FoundCommand:
    """A simple command; `outer` are the redirections of the compound commands around it.

    `source` are the commands whose output it may read, as their first and last number.
    """

    words: list[Span] = field(factory=list)
    assignments: list[Span] = field(factory=list)
    redirects: list[FoundRedirect] = field(factory=list)
    outer: list[FoundRedirect] = field(factory=list)
    source: Span | None = None
    in_function: bool = False
    compound: bool = False


@define
class Scope:
    """What is in a text, or in one substitution within it, but not in those within that.

    `loops` are the variables of loops with the words they take, `functions` the names of those
    that are defined. `substitutions` are where the ones within it start, and whether they are
    quoted.
    """

    commands: list[FoundCommand] = field(factory=list)
    loops: list[tuple[Span, list[Span]]] = field(factory=list)
    functions: list[Span] = field(factory=list)
    substitutions: list[tuple[int, bool]] = field(factory=list)
