"""A bash on a terminal that speaks our marks: brought to its prompt, read from, interrupted."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Final

from runbook import bash
from runbook.faults import HostLost
from runbook.marks import END, LEFT, READY, Mark, Parser
from runbook.output import Bounded, plain
from runbook.tape import Tape
from runbook.terminal import Terminal

_PATIENCE: Final = 2.0
"""Seconds in which a command must heed an interrupt."""
_FIRST_WORD: Final = 5.0
"""Seconds to wait for a new shell's first prompt before it is spoken to all the same."""
_SAID: Final = 1000


class Wire:
    """An interactive bash at the far end of `argv`; what it prints goes to `tape` as it is read.

    `alive` is false once the bash is known to be gone. `leader` is the number of the terminal's
    session on the host, 0 if the host does not tell.

    Raises:
        HostLost: there is no shell there within `timeout` seconds.

    """

    def __init__(self, argv: Sequence[str], *, host: str, tape: Tape, timeout: float) -> None:
        self._host = host
        self._tape = tape
        self._queue: deque[bytes | Mark] = deque()
        self._returned: list[bytes | Mark] = []
        self._nonce = bash.nonce()
        self._parser = Parser("")
        self.alive = True
        self.leader = 0
        self.terminal = Terminal(argv, host=host)
        try:
            self._greet(time.monotonic() + timeout)
        except BaseException:
            self.close()
            raise

    @property
    def token(self) -> bytes:
        """What must be typed to a shell that discards input after a dialogue."""
        return self._nonce.encode("ascii") + b"\n"

    def close(self, farewell: Sequence[bytes] = ()) -> None:
        """End the bash, after the keys of `farewell`. Closing again does nothing."""
        self.alive = False
        self.terminal.close(farewell)

    def receive(self, deadline: float) -> bytes | Mark | None:
        """Return output or a mark, `b""` if neither came before `deadline`, `None` at the end."""
        if self._returned:
            return self._returned.pop()  # it is on the tape already
        while not self._queue:
            data = self.terminal.receive(deadline)
            if not data:
                return data
            self._queue.extend(self._parser.feed(data))
        item = self._queue.popleft()
        if isinstance(item, bytes):
            self._tape.write(item)
        return item

    def unread(self, item: bytes | Mark) -> None:
        """Let `item` be the next one again."""
        self._returned.append(item)

    def rest(self) -> None:
        """Take what looked like the beginning of a mark as output, now that no more can come."""
        self._tape.write(self._parser.rest())

    def interrupt(self) -> bool:
        """Stop the running command; false if the bash did not come back to its prompt."""
        for key in (b"\x03", b"\x1c"):
            deadline = time.monotonic() + _PATIENCE
            self.terminal.send(key, deadline)
            if self._await_prompt(deadline):
                # The key may have come after the command's end, and made for a second prompt.
                self._tape.flush()
                return self._prepare(time.monotonic() + _PATIENCE)
        return False

    def _greet(self, deadline: float) -> None:
        output = Bounded()
        self._tape.begin(output)
        first = self.terminal.receive(min(deadline, time.monotonic() + _FIRST_WORD))
        output.write(first or b"")
        # The line is sent again to a shell that lost it while its terminal was being set up.
        while first is not None and time.monotonic() < deadline:
            if self._prepare(min(deadline, time.monotonic() + _FIRST_WORD)):
                self._tape.begin(None)
                return
            if not self.alive:
                break
        self.alive = False
        status = self.terminal.status()
        # The terminal has shown what we typed as well.
        said = plain(output.value()).replace(bash.setup(self._nonce), "").strip()[-_SAID:]
        why = "it did not answer in time" if status is None else f"exit status {status}"
        raise HostLost(f"{self._host}: no shell there ({why})" + (f": {said}" if said else ""))

    def _prepare(self, deadline: float) -> bool:
        """Set the bash up with a new nonce, so that marks of before mean nothing any more."""
        self._nonce = bash.nonce()
        self._parser = Parser(self._nonce)
        self._queue.clear()
        self._returned.clear()
        self.terminal.send(bash.setup(self._nonce).encode("ascii") + b"\n", deadline)
        return self._await_prompt(deadline)

    def _await_prompt(self, deadline: float) -> bool:
        while item := self.receive(deadline):
            if isinstance(item, Mark):
                if item.kind == READY:
                    self.leader = item.status or 0
                elif item.kind == LEFT:
                    # The program of a dialogue has heeded the key, and ended as it likes.
                    self.terminal.send(self.token, deadline)
                elif item.kind == END:
                    return True
        if item is None:
            self.alive = False
        return False
