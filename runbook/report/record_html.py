"""The record of a guide that people followed, as one HTML page without scripts."""

from __future__ import annotations

from typing import Final

import jinja2

from runbook.report.record import Record, moment
from runbook.report.styles import STYLES
from runbook.report.text import format_duration, last_lines, sanitize
from runbook.results import CheckResult, Outcome

_LINES: Final = 200
"""Lines of an output; the journal has all of it."""


def render(record: Record) -> str:
    """Return the page of the record; it loads no other files."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("runbook.report", "page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(
        duration=format_duration,
        moment=moment,
        state=_state,
        checks=_checks,
        last=lambda text: "\n".join(last_lines(sanitize(text), _LINES)),
    )
    return environment.get_template("record.html.j2").render(record=record, styles=STYLES)


def _finalize(value: object) -> object:
    """Sanitize every value that the template prints, but not the template's own text."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return sanitize(value)
    return value


def _state(check: CheckResult | None) -> str:
    """Return the state of a check: a word, and a class of the page."""
    if check is None:
        return "none"
    return "held" if check.held else "red" if check.evaluated else "none"


def _checks(outcome: Outcome) -> list[tuple[str, CheckResult | None, CheckResult | None]]:
    """Return the sentences of all checks, with their results before and after."""
    before = {(c.sentence, c.location): c for c in outcome.before}
    after = {(c.sentence, c.location): c for c in outcome.after}
    return [(at[0], before.get(at), after.get(at)) for at in {**before, **after}]
