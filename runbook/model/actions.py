"""The actions of a step: what an operator types, answers, writes or does by hand."""

from __future__ import annotations

import enum
from typing import Final

from attrs import frozen

from runbook.model.location import Location
from runbook.model.prompt import Prompt


class Start(enum.Enum):
    """What an inner shell begins with of the shell that it is opened in; each has all above it."""

    LOGIN = "login"
    """Nothing: it is a login, in the home directory."""
    DIRECTORY = "directory"
    """The directory and the umask, as under sudo."""
    PROFILE = "profile"
    """The exported variables as well, but not those that a login sets."""
    VARIABLES = "variables"
    """All that is exported but the variables that say who the user is, as under su."""
    ENVIRONMENT = "environment"
    """All that is exported."""


_EXPORTED: Final = (Start.PROFILE, Start.VARIABLES, Start.ENVIRONMENT)
"""What begins with the variables that the shell around it exports."""


@frozen
class InnerShell:
    """A shell that a step opens within another one; `number` tells it from the step's others.

    `user`, `host` and `ordinary` are those of the shell that it is opened in.
    """

    number: int
    start: Start
    user: str = ""
    host: str = ""
    ordinary: bool = False


@frozen
class Place:
    """Who types a command, and on which host, where that is not the step's own user and host.

    A nested shell or a prompt may say so. With `ordinary`, the user is the ordinary one of the
    lab: the one whose prompt is `$`. `shells` are the inner shells that are open, the innermost
    last: the command is typed in that.
    """

    user: str = ""
    host: str = ""
    ordinary: bool = False
    shells: tuple[InnerShell, ...] = ()


def holds_at(earlier: Place | None, later: Place | None) -> bool:
    """Return whether a variable that was exported at one place is exported at a later one.

    It is so in the same shell, and in those that were opened in it and begin with what is exported.
    """
    one, other = earlier or Place(), later or Place()
    opened = other.shells[len(one.shells) :]
    # An inner shell knows which shell it was opened in; without one it is that of the place.
    where: Place | InnerShell = opened[0] if opened else other
    same = (one.user, one.host, one.ordinary) == (where.user, where.host, where.ordinary)
    begun = other.shells[: len(one.shells)] == one.shells
    return same and begun and all(shell.start in _EXPORTED for shell in opened)


@frozen
class Command:
    """Shell lines that an operator types, and the output the guide shows after them.

    `output` is `None` where the guide shows none. It is compared with what the command
    really prints only if `compare` is true. `disconnects` says how the command takes the
    connection to its host away, if it does. `prompt` is `None` if its block shows no prompts.
    `place` is `None` if it is typed by the step's user on the step's host.
    """

    text: str
    location: Location
    output: str | None = None
    compare: bool = False
    disconnects: Disconnect | None = None
    prompt: Prompt | None = None
    place: Place | None = None


class Typing(enum.Enum):
    """How an answer is typed."""

    LINE = "line"
    """A line, which Enter ends."""
    ENTER = "enter"
    """Enter alone, at a pause as well as at a question."""
    DEFAULT = "default"
    """Enter alone, for the default that the program has, as the author says."""
    KEY = "key"
    """Keys without Enter."""
    EDIT = "edit"
    """A line in place of the proposal that the program has already written there."""


@frozen
class Override:
    """Another answer to a question, on some hosts or platforms only.

    `on` names hosts and groups, `platforms` platforms; without names it is for all of them.
    `answer`, `secret` and `typing` mean what they mean in a `Turn`.
    """

    on: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    answer: str | None = None
    secret: str | None = None
    typing: Typing = Typing.LINE


@frozen
class Turn:
    """One question of a program and its answer.

    `prompt` is the last line of the question, `before` are the program's lines between the
    answer before it and that line. An `answer` of `None` takes the program's default. A
    `secret` is a name; its value is looked up when the answer is sent, and `answer` is then
    `None`. The first of the `overrides` that is for a host replaces both there. A turn that
    comes only `sometimes` may be missing from the conversation. `typing` says which keys are
    pressed. A turn that asks `again` has the question of an earlier one, for another thing. One
    that is `drawn` on the screen is not in the transcript.
    """

    prompt: str
    answer: str | None = None
    secret: str | None = None
    sometimes: bool = False
    before: str = ""
    overrides: tuple[Override, ...] = ()
    typing: Typing = Typing.LINE
    again: bool = False
    drawn: bool = False


@frozen
class Dialogue:
    """A program that asks questions, with the turns that the guide's transcript shows.

    `output` is the whole transcript below the command line, as the guide prints it, without
    the author's remarks. `after` are its lines after the last answer. `prompt` and `place` are
    those of the shell, as in a `Command`.
    """

    text: str
    location: Location
    turns: tuple[Turn, ...]
    output: str = ""
    after: str = ""
    prompt: Prompt | None = None
    place: Place | None = None


class Disconnect(enum.Enum):
    """How a command breaks the connection to its own host."""

    REBOOT = "reboot"
    """The host boots again."""
    NETWORK = "network"
    """The host stays up, but connections may have to be made again."""


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
    """A file on the host, or an edit of one. `mode` is octal text, `owner` is `user:group`.

    The file itself is a check of the step: it has this content, owner and mode afterwards, and
    up to the end of the guide, or `until` the step of that id.
    """

    path: str
    text: str
    location: Location
    edit: Edit = Edit.WHOLE
    section: str | None = None
    mode: str | None = None
    owner: str | None = None
    until: tuple[str, ...] = ()


@frozen
class Manual:
    """A task that only a person can do, in words."""

    text: str
    location: Location


Action = Command | Dialogue | FileContent | Manual
