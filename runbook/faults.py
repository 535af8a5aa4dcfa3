"""What can go wrong on a channel to a host, told apart by who is to blame.

`HostLost` says nothing about the guide: the step could not be tried. The others are
`Failure`s: the host was there, and what was run on it did not do its part.
"""

from __future__ import annotations

from runbook.errors import RunbookError


class HostLost(RunbookError):  # noqa: N818  # it names what happened
    """The connection or the host is gone, so nothing is known of what was run on it."""


class Failure(RunbookError):  # noqa: N818  # it names what happened
    """A command did not come to its end as it should; `output` is what it printed so far."""

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

    `status` is the shell's exit status, 128 and the number for a signal, `None` if unknown.
    """

    def __init__(self, message: str, output: str = "", status: int | None = None) -> None:
        super().__init__(message, output)
        self.status = status


class Unfinished(Failure):
    """A command's text ends too early, in a here-document; nothing of it was run."""


class DialogueStopped(Failure):
    """A program asked what the guide does not answer, or refused an answer."""
