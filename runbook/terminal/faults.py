"""Errors of shells and dialogues, separated by cause.

`HostLost` says nothing about the guide: the step could not be tried. The others are
`Failure`s: the host was reachable, and what was run on it went wrong.
"""

from __future__ import annotations

from runbook.errors import RunbookError


class HostLost(RunbookError):  # noqa: N818  # it names what happened
    """The connection or the host was lost, so the result of what was run on it is unknown."""


class Disordered(HostLost):
    """A shell's marks came out of order, so the result of what was run is unknown."""


class Failure(RunbookError):  # noqa: N818  # it names what happened
    """A command did not complete; `output` is what it printed so far."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


class CommandTimeout(Failure):
    """A command was still running after `seconds`, and was stopped."""

    def __init__(self, message: str, output: str = "", seconds: float = 0.0) -> None:
        super().__init__(message, output)
        self.seconds = seconds


class ShellEnded(Failure):
    """A command ended or replaced the shell it ran in.

    `status` is the shell's exit status, 128 plus the number for a signal, `None` if unknown.
    """

    def __init__(self, message: str, output: str = "", status: int | None = None) -> None:
        super().__init__(message, output)
        self.status = status


class Unfinished(Failure):
    """A command's text ends inside a here-document; nothing of it was run."""


class DialogueStopped(Failure):
    """A program asked a question that the guide does not answer, or refused an answer."""
