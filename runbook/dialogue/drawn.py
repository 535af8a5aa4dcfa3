"""Dialogues that a program draws on its screen: found by their text, answered by label.

Which button or item is chosen shows by the cursor, by colours, or by a mark before it.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from runbook.model import Turn
from runbook.terminal.screen import Screen

DRAWS: Final = re.compile(rb"\x1b\[(?:\?(?:1049h|25l)|[\d;]*[A-HJKdf])")
"""What a program sends that draws on the screen rather than prints lines."""

_FRAME: Final = re.compile("[\u2500-\u257f\u2580-\u259f]+")
_BUTTON: Final = re.compile(r"[<\[]\s*(?P<label>(?![xX]\s*\])\w[^<>\[\]]{0,30}?)\s*[>\]]")
_MARKED: Final = re.compile(
    r"(?P<mark>[\u276f\u203a>\u00bb\u2192\u27a4\u25b8\u25c9*-]\s+)?(?P<box>[(\[][ *xX][)\]]\s*)?"
)
_EDITOR: Final = re.compile(r"(?m)(?:^|\s)\^[A-Z]\s+\w|^~$")
"""How an editor shows its keys, or that there are no more lines."""
_TICKED: Final = re.compile(r"\W{0,2}\s*\[[*xX]\]\s*\w")
_CHOSEN: Final = frozenset("\u276f\u203a>\u00bb\u2192\u27a4\u25b8\u25c9")
_LIST_MARKS: Final = tuple(_CHOSEN - {">"})
_SHOWN: Final = 10
"""Characters at the end of a text that the narrowest field shows."""
_MOST_KEYS: Final = 100
_ERASE: Final = "\x15"
_MOST_IGNORED: Final = 3
"""Keys in a row to which a program may draw nothing."""
Press = Callable[[str], bool]
"""Presses keys, and returns when the program has drawn what follows; false if that is nothing."""


def question_of(screen: Screen) -> str:
    """Return the text above the choices of what is drawn, in one line."""
    found: list[str] = []
    frame = _frame_rows(screen)
    # What is above a frame is the title of it all.
    for line in _lines(screen)[min(frame, default=0) :]:
        bare = _FRAME.sub(" ", line).strip(" |+-_")
        if _BUTTON.search(bare) or (found and not bare) or (found and _item(bare) != bare):
            break
        # The title of a frame is no question, nor is a single character of one.
        if bare and len(_FRAME.findall(line)) < 3 and not _is_title(line):
            found.append(bare)
    return " ".join(" ".join(found).split())


def choices_of(screen: Screen) -> list[str]:
    """Return the labels of the buttons that are drawn."""
    return [
        label["label"] for line in _lines(screen) for label in _BUTTON.finditer(line)
    ]  # fmt: skip


def has_choices(screen: Screen) -> bool:
    """Return whether there are buttons in a frame, or a list of which one item has a mark."""
    lines = _lines(screen)
    framed = any(_FRAME.search(line) for line in lines) and bool(choices_of(screen))
    return framed or any(_bare(screen, row)[:1] in _LIST_MARKS for row in range(len(lines)))


def offers(screen: Screen) -> bool:
    """Return whether there is a button, or an item that stands out, and no editor's screen."""
    editor = len(_EDITOR.findall("\n".join(_lines(screen)))) > 2
    return not editor and (bool(choices_of(screen)) or _standing_out(screen) is not None)


def shows(screen: Screen, turn: Turn) -> bool:
    """Return whether the question of a turn is drawn, however it is wrapped."""
    drawn = _squeeze(" ".join(_lines(screen)))
    return bool(turn.prompt) and _squeeze(turn.prompt) in drawn


def choose(screen: Screen, answer: str, press: Press) -> bool:
    """Go to the button or item with the label `answer`, or type it; false if that fails.

    Several items are separated by commas. Enter is still to be pressed.
    """
    if _button(screen, answer) is not None:
        return _go_to_button(screen, answer, press)
    items = [one.strip() for one in answer.split(",")]
    if all(_row(screen, item) is not None for item in items):
        chosen = all(_go_to_item(screen, item, press) for item in items)
        return chosen and _untick_others(screen, items, press)
    if screen.cursor_hidden or _has_button(screen, screen.cursor[0]):
        return False
    row, column = screen.cursor
    # Not every field takes the key that erases, so it is pressed only where text stands already.
    before = _FRAME.sub(" ", "".join(cell or " " for cell in screen.cells()[row]))[:column]
    press((_ERASE if before[-1:].strip(" _?:") else "") + answer)
    # What takes no text does not show it, and Enter would choose something else.
    return answer[-_SHOWN:] in _lines(screen)[screen.cursor[0]]


def _has_button(screen: Screen, row: int) -> bool:
    return row < len(lines := _lines(screen)) and bool(_BUTTON.search(lines[row]))


def _go_to_button(screen: Screen, label: str, press: Press) -> bool:
    ignored = pressed = 0
    while ignored < _MOST_IGNORED and pressed < _MOST_KEYS:
        if (place := _button(screen, label)) is not None and _is_chosen(screen, place):
            return True
        # Where Tab does nothing, the arrows lead from one button to the next.
        right = "\x1bOC" if screen.application_keys else "\x1b[C"
        ignored = 0 if press(right if ignored else "\t") else ignored + 1
        pressed += 1
    return False


def _is_chosen(screen: Screen, button: tuple[int, int, int]) -> bool:
    """Return whether the cursor is on a button, or it alone is drawn in other colours."""
    row, start, end = button
    at, column = screen.cursor
    line = _lines(screen)[row]
    if at == row and any(f.start() <= column <= f.end() for f in _BUTTON.finditer(line)):
        return start <= column <= end
    styles = screen.styles()
    usual = Counter(style for line in styles for style in line).most_common(1)[0][0]
    labels = [found.start("label") for found in _BUTTON.finditer(line)]
    other = [place for place in labels if styles[row][place] != usual]
    return len(other) == 1 and start <= other[0] <= end


def _untick_others(screen: Screen, items: Sequence[str], press: Press) -> bool:
    """Untick the other items of a checklist that are on the screen."""
    kept = {_row(screen, item) for item in items}
    for row in range(len(_lines(screen))):
        bare = _bare(screen, row)
        if row not in kept and _TICKED.match(bare):
            if not _go_to_row(screen, functools.partial(int, row), press):
                return False
            press(" ")
    return True


def _go_to_item(screen: Screen, label: str, press: Press) -> bool:
    if not _go_to_row(screen, lambda: _row(screen, label), press):
        return False
    row = _row(screen, label)
    box = _MARKED.match(_bare(screen, row)) if row is not None else None
    if box and box["box"] and box["box"][1] == " ":
        press(" ")
    return True


def _go_to_row(screen: Screen, wanted: Callable[[], int | None], press: Press) -> bool:
    arrows = ("\x1bOA", "\x1bOB") if screen.application_keys else ("\x1b[A", "\x1b[B")
    ignored = pressed = 0
    while ignored < _MOST_IGNORED and pressed < _MOST_KEYS:
        row = wanted()
        chosen = _chosen_row(screen)
        if row is not None and row == chosen:
            return True
        up = row is not None and chosen is not None and chosen > row
        ignored = 0 if press(arrows[0] if up else arrows[1]) else ignored + 1
        pressed += 1
    return False


def _chosen_row(screen: Screen) -> int | None:
    """Return the row whose item is chosen now."""
    lines = _lines(screen)
    for row, line in enumerate(lines):
        if _FRAME.sub(" ", line).strip()[:1] in _CHOSEN and line.strip():
            return row
    at = screen.cursor[0]
    on_item = at < len(lines) and _bare(screen, at) and not _BUTTON.search(lines[at])
    frame = _frame_rows(screen)
    if frame and on_item and min(frame) < at < max(frame):
        return at
    standing_out = _standing_out(screen)
    return standing_out if standing_out is not None else at if on_item else None


def _frame_rows(screen: Screen) -> list[int]:
    return [row for row, line in enumerate(_lines(screen)) if _FRAME.search(line)]


def _standing_out(screen: Screen) -> int | None:
    """Return the row of the first text that is drawn in other colours, and is no button."""
    lines, styles = _lines(screen), screen.styles()
    cells = [
        (row, column, character, style)
        for row, (line, line_styles) in enumerate(zip(lines, styles, strict=True))
        for column, (character, style) in enumerate(zip(line, line_styles, strict=False))
    ]
    frame = [(row, column) for row, column, character, _ in cells if _FRAME.match(character)]
    # Within a frame, its own background is the usual one.
    of_frame = [style for *_, character, style in cells if _FRAME.match(character)]
    usual = Counter(of_frame or [style for *_, style in cells]).most_common(1)
    for row, column, character, style in cells:
        inside = not frame or (
            min(frame)[0] < row < max(frame)[0]
            and min(c for _, c in frame) < column < max(c for _, c in frame)
        )
        stands_out = style != usual[0][0] and character.isalnum()
        if inside and stands_out and not _BUTTON.search(lines[row]):
            return row
    return None


def _button(screen: Screen, label: str) -> tuple[int, int, int] | None:
    """Return the row of a button, and the columns between which the cursor stands on it."""
    for row, line in enumerate(_lines(screen)):
        for found in _BUTTON.finditer(line):
            if found["label"].lower() == label.lower():
                return row, found.start(), found.end()
    return None


def _row(screen: Screen, label: str) -> int | None:
    """Return the row of the item whose tag, description or whole text is `label`."""
    items = [_item(_bare(screen, row)) for row in range(len(_lines(screen)))]
    fitting = (
        [row for row, item in enumerate(items) if item == label],
        [row for row, item in enumerate(items) if item.startswith(f"{label} ")],
        [row for row, item in enumerate(items) if item.endswith(f" {label}")],
    )
    rows = next((rows for rows in fitting if rows), [])
    # The question may have the label as well, and is above the items.
    return rows[-1] if rows and not items[rows[-1]].endswith(("?", ":", ".")) else None


def _item(bare: str) -> str:
    """Return the text of an item without its mark and its box."""
    found = _MARKED.match(bare)
    return bare[found.end() :] if found else bare


def _bare(screen: Screen, row: int) -> str:
    return _FRAME.sub(" ", _lines(screen)[row]).strip()


def _is_title(line: str) -> bool:
    return bool(re.search("[\u2500\u2550]{2}.*[\u2500\u2550]{2}", line))


def _lines(screen: Screen) -> list[str]:
    return ["".join(cell or " " for cell in row).rstrip() for row in screen.cells()]


def _squeeze(text: str) -> str:
    return "".join(_FRAME.sub(" ", text).split())
