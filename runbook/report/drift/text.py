"""Drift as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from runbook.report.text import pluralize, sanitize
from runbook.results.drift import CheckState, Drift, State

_WIDTH: Final = max(len(state.value) for state in State)


def lines(drift: Drift) -> Iterator[str]:
    """Yield a line for each check and host, an explanation below those that differ, and the sum."""
    yield from hosts(drift)
    for check in drift.checks:
        yield from explained(check)
    yield ""
    yield in_short(drift)


def hosts(drift: Drift) -> Iterator[str]:
    """Yield a line for each host that could not be asked."""
    for name, why in drift.unreached.items():
        yield f"{'error':{_WIDTH}}  {name}  its checks were not evaluated: {sanitize(why)}"


def explained(check: CheckState) -> Iterator[str]:
    """Yield the line of a check, and below it what was found instead of what should be."""
    line = (
        f"{check.state.value:{_WIDTH}}  {check.host}  {check.location}  {sanitize(check.sentence)}"
    )
    if check.state is State.UNKNOWN:
        yield f"{line}: {sanitize(check.detail)}"
        return
    yield line
    yield from (f"    {one}" for one in sanitize(check.detail).splitlines())


def in_short(drift: Drift) -> str:
    """Return a sentence that says how many checks differ, and on which hosts."""
    unknown = len(drift.in_state(State.UNKNOWN))
    evaluated = len(drift.checks) - unknown
    rest = f"; {pluralize(unknown, 'check')} unknown" if unknown else ""
    if drift.unreached:
        rest += f"; {', '.join(drift.unreached)} could not be looked at"
    if not evaluated:
        return f"No check was evaluated{rest}."
    differing = Counter(check.host for check in drift.in_state(State.DIFFERS))
    count = differing.total()
    if not count:
        return f"{pluralize(evaluated, 'check')} evaluated; none differs{rest}."
    are = "is" if len(differing) == 1 else "are"
    differ = "differs" if count == 1 else "differ"
    return (
        f"{count} of {pluralize(evaluated, 'check')} {differ}: "
        f"{', '.join(differing)} {are} not as the guide says{rest}."
    )
