"""Types answers: only as long as the program waits for them, and no secret that would be shown."""

from __future__ import annotations

import re
import time
from typing import Final

from runbook.dialogue.foreground import ForegroundState
from runbook.dialogue.monitor import ForegroundMonitor
from runbook.model import Turn, Typing
from runbook.terminal.faults import DialogueStopped
from runbook.terminal.output import plain
from runbook.terminal.shell import RunningCommand, Shell, Silence

LINE_LIMIT: Final = 4095
"""Bytes of a line, with its end, that a terminal collects for a program; it drops what follows."""

_ECHO_OFF_TIMEOUT: Final = 2.0
"""Seconds in which a program that asks for a secret must turn the echo off."""
_ECHO_INTERVAL: Final = 0.01
_KEY_SILENCE: Final = 0.03
"""Seconds of silence after a key, before it is seen whether the program waits for more."""
_KEY_TIMEOUT: Final = 1.0
_ERASE: Final = b"\x15"
"""Ctrl-U, with which line editing erases what stands before the cursor."""
_NAMED: Final = {
    "Enter": b"\r",
    "Return": b"\r",
    "Tab": b"\t",
    "Space": b" ",
    "Esc": b"\x1b",
    "Escape": b"\x1b",
    "Backspace": b"\x7f",
    "Up": b"\x1b[A",
    "Down": b"\x1b[B",
    "Right": b"\x1b[C",
    "Left": b"\x1b[D",
    "Home": b"\x1b[H",
    "End": b"\x1b[F",
    "PageUp": b"\x1b[5~",
    "PageDown": b"\x1b[6~",
    "Delete": b"\x1b[3~",
    **{f"F{n}": b"\x1bO" + bytes([0x4F + n]) for n in range(1, 5)},
    **{
        f"F{n}": b"\x1b[%d~" % code
        for n, code in zip(range(5, 11), (15, 17, 18, 19, 20, 21), strict=True)
    },
    **{f"Ctrl-{chr(n)}": bytes([n - 0x40]) for n in range(0x41, 0x5B)},
}
"""What keys with a name send, in a terminal of the type that programs are given."""

_ARROW: Final = re.compile(rb"\x1b\[([A-DFH])")


def pressed(keys: str, *, application: bool = False) -> bytes:
    """Return what keys send: the names of keys and single characters, or else text as it is."""
    words = keys.split()
    if not words or any(word not in _NAMED and len(word) > 1 for word in words):
        return keys.encode()
    sent = b"".join(_NAMED.get(word) or word.encode() for word in words)
    return _ARROW.sub(b"\x1bO\\1", sent) if application else sent


class Keyboard:
    """The keys of the terminal in which the program runs.

    `echoed` is what was typed last, as the terminal shows it.
    """

    def __init__(self, shell: Shell, run: RunningCommand, monitor: ForegroundMonitor) -> None:
        self._shell = shell
        self._run = run
        self._monitor = monitor
        self.echoed = ""

    def type(
        self, turn: Turn, answer: str, state: ForegroundState, *, application: bool = False
    ) -> bool:
        """Type the `answer` of a turn; false if the program printed something instead of waiting.

        With `application`, the program has asked for other codes of the arrow keys.

        Raises:
            DialogueStopped: the answer cannot be typed, or would be shown although it is a secret.

        """
        keys = answer.encode()
        if turn.secret is not None and not self._await_echo_off():
            return False
        if len(keys) >= LINE_LIMIT and state.canonical is not False:
            self._refuse(
                f"the answer to {turn.prompt!r} has {len(keys)} bytes, but a terminal takes "
                f"lines of at most {LINE_LIMIT - 1} and would cut it: use a file instead"
            )
        self.echoed = "" if turn.secret is not None else answer
        if turn.typing is Typing.KEY:
            self._shell.send(pressed(answer, application=application), self._run)
        elif turn.typing is Typing.EDIT:
            self._shell.send(_ERASE + keys + b"\r", self._run)
        elif state.canonical is False and len(keys) == 1 and turn.typing is Typing.LINE:
            self._shell.send(keys, self._run)
            if self._waits_for_enter(answer):
                self._shell.send(b"\r", self._run)
        else:
            self._shell.send(keys + b"\r", self._run)
        return True

    def _waits_for_enter(self, key: str) -> bool:
        """Return whether a program that reads single keys still waits after one: for a whole line.

        A program that takes the key alone goes on, and would take Enter for the next answer.
        """
        received: list[bytes] = []
        end = time.monotonic() + _KEY_TIMEOUT
        waits = False
        while time.monotonic() < end:
            item = self._shell.receive(time.monotonic() + _KEY_SILENCE, self._run)
            if isinstance(item, bytes):
                received.append(item)
                if plain(b"".join(received)).strip() not in ("", key):
                    break
            elif not isinstance(item, Silence):
                self._shell.unread(item)
                break
            elif (state := self._monitor.state()).waits is not False:
                waits = state.canonical is False
                break
        if received:
            self._shell.unread(b"".join(received))
        return waits

    def _await_echo_off(self) -> bool:
        """Wait until the program turns the echo off; false if it printed something instead.

        Programs that flush their input as they turn the echo off would lose an earlier answer.
        No event reports the change, so the terminal is polled.
        """
        end = time.monotonic() + _ECHO_OFF_TIMEOUT
        while self._monitor.state().echo:
            if time.monotonic() >= end:
                self._refuse(
                    "a secret is to be typed here, but the terminal would show it, and with it "
                    "every recording; if it is none, write it as ``ANSWER``"
                )
            item = self._shell.receive(time.monotonic() + _ECHO_INTERVAL, self._run)
            if not isinstance(item, Silence):
                self._shell.unread(item)
                return False
        return True

    def _refuse(self, why: str) -> None:
        output = self._run.output()
        self._run.stop(self._monitor.kill)
        raise DialogueStopped(why, output)
