"""A session: one live shell on one host as one user. It knows no steps.

Commands run in one persistent interactive bash on a terminal, so that directories, variables
and functions live on from one to the next, as they do for the guide's reader.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Final

from runbook import bash, conversation, transfer
from runbook.faults import (
    CommandTimeout,
    DialogueStopped,
    Failure,
    HostLost,
    ShellEnded,
    Unfinished,
)
from runbook.model import Dialogue
from runbook.recording import Sink
from runbook.shell import Completed, Shell
from runbook.watch import Aside

__all__ = [
    "CommandTimeout",
    "Completed",
    "DialogueStopped",
    "Failure",
    "HostLost",
    "Session",
    "ShellEnded",
    "Unfinished",
]

_OPEN_HEREDOC: Final = re.compile(r"here-document at line \d+ .*\(wanted [`'](.*)'\)")


class Session:
    """One live shell on one host as one user; a context manager that ends it."""

    def __init__(self, shell: Shell, aside: Aside | None = None) -> None:
        self._shell = shell
        self._aside = aside

    @classmethod
    def open(
        cls,
        argv: Sequence[str],
        *,
        host: str,
        environment: Mapping[str, str] | None = None,
        sink: Sink | None = None,
        timeout: float = 30.0,
        aside: Aside | None = None,
    ) -> Session:
        """Return a session with the interactive bash that `argv` starts.

        Everything that is printed goes to `sink` as well. `timeout` is in seconds. `aside` runs
        shell text on the same host, in another shell; with it a dialogue sees when its program
        waits for an answer.

        Raises:
            HostLost: there is no shell there within `timeout`.

        """
        deadline = time.monotonic() + timeout
        session = cls(Shell(argv, host=host, sink=sink, timeout=timeout), aside)
        try:
            if environment:
                words = " ".join(f"{name}={bash.quote(v)}" for name, v in environment.items())
                left = max(1.0, deadline - time.monotonic())
                session._shell.execute(f"export {words}", timeout=left)
        except Failure as error:
            session.close()
            raise HostLost(f"{host}: the shell cannot be set up: {error}") from error
        return session

    @property
    def alive(self) -> bool:
        """Whether the shell is there and at its prompt, or busy with a command."""
        return self._shell.alive

    @property
    def host(self) -> str:
        """The name of the host."""
        return self._shell.host

    @property
    def pid(self) -> int:
        """The local process at this end of the connection."""
        return self._shell.terminal.pid

    def run(self, command: str, *, timeout: float) -> Completed:
        """Run shell text of any number of lines, without input, for at most `timeout` seconds.

        Raises:
            CommandTimeout: it was still running, and was stopped.
            ShellEnded: it ended or replaced its shell.
            Unfinished: a here-document in it has no end.
            HostLost: the host is gone.

        """
        if "<<" in command:
            self._refuse_open_heredoc(command, timeout)
        self._shell.record(f"$ {command}")
        return self._shell.execute(command, timeout=timeout)

    def converse(
        self, dialogue: Dialogue, *, secrets: Callable[[str], str], timeout: float
    ) -> Completed:
        """Run a program that asks, and answer as the dialogue says.

        `secrets` gives the value of a secret by its name, just before it is typed.

        Raises:
            DialogueStopped: it asked what is not foreseen, or refused an answer.
            CommandTimeout, ShellEnded, HostLost: as for `run`.

        """
        self._shell.record(f"$ {dialogue.text}")
        return conversation.hold(
            self._shell, dialogue, secrets=secrets, timeout=timeout, aside=self._aside
        )

    def read_file(self, path: str) -> bytes | None:
        """Return the content of a file, or `None` if there is none of that name.

        Raises:
            RunbookError: it cannot be read, is no file, or is larger than 16 MiB.

        """
        return transfer.read_file(self._shell, path)

    def put(self, path: str, data: bytes, *, mode: str | None, owner: str | None) -> None:
        """Make `data` the content of a file, all at once.

        `mode` is octal text and `owner` is `user:group`; without them a file that is there
        keeps its own, and a new one gets what the shell gives. The directory must exist.

        Raises:
            RunbookError: the file cannot be written; the old content is untouched.

        """
        self._shell.record(f"# {len(data)} bytes for {path}")
        transfer.put(self._shell, path, data, mode=mode, owner=owner)

    def close(self) -> None:
        """End the shell, and whatever runs in it. Any thread may do this."""
        self._shell.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_open_heredoc(self, command: str, timeout: float) -> None:
        """Ask bash whether a here-document has no end, since it runs such text all the same."""
        check = f"__runbook_s=$?; LC_ALL=C bash -nc {bash.quote(command)}; (exit $__runbook_s)"
        said = self._shell.execute(check, timeout=timeout).output
        if found := _OPEN_HEREDOC.search(said):
            raise Unfinished(
                f"the here-document has no end: a line {found[1]!r} is missing; nothing was run",
                said,
            )
