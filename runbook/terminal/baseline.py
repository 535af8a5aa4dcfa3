"""How a shell was when it was set up, and what has become of it since."""

from __future__ import annotations

import re
import time
from typing import Final

from runbook.errors import RunbookError
from runbook.model.actions import Start
from runbook.terminal.bash import nonce
from runbook.terminal.channel import Channel
from runbook.terminal.declarations import UnreadableError
from runbook.terminal.shell_state import Difference, Secrecy, Snapshot, difference, inherited

UNREADABLE: Final = "*"
"""Stands among the lost names of a state of which nothing could be read."""

_TIMEOUT: Final = 30.0
"""Seconds in which a shell at its prompt must answer."""
_ATTEMPTS: Final = 6
_VOLATILE: Final = re.compile(
    rb"^declare -\S+ (?:_|BASHPID|BASH_(?:COMMAND|LINENO|SUBSHELL)|EPOCH(?:REALTIME|SECONDS)"
    rb"|HISTCMD|LINENO|S?RANDOM|SECONDS|__runbook_\w+)="
    rb"""(?:"(?:[^"\\]|\\[\S\s])*"|\$'(?:[^'\\]|\\.)*')\n"""
    rb"|^declare -a BASH_LINENO=\(.*\)\n",
    re.MULTILINE,
)


class Baseline:
    """The state of the shell of `channel` just after it was set up.

    Nothing of what is asked of the shell is recorded.

    Raises:
        HostLost: the shell does not answer.

    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        # A process cannot undo everything: limits, ignored signals, open files.
        # The blanks at the ends of its lines depend on IFS.
        self._process = self._ask(f"__runbook_process {channel.device or '/'}").split()
        self._printed = b""
        self._known = self._first = self._read()

    @property
    def umask(self) -> str:
        """The umask of the shell just after it was set up, in octal digits."""
        return self._first.umask if self._first is not None else "022"

    def home(self) -> str:
        """Return the home directory as the shell has it now.

        Raises:
            HostLost, RunbookError: the shell does not say.

        """
        word = nonce()
        wanted = re.compile(f"{word}\n(/.*)\n{word}\n")
        for _ in range(_ATTEMPTS):
            # A job may print in between, so what does not fit is asked again.
            said = self._ask(f'builtin printf "%s\\n" {word} "$HOME" {word} >/dev/tty')
            if found := wanted.search(said.decode("utf-8", errors="surrogateescape")):
                return found[1].rstrip("/") or "/"
        raise RunbookError("the shell has no home directory")

    def difference(self, is_secret: Secrecy, start: Start | None = None) -> Difference:
        """Return what a new shell would have to be given to be as this one is now.

        With `start`, to be as one that is opened in this one.

        Raises:
            HostLost: the shell does not answer.

        """
        if self._first is None:
            return Difference(lost=(UNREADABLE,))
        for _ in range(_ATTEMPTS):
            before = self._printed
            self._print()
            # A job may print into what the shell prints, so a new state must be read twice.
            if self._printed != before:
                self._known = None
                continue
            if self._known is None:
                self._known = self._parsed()
            if self._known is not None and start is not None:
                return inherited(self._first, self._known, start)
            if self._known is not None:
                return difference(self._first, self._known, is_secret)
        return Difference(lost=(UNREADABLE,))

    def holds_for_process(self) -> bool:
        """Return whether the process of the shell could be that of a new one.

        Raises:
            HostLost: the shell does not answer.

        """
        device = self._channel.device
        return bool(device) and self._ask(f"__runbook_process {device}").split() == self._process

    def _read(self) -> Snapshot | None:
        for _ in range(_ATTEMPTS):
            self._print()
            if (snapshot := self._parsed()) is not None:
                return snapshot
        return None

    def _print(self) -> None:
        """Let the shell print its state, and keep that without what changes by itself."""
        self._printed = _VOLATILE.sub(b"", self._ask("__runbook_state"))

    def _parsed(self) -> Snapshot | None:
        try:
            return Snapshot.parse(self._printed, self._channel.nonce)
        except UnreadableError:
            return None

    def _ask(self, command: str) -> bytes:
        return self._channel.query(command, time.monotonic() + _TIMEOUT)
