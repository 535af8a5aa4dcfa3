"""What a terminal finally shows: text with its control sequences carried out.

It is a sheet without an end, whose last rows are the screen. Sequences for colours, titles and
modes are without effect on the text, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from runbook.terminal.sheet import MOST, Sheet

_TOKEN: Final = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f]+)"
    r"|\x1b\[(?P<arguments>[0-?]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b(?P<charset>[()].)"
    r"|\x1b(?P<escape>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f])",
    re.DOTALL,
)
_INCOMPLETE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?\Z")
_NUMBERS: Final = re.compile(r"[0-9;:]*")
"""Arguments that mean something; a terminal ignores a sequence with others."""
_DIGITS: Final = len(str(MOST)) + 1
"""Digits of a number beyond all rows and columns."""
_GRAPHICS: Final = str.maketrans("jklmnqtuvwxa~", "┘┐┌└┼─├┤┴┬│▒·")


class Screen(Sheet):
    """A terminal with `rows`; lines have at most `columns`, or any length if that is 0.

    With `newline`, a line feed returns to the start of the line as well, as the terminal's driver
    has it unless a program turns that off.
    """

    def __init__(self, rows: int = 24, columns: int = 0, *, newline: bool = True) -> None:
        super().__init__(rows or 24, columns)
        self._newline = newline
        self._rest = ""
        self._main: tuple[list[list[str]], list[list[str]], int, int, int] | None = None
        self._keys: dict[str, Callable[[list[int]], None]] = {
            "A": lambda n: self._go(self.row - max(n[0], 1), self.column),
            "B": lambda n: self._go(self.row + max(n[0], 1), self.column),
            "C": lambda n: self._go(self.row, self.column + max(n[0], 1)),
            "D": lambda n: self._go_left(max(n[0], 1)),
            "E": lambda n: self._go(self.row + max(n[0], 1), 0),
            "F": lambda n: self._go(self.row - max(n[0], 1), 0),
            "a": lambda n: self._go(self.row, self.column + max(n[0], 1)),
            "e": lambda n: self._go(self.row + max(n[0], 1), self.column),
            "G": lambda n: self._go(self.row, max(n[0], 1) - 1),
            "`": lambda n: self._go(self.row, max(n[0], 1) - 1),
            "H": lambda n: self._place(n),
            "f": lambda n: self._place(n),
            "d": lambda n: self._go(self._top + max(n[0], 1) - 1, self.column),
            "J": lambda n: self._erase_screen(n[0]),
            "K": lambda n: self._erase_line(n[0]),
            "L": lambda n: self._open_lines(max(n[0], 1)),
            "M": lambda n: self._close_lines(max(n[0], 1)),
            "S": lambda n: self._delete_lines(self._top + self._margins[0], max(n[0], 1)),
            "T": lambda n: self._insert_lines(self._top + self._margins[0], max(n[0], 1)),
            "P": lambda n: self._delete_characters(max(n[0], 1)),
            "@": lambda n: self._insert_characters(max(n[0], 1)),
            "X": lambda n: self._write(" " * max(n[0], 1), stay=True),
            "b": lambda n: self._write(self._last * max(n[0], 1)),
            "r": lambda n: self._set_margins(n),
            "s": lambda _: self._save(),
            "u": lambda _: self._restore(),
            "m": lambda n: self._set_style(n),
        }
        self._reversed = False
        # Which of the two character sets draw lines, and which of them is used.
        self._draws, self._shifted = [False, False], False
        self._background = ""
        self.cursor_hidden = self.application_keys = False
        self.drawn = False

    @property
    def is_alternate(self) -> bool:
        """Whether a program has switched to a screen of its own."""
        return self._main is not None

    @property
    def settled(self) -> bool:
        """Whether plain lines that follow are only added below all others, as they are."""
        return not (
            self._rest
            or self.is_alternate
            or self._graphics
            or self.column
            or self._saved != (0, 0)
            or self._margins != (0, self._height - 1)
            or self.row != len(self._rows) - 1
        ) and (self.row == 0 or self.row == self._top + self._height - 1)

    def feed(self, text: str) -> None:
        """Carry out `text`; an incomplete sequence at its end is kept for the next."""
        text = self._rest + text
        incomplete = _INCOMPLETE.search(text)
        self._rest = text[incomplete.start() :] if incomplete else ""
        for token in _TOKEN.finditer(text, 0, len(text) - len(self._rest)):
            match token.lastgroup:
                case "text":
                    printed = token["text"]
                    self._write(printed.translate(_GRAPHICS) if self._graphics else printed)
                case "control":
                    self._control(token["control"])
                case "final":
                    self._sequence(token["arguments"], token["final"])
                case "charset":
                    self._draws[token["charset"][0] == ")"] = token["charset"][1] == "0"
                case "escape":
                    self._escape(token["escape"])

    @property
    def _graphics(self) -> bool:
        return self._draws[self._shifted]

    def text(self) -> str:
        """Return everything that is on the sheet, above a screen that a program has of its own."""
        rows = [*(self._main[0] if self._main else ()), *self._rows]
        return "\n".join("".join(row) for row in rows)

    def visible(self) -> list[str]:
        """Return the lines of the screen."""
        return ["".join(row).rstrip() for row in self._rows[self._top :]]

    def cells(self) -> list[list[str]]:
        """Return the characters of every cell of the screen; a wide one has an empty one after."""
        return self._rows[self._top :]

    def styles(self) -> list[list[str]]:
        """Return the style of every cell of the screen; an empty one is the usual style."""
        return self._styles[self._top :]

    @property
    def cursor(self) -> tuple[int, int]:
        """The row and column of the cursor on the screen."""
        return self.row - self._top, self.column

    def _control(self, character: str) -> None:
        match character:
            case "\n" | "\x0b" | "\x0c":
                if self._newline:
                    self.column = 0
                self._line_feed()
            case "\r":
                self.column = 0
            case "\b":
                self._go_left(1)
            case "\t":
                self._tab()
            case "\x0e" | "\x0f":
                self._shifted = character == "\x0e"

    def _sequence(self, arguments: str, final: str) -> None:
        if arguments.startswith("?"):
            for mode in arguments[1:].split(";"):
                self._mode(mode, final)
            return
        if final in self._keys and _NUMBERS.fullmatch(arguments):
            numbers = [_number(one) for one in arguments.split(";")]
            self.drawn = self.drawn or final in "ABHfdJr"
            self._keys[final]([min(number, MOST) for number in numbers])

    def _mode(self, mode: str, final: str) -> None:
        if mode == "25":
            self.cursor_hidden = final == "l"
        elif mode == "7":
            self._wraps = final != "l"
        elif mode == "1":
            self.application_keys = final == "h"
        elif mode in ("47", "1047", "1049"):
            if final == "h" and self._main is None:
                self._main = self._rows, self._styles, self.row, self.column, self._top
                self._clear()
            elif final == "l" and self._main is not None:
                self._clear()
                self._rows, self._styles, self.row, self.column, self._top = self._main
                self._main = None

    def _escape(self, which: str) -> None:
        match which:
            case "7":
                self._save()
            case "8":
                self._restore()
            case "D":
                self._line_feed()
            case "E":
                self.column = 0
                self._line_feed()
            case "M":
                if self.row == self._top + self._margins[0]:
                    self._insert_lines(self.row, 1)
                else:
                    self._go(self.row - 1, self.column)
            case "c":
                self._wraps, self._main = True, None
                self._clear()

    def _erase_screen(self, how: int) -> None:
        super()._erase_screen(how)
        if how == 3 and self._main is not None:
            # What has left the screen is gone also above one that a program has of its own.
            rows, styles, row, column, top = self._main
            self._main = rows[top:], styles[top:], row - top, column, 0

    def _save(self) -> None:
        self._saved = self.row - self._top, self.column

    def _restore(self) -> None:
        self._go(self._top + self._saved[0], self._saved[1])

    def _place(self, numbers: list[int]) -> None:
        column = numbers[1] if len(numbers) > 1 else 1
        self._go(self._top + max(numbers[0], 1) - 1, max(column, 1) - 1)

    def _set_margins(self, numbers: list[int]) -> None:
        first = max(numbers[0], 1) - 1
        last = (numbers[1] if len(numbers) > 1 else 0) or self._height
        if first < last <= self._height:
            self._margins = first, last - 1
        self._go(self._top, 0)

    def _set_style(self, numbers: list[int]) -> None:
        """Note what makes a cell stand out: its background, and whether it is reversed."""
        for place, number in enumerate(numbers):
            if number == 48:
                self._background = str(numbers[place:])
            if number in (38, 48):
                break
            if number in (0, 49):
                self._background = ""
            if number in (0, 7, 27):
                self._reversed = number == 7
            elif 40 <= number <= 47 or 100 <= number <= 107:
                self._background = str(number)
        self._style = f"{self._background}{' reversed' if self._reversed else ''}"


def _number(text: str) -> int:
    """Return the number of an argument, which may have more digits than Python reads."""
    return int(text.partition(":")[0].lstrip("0")[:_DIGITS] or 0)
