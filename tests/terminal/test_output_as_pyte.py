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
def test_lines_that_are_only_copied_make_no_difference(parts: list[str]) -> None:
    """Between moves that are far apart, nothing is carried out, and the text is the same."""
    text = "".join(parts)
    screen = Screen(ROWS)
    screen.feed(text)
    assert trimmed(plain(text.encode())) == trimmed(output._unescaped(screen.text()))
