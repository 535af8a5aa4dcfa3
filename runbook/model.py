"""The nouns of a runbook: frozen values without behaviour that touches the world.

Every noun has one class here, under the name that the glossary gives it. Paths in a
`Location` are relative to the guide's directory, lines count from 1, and all durations
are seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Final

from attrs import field, frozen

SCHEMA: Final = 1
"""Number of the plan's and the journal's format; it changes when a reader would break."""


@frozen(order=True)
class Location:
    """A line of a source document."""

    document: str
    line: int

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


@frozen
class Command:
    """Shell lines that an operator types, and the output the guide shows after them.

    `output` is `None` where the guide shows none. It is compared with what the command
    really prints only if `compare` is true.
    """

    text: str
    location: Location
    output: str | None = None
    compare: bool = False


@frozen
class Override:
    """Another answer to a question, on some hosts or platforms only.

    `on` names hosts and groups, `platforms` platforms; without names it is for all of them.
    `answer` and `secret` mean what they mean in a `Turn`.
    """

    on: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    answer: str | None = None
    secret: str | None = None


@frozen
class Turn:
    """One question of a program and its answer.

    `prompt` is the last line of the question, `before` are the program's lines between the
    answer before it and that line. An `answer` of `None` takes the program's default. A
    `secret` is a name; its value is looked up when the answer is sent, and `answer` is then
    `None`. The first of the `overrides` that is for a host replaces both there. A turn that
    comes only `sometimes` may be missing from the conversation.
    """

    prompt: str
    answer: str | None = None
    secret: str | None = None
    sometimes: bool = False
    before: str = ""
    overrides: tuple[Override, ...] = ()


@frozen
class Dialogue:
    """A program that asks questions, with the turns that the guide's transcript shows.

    `output` is the whole transcript below the command line, as the guide prints it, without
    the author's remarks. `after` are its lines after the last answer.
    """

    text: str
    location: Location
    turns: tuple[Turn, ...]
    output: str = ""
    after: str = ""


class Edit(enum.Enum):
    """How a `FileContent` changes the file."""

    WHOLE = "whole"
    """The text is the file's whole content."""
    LINES = "lines"
    """Each line of the text is present in the file; missing ones are appended."""
    KEYS = "keys"
    """Each `key = value` line is set in the section, or at the top without one."""


@frozen
class FileContent:
    """A file on the host, or an edit of one. `mode` is octal text, `owner` is `user:group`."""

    path: str
    text: str
    location: Location
    edit: Edit = Edit.WHOLE
    section: str | None = None
    mode: str | None = None
    owner: str | None = None


@frozen
class Manual:
    """A task that only a person can do, in words."""

    text: str
    location: Location


Action = Command | Dialogue | FileContent | Manual


@frozen
class Check:
    """A sentence about a host and the testinfra assertions that decide whether it is true.

    `source` is Python text in which `host` is the testinfra host of the step and `hosts`
    maps every host's name to its own. After the actions the assertions may take up to
    `within` seconds to become true.
    """

    sentence: str
    source: str
    location: Location
    within: float = 0.0


@frozen
class Capture:
    """A value to take out of the output of a step's last command, for later steps.

    A later `<name>` in a marked block, with `-` for `_`, stands for the value. Without a
    `pattern` the value is the whole output, stripped; with one it is the first group of
    the first match, or the whole match if there is no group.
    """

    name: str
    pattern: str | None = None


@frozen
class Step:
    """What the operator does on which hosts, and how to tell that it worked.

    `on` names hosts and groups. `platforms` is empty for any platform. `requires` names
    capabilities; one that begins with `!` must be absent. `needs` is `None` if the step
    stands on every step before it, otherwise the ids of the steps it stands on. A step
    that was read from an unmarked code block has `marked` false, and the `confidence` of
    that reading. `choices` are what the operator must have chosen, as `engine=hosted`. One
    that takes back what others did says `undo`.
    """

    id: str
    title: str
    location: Location
    on: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    checks: tuple[Check, ...] = ()
    platforms: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    needs: tuple[str, ...] | None = None
    timeout: float = 300.0
    readonly: bool = False
    serial: bool = False
    user: str = "root"
    statuses: tuple[int, ...] = (0,)
    capture: Capture | None = None
    marked: bool = True
    confidence: float = 1.0
    choices: tuple[str, ...] = ()
    undo: bool = False


class Kind(enum.Enum):
    """What a code block of a guide is to the person who follows it."""

    COMMANDS = "commands"
    """Lines to type at a shell."""
    TRANSCRIPT = "transcript"
    """Lines to type, with what they print."""
    DIALOGUE = "dialogue"
    """A program that asks, or that takes commands of its own."""
    FILE = "file"
    """A file's content, or an edit of one."""
    OUTPUT = "output"
    """Only what a program prints."""
    SYNOPSIS = "synopsis"
    """The general form of a command, which nobody can type as it stands."""
    OTHER = "other"
    """Another language than the shell's."""
    PROSE = "prose"
    """Commands within a sentence: a person's task, never run."""


@frozen
class Reading:
    """What a code block was taken for, how certainly, and why.

    `confidence` is between 0 and 1; only a block in a marked step has 1. `commands` are typed
    at a shell, `typed` into programs, both in order. `path` is that of a file block. `hosts`
    are as the text calls them, `user` and `directory` as a prompt shows them. `choice` names
    the alternative that the block belongs to. `step` is the id of the step it became part of.
    """

    id: str
    location: Location
    kind: Kind
    confidence: float
    reasons: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    path: str | None = None
    hosts: tuple[str, ...] = ()
    user: str | None = None
    directory: str | None = None
    choice: str | None = None
    step: str | None = None


@frozen
class Chapter:
    """One document of the guide, with its steps and its code blocks in reading order."""

    document: str
    title: str
    steps: tuple[Step, ...] = ()
    blocks: tuple[Reading, ...] = ()


@frozen
class Runbook:
    """The chapters of a guide in toctree order; what `plan.json` holds."""

    title: str
    chapters: tuple[Chapter, ...] = ()
    schema: int = SCHEMA

    def steps(self) -> Iterator[Step]:
        """Yield every step in the order in which an operator meets it."""
        for chapter in self.chapters:
            yield from chapter.steps


@frozen
class Host:
    """One machine of a cluster. `groups` always contains `all`."""

    name: str
    address: str
    groups: tuple[str, ...] = ("all",)
    platform: str = ""


@frozen
class Cluster:
    """The hosts a guide speaks of, and the values its text may name.

    `network` is in CIDR notation. `values` are what `|name|` stands for in the text.
    `choices` are the alternatives that the operator chose, by the name of the choice.
    `environment` is set in every session. `recipe` is the lab's own part of the file,
    which only the code that makes hosts reads.
    """

    name: str
    network: str
    hosts: tuple[Host, ...]
    values: dict[str, str] = field(factory=dict)
    environment: dict[str, str] = field(factory=dict)
    choices: dict[str, str] = field(factory=dict)
    recipe: dict[str, object] = field(factory=dict)

    def select(self, names: tuple[str, ...]) -> tuple[Host, ...]:
        """Return the hosts that host or group `names` select, in the cluster's order.

        Raises:
            KeyError: a name is neither a host nor a group; the key is that name.

        """
        known = {host.name for host in self.hosts} | {g for h in self.hosts for g in h.groups}
        for name in names:
            if name not in known:
                raise KeyError(name)
        wanted = set(names)
        return tuple(h for h in self.hosts if h.name in wanted or wanted & set(h.groups))
