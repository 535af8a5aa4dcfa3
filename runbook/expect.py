"""Whether a command printed what the guide shows.

A line of the guide stands for itself. `...` alone on a line stands for any lines, also for
none; inside of a line it stands for any text. A line that ends in ` (glob)` or ` (re)` is a
shell pattern or a regular expression for one line. Blanks at line ends, and blank lines
before and after everything, do not count.
"""

from __future__ import annotations

import fnmatch
import functools
import itertools
import re
from collections.abc import Sequence
from typing import Final

_ANY: Final = "..."
_SHOWN: Final = 200


def mismatch(expected: str, actual: str) -> str | None:
    """Return `None` if `actual` is what `expected` says, otherwise the difference to read.

    In the difference a line that begins with `-` was expected and did not come, one with `+`
    came and was not expected.
    """
    wanted, came = _lines(expected), _lines(actual)
    reached = _reach(wanted, came)
    if reached[-1][-1]:
        return None
    return "\n".join(_difference(wanted, came, reached))


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.rstrip().split("\n")]
    return list(itertools.dropwhile(lambda line: not line, lines))


def _reach(wanted: Sequence[str], came: Sequence[str]) -> list[bytearray]:
    """Return, for each number of wanted lines, which numbers of lines they can account for."""
    row = bytearray(len(came) + 1)
    row[0] = 1
    rows = [row]
    for line in wanted:
        following = bytearray(len(came) + 1)
        if line.strip() == _ANY:
            first = row.find(1)
            if first >= 0:
                following[first:] = b"\x01" * (len(came) + 1 - first)
        else:
            place = row.find(1)
            while 0 <= place < len(came):
                if matches(line, came[place]):
                    following[place + 1] = 1
                place = row.find(1, place + 1)
        rows.append(following)
        row = following
    return rows


def _difference(
    wanted: Sequence[str], came: Sequence[str], reached: Sequence[bytearray]
) -> list[str]:
    """Show what matched up to the first line that nothing matches, and both sides from there."""
    good = max(n for n, row in enumerate(reached) if any(row))
    place = reached[good].rfind(1)
    if good and wanted[good - 1].strip() == _ANY:
        # `...` could swallow everything; show it from where it began.
        place = reached[good].find(1)
    shown = [f"  {line}" for line in came[:place]]
    shown += [f"- {line}" for line in wanted[good:]]
    shown += [f"+ {line}" for line in came[place:]]
    if len(shown) > _SHOWN:
        half = _SHOWN // 2
        gap = f"  [... {len(shown) - 2 * half} lines left out ...]"
        shown = [*shown[:half], gap, *shown[-half:]]
    return shown


def is_pattern(wanted: str) -> bool:
    """Return whether a line of the guide stands for more than itself."""
    return _pattern(wanted) is not None


def matches(wanted: str, line: str) -> bool:
    """Return whether a line of the guide, which is not `...` alone, stands for `line`."""
    pattern = _pattern(wanted)
    return wanted == line if pattern is None else pattern.fullmatch(line) is not None


@functools.lru_cache(maxsize=1024)
def _pattern(wanted: str) -> re.Pattern[str] | None:
    if wanted.endswith(" (glob)"):
        return re.compile(fnmatch.translate(wanted.removesuffix(" (glob)")))
    if wanted.endswith(" (re)"):
        try:
            return re.compile(wanted.removesuffix(" (re)"))
        except re.error:
            # The planner has no say here; a pattern that is none can match nothing else.
            return None
    if _ANY in wanted:
        return re.compile(".*".join(re.escape(part) for part in wanted.split(_ANY)))
    return None
