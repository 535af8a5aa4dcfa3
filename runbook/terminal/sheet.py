"""A sheet of character cells without an end, whose last rows are the screen of a terminal."""

from __future__ import annotations

from typing import Final

from runbook.terminal.cells import FIRST_JOINED, cells_of, fitting, width

MOST: Final = 9999
"""Rows and columns beyond these are those of no terminal."""
_TAB: Final = 8


class Sheet:
    """The cells with their styles, and the cursor at `row` and `column` of the sheet.

    The screen has `height` rows. Lines have at most `columns`, or any length if that is 0.
    """

    def __init__(self, height: int, columns: int) -> None:
        self._height = height
        self._columns = columns
        self._wraps = True
        self._clear()

    def _clear(self) -> None:
        self._rows: list[list[str]] = [[]]
        self._styles: list[list[str]] = [[]]
        self.row = self.column = self._top = 0
        self._margins = (0, self._height - 1)
        self._saved = (0, 0)
        self._style = ""
        self._last = ""

    def _write(self, text: str, *, stay: bool = False) -> None:
        place = self.row, self.column
        while text:
            size = len(text)
            if self._columns:
                # A line has one character at least, even if that is wider than the line.
                least = 0 if self.column else width(text[0])
                size = fitting(text, max(least, self._columns - self.column))
            if size:
                self._overwrite(text[:size])
                text = text[size:]
            if stay:
                break
            if text:
                text = self._at_the_edge(text)
        if stay:
            self.row, self.column = place

    def _at_the_edge(self, text: str) -> str:
        """Go to where what does not fit into the line is written, and return what is."""
        if self._wraps:
            self._go(self.row, 0)
            self._line_feed()
            return text
        # Each character takes the place of the one before it, at the end of the line.
        start = max(place for place, one in enumerate(text) if width(one) or not place)
        self.column = max(0, self._columns - max(1, width(text[start])))
        return text[start:]

    def _overwrite(self, text: str) -> None:
        row, styles = self._line(self.row)
        if len(row) < self.column:
            styles += [""] * (self.column - len(row))
            row += [" "] * (self.column - len(row))
        cells = list(text) if text.isascii() else cells_of(text)
        if cells[0] >= FIRST_JOINED and not width(cells[0][0]):
            # What has no width belongs to the character before it, or else to the one after it.
            before = self.column - 1
            if row[before : self.column] == [""]:
                before -= 1
            joined = cells.pop(0)
            if before >= 0:
                row[before] += joined
            elif cells:
                cells[0] = joined + cells[0]
        end = self.column + len(cells)
        # Of a wide character, no half is left.
        if cells and row[self.column : self.column + 1] == [""]:
            row[self.column - 1] = " "
        if cells and row[end : end + 1] == [""]:
            row[end] = " "
        row[self.column : end] = cells
        styles[self.column : self.column + len(cells)] = [self._style] * len(cells)
        self.column += len(cells)
        self._last = text[-1:]

    def _line(self, number: int) -> tuple[list[str], list[str]]:
        while len(self._rows) <= number:
            self._rows.append([])
            self._styles.append([])
        return self._rows[number], self._styles[number]

    def _line_feed(self) -> None:
        bottom = self._top + self._margins[1]
        if self.row == bottom and self._margins == (0, self._height - 1):
            self._top += 1
        elif self.row == bottom and self._margins[0] == 0:
            # What is below the margin stays at its place on the screen.
            self._line(bottom)
            self._rows.insert(bottom + 1, [])
            self._styles.insert(bottom + 1, [])
            self._top += 1
        elif self.row == bottom:
            self._delete_lines(self._top + self._margins[0], 1)
            return
        self.row += 1
        self._line(self.row)

    def _go(self, row: int, column: int) -> None:
        last = self._top + self._height - 1
        self.row = min(max(row, self._top), last)
        self.column = min(max(column, 0), self._columns - 1 if self._columns else MOST)
        self._line(self.row)

    def _go_left(self, count: int) -> None:
        # After the last character of a full line, a terminal shows the cursor on that.
        column = min(self.column, self._columns - 1) if self._columns else self.column
        self.column = max(0, column - count)

    def _tab(self) -> None:
        column = (self.column // _TAB + 1) * _TAB
        self.column = min(column, self._columns - 1) if self._columns else column

    def _erase_screen(self, how: int) -> None:
        if how == 3:
            del self._rows[: self._top], self._styles[: self._top]
            self.row -= self._top
            self._top = 0
            return
        if how in (0, 2):
            self._erase_line(0)
            del self._rows[self.row + 1 :], self._styles[self.row + 1 :]
        if how in (1, 2):
            self._erase_line(1)
            for number in range(self._top, self.row):
                self._rows[number], self._styles[number] = [], []

    def _erase_line(self, how: int) -> None:
        row, styles = self._line(self.row)
        if how in (0, 2):
            del row[self.column :], styles[self.column :]
        if how in (1, 2):
            end = min(self.column + 1, len(row))
            row[:end] = [" "] * end
            styles[:end] = [""] * end

    def _open_lines(self, count: int) -> None:
        self._insert_lines(self.row, count)
        self.column = 0

    def _close_lines(self, count: int) -> None:
        self._delete_lines(self.row, count)
        self.column = 0

    def _insert_lines(self, at: int, count: int) -> None:
        bottom = self._top + self._margins[1]
        for _ in range(min(count, self._height)):
            self._line(bottom)
            del self._rows[bottom], self._styles[bottom]
            self._rows.insert(at, [])
            self._styles.insert(at, [])

    def _delete_lines(self, at: int, count: int) -> None:
        bottom = self._top + self._margins[1]
        for _ in range(min(count, self._height)):
            self._line(bottom)
            del self._rows[at], self._styles[at]
            self._rows.insert(bottom, [])
            self._styles.insert(bottom, [])

    def _delete_characters(self, count: int) -> None:
        row, styles = self._line(self.row)
        del row[self.column : self.column + count], styles[self.column : self.column + count]

    def _insert_characters(self, count: int) -> None:
        row, styles = self._line(self.row)
        if self.column < len(row):
            most = self._columns or max(MOST, len(row))
            count = min(count, most - self.column)
            row[self.column : self.column] = [" "] * count
            styles[self.column : self.column] = [""] * count
            # What is pushed over the edge is gone, and so is the other half of a wide character.
            half = row[most : most + 1] == [""]
            del row[most:], styles[most:]
            if half:
                row[-1] = " "
