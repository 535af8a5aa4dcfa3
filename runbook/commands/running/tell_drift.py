"""What `runbook check` tells of drift, once or again and again: in which format, and where."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import click

from runbook.commands.repository import place_of
from runbook.errors import RunbookError
from runbook.model import codec
from runbook.report import sarif
from runbook.report.diagnostics import of_drift
from runbook.report.drift import junit, prometheus, text
from runbook.results import artefact
from runbook.results.drift import Drift, State

TEXT: Final = "text"
JSON: Final = "json"
FORMATS: Final = (TEXT, JSON, "junit", "prometheus", "sarif")
"""What the command line offers."""


def rendered(drift: Drift, form: str, guide: Path) -> str:
    """Return `drift` in one of the `FORMATS`, with a newline at its end."""
    match form:
        case "json":
            return codec.dumps(drift) + "\n"
        case "junit":
            return junit.render(drift)
        case "prometheus":
            return prometheus.render(drift)
        case "sarif":
            failures = [f"{name}: {why}" for name, why in drift.unreached.items()]
            return sarif.render(
                of_drift(drift), category=f"check/{drift.lab}", prefix=place_of(guide),
                failures=failures,
            )  # fmt: skip
    return "".join(f"{line}\n" for line in text.lines(drift))


def tell(drift: Drift, form: str, guide: Path, output: Path | None) -> None:
    """Write `drift` to the file `output` in one step, or to the standard output.

    Raises:
        ArtefactError: the file cannot be written.

    """
    if output is None:
        click.echo(rendered(drift, form, guide), nl=False)
        return
    # A collector of metrics runs as a user of its own.
    artefact.write(output, rendered(drift, form, guide), public=True)
    click.echo(text.in_short(drift), err=True)


def repeat(
    examine: Callable[[], Drift], interval: float, form: str, guide: Path, output: Path | None
) -> NoReturn:
    """Tell of drift now, and every `interval` seconds again, until interrupted.

    Without `output`, text tells only what is new, and JSON is a line each time. An error of the
    guide or the lab is shown, and the next time waited for.

    Raises:
        KeyboardInterrupt: the operator has had enough.

    """
    before: Drift | None = None
    wait = threading.Event().wait
    while True:
        try:
            drift = examine()
        except RunbookError as error:
            click.echo(f"runbook: {error}", err=True)
        else:
            if output is not None:
                tell(drift, form, guide, output)
            elif form == JSON:
                click.echo(json.dumps(json.loads(codec.dumps(drift)), ensure_ascii=False))
            else:
                _tell_changes(before, drift)
            before = drift
        wait(interval)


def _tell_changes(before: Drift | None, drift: Drift) -> None:
    """Show the checks whose state is another one than `before`, or all if there is no before."""
    known = {} if before is None else _states(before)
    if before is None or before.unreached != drift.unreached:
        for line in text.hosts(drift):
            click.echo(line)
    for check in drift.checks:
        if known.get(check.identity) is not check.state and (
            before is None or check.identity in known or check.state is not State.HOLDS
        ):
            for line in text.explained(check):
                click.echo(line)
    click.echo(f"{drift.finished}  {text.in_short(drift)}")


def _states(drift: Drift) -> dict[tuple[str, str, str], State]:
    return {check.identity: check.state for check in drift.checks}


def missing_output(form: str) -> bool:
    """Tell whether a file is needed to tell in this format again and again."""
    return form not in (TEXT, JSON)
