"""Where a text was shortened, and cut a secret in two."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from runbook.redaction import bases, views
from runbook.redaction.forms import Form, Shape
from runbook.redaction.matches import begun

EXPANSION: Final = 8
"""How many times longer than a form its text may be, before all of a text is looked at."""

_SIGNS: Final = (b"...", "\u2026".encode())
_LEFT_OUT: Final = re.compile(rb"\.{3,}|\xe2\x80\xa6")
"""What pytest, others and we ourselves write where a text is shortened."""
# Around that, for `[... 12 bytes left out ...]` on a line of its own.
_OPENED: Final = re.compile(rb"(?:\r?\n)?\[?\Z")
_CLOSED: Final = re.compile(rb"\]?(?:\r?\n)?")
_CUT_SIGN: Final = re.compile(rb"(?:\r?\n)?(?:\[(?:\.{1,2}|\xe2\x80?)?|\.{1,2}|\xe2\x80?)\Z")
_CUT: Final = 4
"""Bytes of a secret beside that which are taken for a part of it."""
_LONGEST_GAP: Final = 256
"""Bytes before an end in which the sign of a gap is looked for."""


def cut_secrets(
    data: bytes, forms: Mapping[Shape, tuple[Form, ...]], longest: int
) -> Iterator[tuple[int, int]]:
    """Yield where a part of any of the `forms` stands next to what was left out of a text.

    It is what the form begins with, what it ends with, or any part between two such places. None
    of the forms has more than `longest` bytes.
    """
    # A search for a fixed text takes a fraction of the time.
    if not any(sign in data for sign in _SIGNS):
        return
    gaps = [_around(data, gap) for gap in _LEFT_OUT.finditer(data)]
    window = EXPANSION * longest
    # Most texts have neither end of a secret anywhere.
    cut = any(_has_end(seen, forms[shape]) for _, _, shape, seen in _shaped(data, forms))
    for (_, before), (first, last), (after, _) in zip(
        [(0, 0), *gaps], gaps, [*gaps[1:], (len(data), 0)], strict=False
    ):
        start, end = max(before, first - window), min(after, last + window)
        if before and start == before and any(_views(data[start:first], forms, _part)):
            yield start, first
        if not cut:
            continue
        for view, size in _views(data[start:first], forms, _beginning):
            place = len(view.data) - size
            yield start + view.span(place, place)[0], first
        for view, size in _views(data[last:end], forms, _ending):
            yield last, last + view.span(0, size - 1)[1]


def _has_end(seen: bytes, wanted: Iterable[Form]) -> bool:
    return any(one.text[:_CUT] in seen or one.text[-_CUT:] in seen for one in wanted)


def _part(seen: bytes, wanted: Iterable[Form]) -> int:
    return len(seen) if len(seen) >= _CUT and any(seen in form.text for form in wanted) else 0


def _beginning(seen: bytes, wanted: Iterable[Form]) -> int:
    size = max(begun(seen, form.text) for form in wanted)
    return size if size >= _CUT else 0


def _ending(seen: bytes, wanted: Iterable[Form]) -> int:
    size = max(begun(seen[::-1], form.text[::-1]) for form in wanted)
    return size if size >= _CUT else 0


def without_cut_sign(data: bytes) -> bytes:
    """Return the text without what may become, at its end, the sign that something is left out."""
    found = _CUT_SIGN.search(data, max(0, len(data) - 6))
    return data[: found.start()] if found else data


def open_gap(data: bytes, forms: Mapping[Shape, tuple[Form, ...]], longest: int) -> int:
    """Return where a gap begins of which further data would tell whether a secret goes on there.

    Without one the length is returned.
    """
    start = max(0, len(data) - EXPANSION * longest)
    if not any(data.find(sign, start) >= 0 for sign in _SIGNS):
        return len(data)
    *_, gap = _LEFT_OUT.finditer(data, start)
    first, last = _around(data, gap)
    after = bases.uncut(without_cut_sign(data[last:]), bases.UNSEQUENCED)
    for _, _, shape, seen in _shaped(after[: views.incomplete_escape(after)], forms):
        if any(seen in form.text for form in forms[shape]):
            return first
    return len(data)


def gap_before(data: bytes, end: int) -> int:
    """Return where the gap begins that ends at `end`; without one, `end`."""
    start = max(0, end - _LONGEST_GAP)
    for gap in _LEFT_OUT.finditer(data, start, end):
        first, last = _around(data, gap)
        if last == end:
            return first
    return end


def _around(data: bytes, gap: re.Match[bytes]) -> tuple[int, int]:
    """Return where a gap begins and ends, with the brackets and line breaks that it has."""
    opened = _OPENED.search(data, max(0, gap.start() - 3), gap.start())
    closed = _CLOSED.match(data, gap.end())
    return opened.start() if opened else gap.start(), closed.end() if closed else gap.end()


def _views(
    data: bytes,
    forms: Mapping[Shape, tuple[Form, ...]],
    measure: Callable[[bytes, Iterable[Form]], int],
) -> Iterator[tuple[views.View, int]]:
    """Yield the views of `data` in which `measure` finds something, and of how many bytes."""
    if len(data) < _CUT:
        return
    for base, path, shape, seen in _shaped(data, forms):
        # To know where each byte comes from takes long, and most texts have nothing.
        if measure(seen, forms[shape]):
            view = views.view(data, base, path, shape)
            if size := measure(view.data, forms[shape]):
                yield view, size


def _shaped(
    data: bytes, forms: Iterable[Shape]
) -> Iterator[tuple[re.Pattern[bytes], views.Path, Shape, bytes]]:
    """Yield all readings of `data`, in each shape that there are forms of."""
    for base in bases.bases(data):
        for text, path in views.resolutions(bases.without(data, base)):
            for shape in forms:
                yield base, path, shape, views.shaped(text, shape)
