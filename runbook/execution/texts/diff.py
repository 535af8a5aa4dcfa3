"""The difference between two texts, to be read by people: short, and safe to show."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from itertools import islice, takewhile
from typing import Final

_MOST_LINES: Final = 40
_MOST_CHARACTERS: Final = 200
_COMPARED: Final = 1000
"""Lines from the first difference on that are compared; more could take minutes."""
_MORE: Final = "[more lines differ]"
_HIDDEN: Final = "[a secret in it differs]"
"""Stands for a difference that is one of secrets alone."""
_UNENDED: Final = "[the last line does not end]"


def difference(
    wanted: str, actual: str, where: str, *, context: int = 3, before: str = "the guide"
) -> str:
    r"""Return a unified diff from the text `wanted` by the guide to the `actual` one on `where`.

    The first text may also be another one, which `before` names.

    It has at most 40 lines, with `context` lines around each difference. Control characters are
    escaped as in Python (`\t`).
    """
    lines = [f"--- {before}", f"+++ {where}"]
    lines += islice(_lines(_split(wanted), _split(actual), context), _MOST_LINES - 1)
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES - 1 :] = [_MORE]
    return "\n".join(_shown(line) for line in lines)


def redacted_difference(
    wanted: str,
    actual: str,
    where: str,
    redact: Callable[[str], str],
    *,
    context: int = 3,
    before: str = "the guide",
) -> str:
    """Return the `difference` of two texts that are not the same, as `redact` leaves them.

    What stands before the lines of a difference would be in the middle of a secret with several.
    """
    shown, came = redact(wanted), redact(actual)
    if shown == came and wanted != actual:
        return "\n".join((f"--- {before}", f"+++ {where}", _HIDDEN))
    return difference(shown, came, where, context=context, before=before)


def _lines(old: list[str], new: list[str], context: int) -> Iterator[str]:
    begin = max(0, _same(old, new) - context)
    end = max(0, min(_same(old[::-1], new[::-1]), len(old) - begin, len(new) - begin) - context)
    old, new = old[begin : len(old) - end], new[begin : len(new) - end]
    matcher = difflib.SequenceMatcher(None, old[:_COMPARED], new[:_COMPARED], autojunk=False)
    groups = list(matcher.get_grouped_opcodes(context))
    cut = max(len(old), len(new)) > _COMPARED
    # Where both were cut, one may seem to have lines that the other has only later.
    for group in groups[:-1] if cut and len(groups) > 1 else groups:
        first, last = group[0], group[-1]
        spans = _span(begin, first[1], last[2]), _span(begin, first[3], last[4])
        yield f"@@ -{spans[0]} +{spans[1]} @@"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in old[old_start:old_end])
                continue
            yield from (f"-{line}" for line in old[old_start:old_end])
            yield from (f"+{line}" for line in new[new_start:new_end])
    if cut:
        yield _MORE


def _same(one: list[str], other: list[str]) -> int:
    """Return how many lines both begin with."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _split(text: str) -> list[str]:
    # Not `splitlines`: a form feed or a separator in a line is part of it.
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else [*lines, _UNENDED]


def _span(before: int, start: int, end: int) -> str:
    """Return line numbers as a unified diff gives them."""
    if end - start == 1:
        return f"{before + start + 1}"
    return f"{before + start + (end > start)},{end - start}"


def _shown(line: str) -> str:
    line = line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}..."
    return "".join(c if c.isprintable() else _escaped(c) for c in line)


def _escaped(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape", errors="backslashreplace").decode("ascii")
