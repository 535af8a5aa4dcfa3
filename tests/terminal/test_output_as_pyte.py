"""Output is told as pyte, another terminal, shows it."""

from __future__ import annotations

import unicodedata

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runbook.terminal import output
from runbook.terminal.output import plain
from runbook.terminal.screen import Screen

ROWS, COLUMNS = 24, 80

# What pyte does not know, or does wrong, is left out: line drawing in UTF-8, CSI s, u, b, S and T,
# other screens, and half of a wide character.
CORPUS = st.one_of(
    st.sampled_from(("a", "spin |", "100%", "\t", "é", "e\u0301", "\x1b]0;title\x07", "\x07")),
    st.sampled_from(("\r", "\n", "\r\n", "\r\r\n", "\b", "\b \b", "\x0b", "\x0c")),
    st.sampled_from(("\x1bM", "\x1bD", "\x1bE", "\x1b7", "\x1b8", "\x1b[1;31m", "\x1b[0m")),
    st.builds("\x1b[{}{}".format, st.sampled_from(("", 0, 1, 2, 5)), st.sampled_from("ABCDEFGaed")),
    st.builds("\x1b[{}{}".format, st.sampled_from(("", 1, 2, 5)), st.sampled_from("P@XLM")),
    st.builds("\x1b[{}{}".format, st.sampled_from(("", 0, 1, 2)), st.sampled_from("JK")),
    st.sampled_from(("\x1b[H", "\x1b[3;4H", "\x1b[2;7f", "\x1b[?25l", "\x1b[?2004h")),
)


def as_pyte(text: str) -> str:
    """Return what pyte shows of a text."""
    screen = pyte.Screen(COLUMNS, ROWS)
    screen.set_mode(pyte.modes.LNM)
    # pyte deletes only lines that were looked at.
    assert len(screen.display) == ROWS
    pyte.Stream(screen).feed(text)
    return trimmed("\n".join(screen.display))


def trimmed(text: str) -> str:
    """Return a text without what cannot be seen."""
    lines = unicodedata.normalize("NFC", text).expandtabs().split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip("\n")


@given(st.lists(CORPUS, max_size=12))
@example(["spin |", "\b/", "\b-", "\bdone"])
@example(["10%", "\r", "20%", "\r", "\x1b[K", "ok", "\n"])
@example(["one\n", "two\n", "\x1b[2A", "\x1b[2K", "three"])
@example(["中文", "\x1b[G", "ab"])
def test_a_terminal_of_other_people_shows_the_same(parts: list[str]) -> None:
    """What moves the cursor, erases, inserts and deletes is carried out as pyte does it."""
    text = "".join(parts)
    assert trimmed(plain(text.encode())) == as_pyte(text)


# At the edge, pyte goes on in the next line also after a move to another one; an insertion leaves
# characters beyond the edge, which a deletion brings back.
AT_THE_EDGE = st.one_of(
    st.sampled_from((1, 2, 40, 78, 79, 80, 81, 200)).map(lambda size: ("abc" * 70)[:size]),
    st.sampled_from(("\t", "\b", "\b \b", "\r", "\n", "\x1b[?7l", "\x1b[?7h", "\x1b[1;75H")),
    st.builds("\x1b[{}{}".format, st.sampled_from(("", 1, 2, 5, 90)), st.sampled_from("CDG@XEF")),
    st.builds("\x1b[{}{}".format, st.sampled_from(("", 0, 1, 2)), st.just("K")),
)


@given(st.lists(AT_THE_EDGE, max_size=12))
@example(["a" * 80, "\b", "X"])
@example(["a" * 80, "\x1b[D", "X"])
@example(["a" * 78, "\t", "XY"])
@example(["a" * 80, "\r", "\x1b[5@", "b" * 81])
@example(["\x1b[?7l", "a" * 85, "X", "\x1b[?7h", "Y"])
@example(["中" * 50])
@example(["中" * 20, "\x1b[G", "\x1b[41C", "ab"])
def test_it_is_the_same_at_the_edge(parts: list[str]) -> None:
    """What does not fit into a line, and where the cursor is after the last character that does."""
    text = "".join(parts)
    screen = Screen(ROWS, COLUMNS)
    screen.feed(text)
    assert trimmed("\n".join(screen.visible())) == as_pyte(text)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ("x" * 79 + "中", ["x" * 79, "中"]),
        ("x" * 78 + "中\bY", ["x" * 78 + "Y"]),
        ("x" * 80 + "\u0301y", ["x" * 80 + "\u0301", "y"]),
        ("x" * 78 + "中\x1b[75G\x1b[@", ["x" * 74 + " xxxx"]),
        ("\x1b[?7l" + "x" * 79 + "中", ["x" * 78 + "中"]),
        ("\x1b[?7l" + "x" * 85 + "\x1bcy" + "x" * 80, ["y" + "x" * 79, "x"]),
    ],
)
def test_a_wide_character_is_never_cut_at_the_edge(data: str, lines: list[str]) -> None:
    """It is whole in the next line, or gone."""
    screen = Screen(ROWS, COLUMNS)
    screen.feed(data)
    assert [line for line in screen.visible() if line] == lines


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("\u26a0\ufe0f x\x1b[4GY", "\u26a0\ufe0f xY"),
        ("a\u200bb\x1b[3GY", "a\u200bbY"),
        ("\u0e01\u0e31\x1b[2GY", "\u0e01\u0e31Y"),
        ("a\x1b[m\u0301b\x1b[2GY", "a\u0301Y"),
        ("中\x1b[m\u0301\x1b[3GY", "中\u0301Y"),
        ("\ufeffab\x1b[2GY", "\ufeffaY"),
        ("a\u00adb\rXY", "XYb"),
    ],
)
def test_what_has_no_width_takes_no_cell(data: str, text: str) -> None:
    """It is in the cell of the character that it changes."""
    assert plain(data.encode()) == text


@pytest.mark.parametrize("start", ["", "\x1b[?7l"])
def test_a_terminal_may_be_narrower_than_a_character(start: str) -> None:
    """Nothing goes on for ever."""
    screen = Screen(ROWS, 1)
    screen.feed(f"{start}中a文\u0301")
    assert "".join(screen.visible()).endswith("文\u0301")


def test_a_line_may_be_longer_than_any_terminal() -> None:
    """Where nothing says how wide that is."""
    assert plain(b"x" * 20_000 + b"\bY\tZ") == "x" * 19_999 + "Y" + " " * 8 + "Z"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("spin |\b/\b-\bdone", "spin done"),
        ("a\x1b(0q\x1b(Bq\x0eq\x0f", "a─qq"),
        ("\x1b)0q\x0eq\x0fq", "q─q"),
        ("中文\x1b[2GX", " X文"),
        ("shell\n\x1b[?1049hkilled", "shell\nkilled"),
    ],
)
def test_what_pyte_does_not_know_is_carried_out_as_well(data: str, text: str) -> None:
    """Sets of characters, halves of wide ones, and what was there before a program's own screen."""
    assert trimmed(plain(data.encode())).replace("\n\n", "\n") == text


LINES = st.integers(0, 60).map(lambda count: "".join(f"line {n}\n" for n in range(count)))
MORE = st.sampled_from(
    ("\x1b[3J", "\x1bc", "\x1b[?1049h", "\x1b[?1049l", "\x1b(0", "\x1b(B", "\x1b[2;5r", "\x1b[r")
)


@given(st.lists(st.one_of(LINES, LINES, CORPUS, MORE), max_size=12))
@example(["line\n" * 25, "\x1b[?1049h", "\x1b[3J"])
@example(["line\n" * 25, "\x1b[?1049h", "\x1bc"])
def test_lines_that_are_only_copied_make_no_difference(parts: list[str]) -> None:
    """Between moves that are far apart, nothing is carried out, and the text is the same."""
    text = "".join(parts)
    screen = Screen(ROWS)
    screen.feed(text)
    assert trimmed(plain(text.encode())) == trimmed(output._unescaped(screen.text()))
