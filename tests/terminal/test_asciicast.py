from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

from runbook.terminal.asciicast import HEAD, TAIL, Asciicast, compact, printed


def test_a_recording_is_an_asciicast() -> None:
    """A header, then an event per write; a character that is split is put together."""
    times = iter([10.0, 10.5, 11.0, 12.0, 13.0])
    file = io.StringIO()
    file.close = lambda: None  # type: ignore[method-assign]  # to read it afterwards
    with Asciicast(file, title="gs1", clock=lambda: next(times)) as cast:
        cast.write(b"a\xc3")
        cast.write(b"\xa9\r\n\xff")
        cast.flush()

    header, *events = [json.loads(line) for line in file.getvalue().splitlines()]
    assert (header["version"], header["width"], header["title"]) == (2, 132, "gs1")
    assert events == [[0.5, "o", "a"], [1.0, "o", "\u00e9\r\n\ufffd"]]


def test_a_compact_recording_plays_like_the_original() -> None:
    """Events at nearly the same time are merged; an incomplete line is left out."""
    lines = [
        '{"version": 2}',
        '[0.1, "o", "a"]',
        '[0.12, "o", "b"]',
        '[1.23456, "o", "c"]',
        '[2, "o',
    ]
    made = compact(iter(lines), 1000)
    assert made is not None
    assert made.splitlines() == ['{"version": 2}', '[0.1, "o", "ab"]', '[1.23, "o", "c"]']


def test_a_recording_is_compacted_only_as_far_as_it_may_be_kept() -> None:
    """Of gigabytes no more is read than what shows that they are too many."""
    read: list[int] = []

    def lines() -> Iterator[str]:
        yield '{"version": 2}'
        for number in range(100_000):
            read.append(number)
            yield json.dumps([number, "o", "x" * 100])

    assert compact(lines(), 5000) is None
    assert len(read) < 100


def test_line_separators_of_unicode_are_part_of_the_text() -> None:
    """JSON leaves them as they are, and a terminal takes them for no end of a line."""
    file = io.StringIO()
    file.close = lambda: None  # type: ignore[method-assign]  # to read it afterwards
    with Asciicast(file) as cast:
        cast.write("a\u2028b\x85c\n".encode())

    assert printed(file.getvalue()) == "a\u2028b\x85c\n"
    assert "a\u2028b\x85c" in (compact(file.getvalue().split("\n"), 1000) or "")


def test_of_a_flood_the_beginning_and_the_end_are_recorded() -> None:
    """With how much was left out, in a file of bounded size."""
    file = io.StringIO()
    file.close = lambda: None  # type: ignore[method-assign]  # to read it afterwards
    with Asciicast(file) as cast:
        cast.write(b"first\r\n")
        for _ in range(400):
            cast.write(b"\x1b[1my\r\n" * 5000)
        cast.write(b"last\r\n")

    text = printed(file.getvalue())
    assert len(file.getvalue()) < HEAD + TAIL + 100_000
    assert text.startswith("first\r\n")
    assert text.endswith("last\r\n")
    (left_out,) = re.findall(r"\n\[\.\.\. (\d+) characters left out \.\.\.\]\r\n", text)
    shown = re.sub(r"\r\n\[\.\.\. \d+ characters left out \.\.\.\]\r\n", "", text)
    assert len(shown) + int(left_out) == 400 * 5000 * 7 + len("first\r\nlast\r\n")
