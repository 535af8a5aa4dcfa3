"""Whether a command printed what the guide shows.

A line of the guide stands for itself. `...` alone on a line stands for any lines, also for
none; inside of a line it stands for any text. A line that ends in ` (glob)` or ` (re)` is a
shell pattern or a regular expression for one line. Blanks at line ends, and blank lines
before and after everything, do not count. A line such as `[1] 4711`, by which a shell tells the
numbers of a job that it starts, stands for any such line. One that says what became of a job, as
`[1]+  Done   sleep 1`, comes whenever the shell notices: it counts only where the guide shows it.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Sequence
from typing import Final

from runbook.execution.texts.patterns import (
    ANY,
    GLOB,
    REGEX,
    Matcher,
    PatternTooSlowError,
    is_job_status,
    is_pattern,
)
from runbook.model.secret_reference import filled_in
from runbook.redaction.known import MASK

_SHOWN: Final = 200
_WIDEST: Final = 1000
"""Characters of a line that a difference shows."""
_BUDGET: Final = 10.0
"""Seconds that the lines of one output may take to be compared, whatever they are."""


def mismatch(expected: str, actual: str) -> str | None:
    """Return `None` if `actual` is what `expected` says, otherwise the difference to read.

    In the difference a line that begins with `-` was expected and did not come, one with `+`
    came and was not expected.
    """
    wanted, came = _lines(expected), _lines(actual)
    try:
        with Matcher() as matcher:
            came = _without_job_statuses(wanted, came, matcher)
            reached = _reach(wanted, came, matcher)
    except PatternTooSlowError as error:
        return str(error)
    if reached[-1][-1]:
        return None
    return "\n".join(_difference(wanted, came, reached))


def mismatch_of_redacted(expected: str, actual: str, redact: Callable[[str], str]) -> str | None:
    """Compare as `mismatch` does what is `expected`, also of secrets, with what is `actual`.

    A secret that is printed is masked. The guide may show it by its name, or in clear: it may be a
    word that stands anywhere. So `redact` masks what is expected as well, unless both are the same
    without that.
    """
    mask = MASK.decode()
    expected = filled_in(expected, lambda _: mask)
    if (difference := mismatch(expected, actual)) is None:
        return None
    wanted = "\n".join(_with_literal_mask(line, mask) for line in redact(expected).split("\n"))
    came = redact(actual)
    return difference if (wanted, came) == (expected, actual) else mismatch(wanted, came)


def _with_literal_mask(line: str, mask: str) -> str:
    """Return a line of the guide in which the mask stands for itself, also in a pattern."""
    if line.endswith(GLOB):
        return line.replace(mask, mask.replace("[", "[[]"))
    return line.replace(mask, re.escape(mask)) if line.endswith(REGEX) else line


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.rstrip().split("\n")]
    return list(itertools.dropwhile(lambda line: not line, lines))


def _without_job_statuses(wanted: list[str], came: list[str], matcher: Matcher) -> list[str]:
    """Return the lines that came without those on jobs that ended meanwhile, unless shown."""
    if not any(map(is_job_status, came)):
        return came
    shown = [line for line in wanted if is_job_status(line) or is_pattern(line)]
    shown = [line for line in shown if line.strip() != ANY]
    return [
        line
        for line in came
        if not is_job_status(line) or any(matcher.matches(one, line) for one in shown)
    ]


def _reach(wanted: Sequence[str], came: Sequence[str], matcher: Matcher) -> list[bytearray]:
    """Return, for each number of wanted lines, which numbers of lines they can account for.

    Raises:
        PatternTooSlowError: it takes too long to say.

    """
    deadline = time.monotonic() + _BUDGET
    row = bytearray(len(came) + 1)
    row[0] = 1
    rows = [row]
    for number, line in enumerate(wanted):
        if time.monotonic() > deadline:
            raise PatternTooSlowError(
                f"{len(wanted)} lines with so many '...' cannot be compared with {len(came)} lines "
                f"in {_BUDGET:g} s: only {number} were; show less of the output"
            )
        # Then the first place is as good as any other.
        anything_follows = number + 1 < len(wanted) and wanted[number + 1].strip() == ANY
        following = bytearray(len(came) + 1)
        if line.strip() == ANY:
            first = row.find(1)
            if first >= 0:
                following[first:] = b"\x01" * (len(came) + 1 - first)
        else:
            place = row.find(1)
            while 0 <= place < len(came):
                if matcher.matches(line, came[place]):
                    following[place + 1] = 1
                    if anything_follows:
                        break
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
    if good and wanted[good - 1].strip() == ANY:
        # `...` could swallow everything; show it from where it began.
        place = reached[good].find(1)
    shown = [f"  {line}" for line in came[:place]]
    shown += [f"- {line}" for line in wanted[good:]]
    shown += [f"+ {line}" for line in came[place:]]
    if len(shown) > _SHOWN:
        half = _SHOWN // 2
        gap = f"  [... {len(shown) - 2 * half} lines left out ...]"
        shown = [*shown[:half], gap, *shown[-half:]]
    return [line if len(line) <= _WIDEST else f"{line[:_WIDEST]}..." for line in shown]
