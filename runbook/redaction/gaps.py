"""Where a text was shortened, and cut a secret in two."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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


def cut_secrets(
    data: bytes, forms: Mapping[Shape, tuple[Form, ...]], longest: int
) -> Iterator[tuple[int, int]]:
    """Yield where a part of any of the `forms` stands next to what was left out of a text.

    It is what the form begins with, what it ends with, or any part between two such places. None
    of the forms has more than `longest` bytes.
    """
    # A search for a fixed text takes a fraction of the time.
    shortened = any(sign in data for sign in _SIGNS)
    before = -1
    for gap in _LEFT_OUT.finditer(data) if shortened else ():
        first, last = _around(data, gap)
        if 0 <= before <= first <= before + EXPANSION * longest:
            for view, wanted in _views(data[before:first], forms):
                if len(view.data) >= _CUT and any(view.data in form.text for form in wanted):
                    yield before, first
        before = last
        start = max(0, first - EXPANSION * longest)
        for view, wanted in _views(data[start:first], forms):
            if (size := max(begun(view.data, form.text) for form in wanted)) >= _CUT:
                place = len(view.data) - size
                yield start + view.span(place, place)[0], first
        for view, wanted in _views(data[last : last + EXPANSION * longest], forms):
            seen = view.data[::-1]
            if (size := max(begun(seen, form.text[::-1]) for form in wanted)) >= _CUT:
                yield last, last + view.span(0, size - 1)[1]


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
    for view, wanted in _views(after[: views.incomplete_escape(after)], forms):
        if any(view.data in form.text for form in wanted):
            return first
    return len(data)


def _around(data: bytes, gap: re.Match[bytes]) -> tuple[int, int]:
    """Return where a gap begins and ends, with the brackets and line breaks that it has."""
    opened = _OPENED.search(data, max(0, gap.start() - 3), gap.start())
    closed = _CLOSED.match(data, gap.end())
    return opened.start() if opened else gap.start(), closed.end() if closed else gap.end()


def _views(
    data: bytes, forms: Mapping[Shape, tuple[Form, ...]]
) -> Iterator[tuple[views.View, tuple[Form, ...]]]:
    """Yield all views of `data`, each with the forms to search for in it."""
    for base in bases.bases(data):
        for _, path in views.resolutions(bases.without(data, base)):
            for shape, wanted in forms.items():
                yield views.view(data, base, path, shape), wanted
