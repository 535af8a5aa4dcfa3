"""The marks that the shell prints around a command's output, parsed from a stream of bytes.

A mark is an OSC 133 sequence (semantic prompt), with its kind, an optional number, the nonce of
the shell, and the tag of the line that it belongs to. A sequence with another nonce is ordinary
output. A mark with another tag than the line's own, or at another time, is not: then nothing is
known of the line.
"""

from __future__ import annotations

import enum
import re
import secrets
from collections.abc import Iterator
from typing import Final

from attrs import define, frozen

BEGIN: Final = "C"
"""Output begins; the mark of a dialogue carries the width of its terminal in columns."""
END: Final = "D"
"""The shell is at its prompt; the mark carries the exit status of the line before."""
LEFT: Final = "E"
"""The program of a dialogue has ended; the shell discards input until it reads the token."""
TERMINAL: Final = "T"
"""The shell's terminal: the mark carries the number of its device on the host."""
READY: Final = "S"
"""The shell is set up; the mark carries the id of the terminal's session on the host."""
PROCESS: Final = "P"
"""The mark carries the id of the shell's process on the host."""
RETURNED: Final = "X"
"""A person to whom the shell was handed over has left it."""
EXITED: Final = "Q"
"""The shell has exited, says the process that started it; the mark carries its exit status."""

STARTER: Final = "runbook"
"""Stands for the nonce in the mark that a shell's starter prints, who knows no other."""
WORN: Final = "!"
"""Ends the tag of a prompt after which the shell cannot be used, as it can open no file."""

_INTRODUCER: Final = b"\x1b]133;"
_BELL: Final = b"\x07"
_MAX_LENGTH: Final = 120
# One pattern for all nonces: a pipe has a new one for every command.
_MARK: Final = re.compile(rb"([A-Z])(?:;(\d{1,10}))?;([^;.]*)(?:\.([^;]*))?")


@frozen
class Mark:
    """One mark. `number` is what it carries, `None` if its kind carries nothing."""

    kind: str
    number: int | None = None
    tag: str = ""

    @property
    def device(self) -> str:
        """The path of the pseudo-terminal whose device number it carries; empty if of none."""
        number = self.number or 0
        major, minor = number >> 8 & 0xFFF, number & 0xFF | number >> 12 & 0xFFF00
        return f"/dev/pts/{minor}" if major == 136 else ""


class OutOfOrderError(Exception):
    """A mark came that cannot be that of the line; the shell must not be used any more."""


class Progress(enum.Enum):
    """How far the shell has come with a line."""

    SENT = enum.auto()
    BEGUN = enum.auto()
    ENDED = enum.auto()
    ABORTED = enum.auto()
    """The shell is at its prompt, but has not come to the end of the line."""


@define
class Line:
    """What the marks of one line must look like, and how far they have come.

    `begin` is in the marks from when the line has begun, `end` in that of the prompt after it. A
    command that runs knows the first, but not the second, and those of no other line. If the line
    is not `marked`, it prints no mark at its beginning.
    """

    begin: str
    end: str
    progress: Progress = Progress.SENT
    worn: bool = False

    @classmethod
    def new(cls, number: int, *, marked: bool = True) -> Line:
        """Return the next line, with that number and new nonces."""
        progress = Progress.SENT if marked else Progress.BEGUN
        begin, end = (f"{number}{kind}{secrets.token_hex(6)}" for kind in "xz")
        return cls(begin, end, progress)

    @property
    def over(self) -> bool:
        """Whether the shell is at its prompt after the line."""
        return self.progress in (Progress.ENDED, Progress.ABORTED)

    def take(self, mark: Mark) -> None:
        """Go on by one mark.

        Raises:
            OutOfOrderError: it is not the one that comes next.

        """
        match mark.kind, self.progress:
            case "C", Progress.SENT if mark.tag == self.begin:
                self.progress = Progress.BEGUN
                return
            case "E", Progress.BEGUN if mark.tag == self.begin:
                return
            case "D", Progress.BEGUN:
                tag = mark.tag.removesuffix(WORN)
                self.worn = tag != mark.tag
                # Every prompt after a line has a number of its own, so that one too many shows.
                if tag == f"{self.end}.1":
                    self.progress = Progress.ENDED
                    return
                if tag == f"{self.begin}.1":
                    self.progress = Progress.ABORTED
                    return
        raise OutOfOrderError(_surprise(mark, self))


def _surprise(mark: Mark, line: Line) -> str:
    """Return what is wrong with a mark that does not come next."""
    if mark.kind == END and mark.tag.partition(".")[0] not in (line.begin, line.end):
        return "it showed a prompt after a command that had ended already"
    if mark.kind == END:
        return "it showed more than one prompt, or the command ended without having begun"
    return "something printed one of its marks"


class Parser:
    """Separates marks from output, however the bytes are split into pieces.

    Memory is bounded: at most one incomplete mark is buffered between calls.
    """

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce.encode("ascii")
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[bytes | Mark]:
        """Yield the output and the marks in `data`, in order."""
        data = self._buffer + data
        self._buffer = b""
        begin = 0
        while True:
            start = data.find(b"\x1b", begin)
            if start < 0:
                break
            head = data[start : start + len(_INTRODUCER)]
            if head != _INTRODUCER[: len(head)]:
                start, end = begin, start + 1
            elif (bell := data.find(_BELL, start, start + _MAX_LENGTH)) >= 0:
                end = bell + 1
                match = _MARK.fullmatch(data, start + len(_INTRODUCER), bell)
                if match and self._counts(match):
                    if start > begin:
                        yield data[begin:start]
                    number = int(match[2]) if match[2] else None
                    yield Mark(match[1].decode(), number, (match[4] or b"").decode("latin-1"))
                    begin = end
                    continue
                # Another mark may begin inside what looked like one.
                start, end = begin, start + 1
            elif len(data) - start < _MAX_LENGTH:
                self._buffer = data[start:]
                data = data[:start]
                break
            else:
                start, end = begin, start + 1
            yield data[start:end]
            begin = end
        if begin < len(data):
            yield data[begin:]

    def rest(self) -> bytes:
        """Return the buffered bytes at the end of the stream; they are output."""
        rest, self._buffer = self._buffer, b""
        return rest

    def _counts(self, match: re.Match[bytes]) -> bool:
        if match[1] == EXITED.encode():
            return match[3] == STARTER.encode()
        return bool(self._nonce) and match[3] == self._nonce
