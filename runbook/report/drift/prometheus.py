"""Drift in the text format of Prometheus, for the textfile collector of its node exporter.

The format is that of https://prometheus.io/docs/instrumenting/exposition_formats/. A check of
which nothing is known has no `runbook_check_holds`, so that no alert takes it for a bad one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from runbook.report.text import sanitize
from runbook.results.drift import CheckState, Drift, State
from runbook.results.summary import instant

_BADNESS: Final = (State.HOLDS, State.UNKNOWN, State.DIFFERS)
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def render(drift: Drift) -> str:
    """Return the metrics of `drift`; the same checks give the same series each time."""
    return "".join(f"{line}\n" for line in _lines(drift))


def _lines(drift: Drift) -> Iterator[str]:
    hosts = sorted({check.host for check in drift.checks} | set(drift.unreached))
    yield from _gauge(
        "runbook_host_reached",
        "Whether the host could be asked.",
        (({"host": host}, float(host not in drift.unreached)) for host in hosts),
    )
    worst = _worst(drift.checks)
    yield from _gauge(
        "runbook_check_holds",
        "Whether a check of the guide's end state holds.",
        (
            (_labels(check), float(check.state is State.HOLDS))
            for check in worst
            if check.state is not State.UNKNOWN
        ),
    )
    yield from _gauge(
        "runbook_check_unknown",
        "Whether nothing is known of a check.",
        ((_labels(check), float(check.state is State.UNKNOWN)) for check in worst),
    )
    yield from _gauge(
        "runbook_checks",
        "How many checks are in a state.",
        (
            ({"host": host, "state": state.value},
             float(sum(check.host == host for check in drift.in_state(state))))
            for host in hosts
            for state in State
        ),
    )  # fmt: skip
    finished = instant(drift.finished) or 0.0
    yield from _gauge(
        "runbook_checks_finished_timestamp_seconds",
        "When the checks were last evaluated, in seconds since 1970.",
        [({}, finished)],
    )
    yield from _gauge(
        "runbook_checks_duration_seconds",
        "How long the evaluation of all checks took.",
        [({}, finished - (instant(drift.started) or finished))],
    )


def _worst(checks: Iterable[CheckState]) -> list[CheckState]:
    """Return one check for each series: a step may say the same sentence twice.

    Prometheus refuses a file that has a series twice.
    """
    found: dict[tuple[str, str, str], CheckState] = {}
    for check in checks:
        known = found.setdefault(check.identity, check)
        if _BADNESS.index(check.state) > _BADNESS.index(known.state):
            found[check.identity] = check
    return list(found.values())


def _labels(check: CheckState) -> dict[str, str]:
    return {"host": check.host, "step": check.step, "check": check.sentence}


def _gauge(
    name: str, about: str, samples: Iterable[tuple[Mapping[str, str], float]]
) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inner}}} {value:.15g}" if inner else f"{name} {value:.15g}"


def _escaped(text: str) -> str:
    return sanitize(text).translate(_ESCAPES)
