"""The keyboard of whoever follows a guide: single keys, lines, and secrets that nobody sees."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from runbook.errors import RunbookError


class Hangup(KeyboardInterrupt):
    """The terminal is gone, or the program is told to end."""


class Cancelled(Exception):  # noqa: N818  # it names what happened
    """Somebody thought better of it, and typed Ctrl-C or Ctrl-D."""


class Keyboard:
    """The keyboard of this terminal.

    Raises:
        RunbookError: standard input or output is none.

    """

    def __init__(self) -> None:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise RunbookError(
                "a guide is followed at a terminal, and standard input or output is none; over ssh "
                "use ssh -t. Without a person, 'runbook run' runs a guide and 'runbook check' looks"
            )
        self._file = sys.stdin.fileno()

    def key(self) -> str:
        """Return the next key: a character, that of Enter, or an empty text for any other.

        Raises:
            Hangup: the terminal is gone.
            KeyboardInterrupt: it is Ctrl-C.

        """
        with self._modes(lambda: tty.setcbreak(self._file, termios.TCSADRAIN)):
            data = self._read()
            if data == b"\x1b":
                # An arrow or a function key is several bytes at once.
                while select.select([self._file], [], [], 0.02)[0]:
                    self._read()
                return ""
            while data and data[0] >= 0xC0 and len(data) < _length(data[0]):
                data += self._read()
        text = data.decode(errors="replace")
        return "\r" if text == "\n" else "" if text == "\x04" else text

    def line(self, question: str, default: str = "") -> str:
        """Ask for a line and return it without blanks around it; `default` if it is empty.

        Raises:
            Cancelled: they typed Ctrl-C, or Ctrl-D on an empty line.

        """
        hint = f" [{default}]" if default else ""
        return self._ask(f"{question}{hint}: ").strip() or default

    def secret(self, question: str) -> str:
        """Ask for a line that is not shown.

        Raises:
            Cancelled: as for `line`.

        """
        with self._modes(self._without_echo):
            try:
                return self._ask(f"{question}: ")
            finally:
                sys.stdout.write("\n")
                sys.stdout.flush()

    def yes(self, question: str) -> bool:
        """Ask until the answer is yes or no; no is the default."""
        while True:
            answer = self.line(f"{question} [y/N]").lower()
            if answer in ("", "n", "no", "y", "yes"):
                return answer in ("y", "yes")

    def _ask(self, question: str) -> str:
        sys.stdout.write(question)
        sys.stdout.flush()
        data = b""
        try:
            while not data.endswith(b"\n"):
                # A byte at a time: what follows the line is another key.
                byte = os.read(self._file, 1)
                if not byte:
                    raise Cancelled
                data += byte
        except Hangup:
            raise
        except KeyboardInterrupt:
            sys.stdout.write("\n")
            raise Cancelled from None
        except OSError as error:
            raise Hangup from error
        return data.decode(errors="replace").rstrip("\r\n")

    def _read(self) -> bytes:
        try:
            data = os.read(self._file, 1)
        except OSError as error:
            raise Hangup from error
        if not data:
            raise Hangup
        return data

    def _without_echo(self) -> None:
        modes = termios.tcgetattr(self._file)
        modes[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK)
        termios.tcsetattr(self._file, termios.TCSADRAIN, modes)

    @contextmanager
    def _modes(self, change: object) -> Iterator[None]:
        """Change the modes of the terminal for as long as the context lasts."""
        try:
            before = termios.tcgetattr(self._file)
            change()  # type: ignore[operator]
        except termios.error as error:
            raise Hangup from error
        try:
            yield
        finally:
            with suppress(termios.error):
                termios.tcsetattr(self._file, termios.TCSADRAIN, before)


def _length(first: int) -> int:
    """Return how many bytes a character of UTF-8 has."""
    return 2 if first < 0xE0 else 3 if first < 0xF0 else 4
