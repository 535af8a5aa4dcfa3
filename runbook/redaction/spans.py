"""Places in a text: from where to where, as offsets."""

from __future__ import annotations

from collections.abc import Iterable


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, with those that overlap made one."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def masked(data: bytes, spans: Iterable[tuple[int, int]], end: int, mask: bytes) -> bytes:
    """Return the data up to `end` with the `mask` in the place of each of the spans."""
    parts: list[bytes] = []
    done = 0
    for first, last in spans:
        parts += (data[done:first], mask)
        done = last
    return b"".join((*parts, data[done:end]))
