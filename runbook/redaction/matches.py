"""Where forms of secrets are in a text: as a whole, or cut at its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from runbook.redaction import views
from runbook.redaction.bases import BLANKS
from runbook.redaction.forms import Form

_SHORT: Final = 300
"""Bytes of a form up to which all its beginnings are remembered."""


@frozen
class Beginnings:
    """What a text may end with if it is cut inside of a form.

    These are the beginnings of `short` forms, of at most `most` bytes, and any of the `long` forms.
    """

    short: frozenset[bytes]
    long: tuple[bytes, ...]
    most: int

    @classmethod
    def of(cls, wanted: Iterable[Form]) -> Beginnings:
        """Return the beginnings of the `wanted` forms."""
        texts = [form.text for form in wanted]
        short = [text for text in texts if len(text) <= _SHORT]
        return cls(
            frozenset(text[:size] for text in short for size in range(1, len(text))),
            tuple(text for text in texts if len(text) > _SHORT),
            max((len(text) - 1 for text in short), default=0),
        )

    def at_the_end(self, seen: bytes) -> int:
        """Return how many bytes at the end of `seen` are the longest beginning of any form."""
        sizes = range(min(self.most, len(seen)), 0, -1)
        short = next((size for size in sizes if seen[-size:] in self.short), 0)
        return max((short, *(begun(seen, text) for text in self.long)))


def begun(seen: bytes, wanted: bytes) -> int:
    """Return how many bytes at the end of `seen` are a beginning, but not all, of `wanted`."""
    tail = seen[1 - len(wanted) :] if len(wanted) > 1 else b""
    place = tail.find(wanted[:1])
    while place >= 0:
        if wanted.startswith(tail[place:]):
            return len(tail) - place
        place = tail.find(wanted[:1], place + 1)
    return 0


def found(
    view: views.View, wanted: Iterable[Form], data: bytes | None = None, path: views.Path = ()
) -> Iterator[tuple[int, int]]:
    """Yield from where to where in the text of a `view` there is any of the forms.

    If `data`, the text, is given, a short secret must have its blanks.
    """
    for form in wanted:
        place = view.data.find(form.text)
        while place >= 0:
            first, last = view.span(place, place + len(form.text) - 1)
            if data is None or _is_exact(data[first:last], form, path):
                yield first, last
            place = view.data.find(form.text, place + 1)


def line_end(data: bytes, place: int) -> int:
    """Return where the line with that place ends: beyond the end of data that does not end it."""
    end = data.find(b"\n", place)
    return end if end >= 0 else len(data) + 1


def _is_exact(data: bytes, form: Form, path: views.Path) -> bool:
    """Return whether `data`, which is `form` but for blanks, has the blanks of a short secret."""
    if not form.exact:
        return True
    shown = views.strictly(data, path)
    # Blanks at its ends are never a part of what was found.
    return any(views.strictly(one).strip(BLANKS) in shown for one in form.exact)
