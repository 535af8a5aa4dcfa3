"""`runbook lab reset`: bring a lab to where it is just before a step."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from attrs import evolve

from runbook.commands.guide import planned
from runbook.commands.hosts import ensure_runnable
from runbook.commands.labs.lab import open_lab, use_throwaway_secrets
from runbook.commands.running.choices import refuse_unknown_choices
from runbook.commands.running.consent import ask_consent
from runbook.commands.running.request import Request
from runbook.commands.running.run import run_on
from runbook.errors import RunbookError
from runbook.execution.selection import Selection, forward
from runbook.labs import SupportsCheckpoints
from runbook.results.summary import ExitStatus


def reset(
    guide: Path,
    kind: str,
    step: str,
    selection: Selection,
    agreed: Iterable[str] = (),
    *,
    lenient: bool = False,
) -> int:
    """Bring the lab to just before the step of that id, and return the exit status.

    The steps before it are brought back from a checkpoint, or run. `selection` says which steps
    there are besides the marked ones, and which alternatives are chosen; `agreed` are the ids of
    unmarked steps that the operator agrees to. It is 0 if the lab is there.

    Raises:
        RunbookError: there is no such step, or the lab was not made by us.

    """
    lab = open_lab(guide, kind, chosen=selection.chosen)
    if not isinstance(lab, SupportsCheckpoints):
        raise RunbookError(f"a {kind} lab cannot be reset: its machines were not made by runbook")
    whole = planned(guide, lenient=lenient)
    refuse_unknown_choices(whole, selection.chosen, lab.cluster)
    runbook = forward(whole)
    selection = evolve(selection, reset=step)
    ensure_runnable(runbook, lab, selection)
    chosen = ask_consent(runbook, lab.cluster, selection, agreed, ask=False)
    use_throwaway_secrets(guide, kind)
    status = run_on(Request(guide, kind, lab, whole, runbook, chosen or selection))
    if status not in (ExitStatus.OK, ExitStatus.NOTHING_PROVEN):
        return status
    click.echo(f"{lab.name}: the lab is as {step} expects it; the next run begins there")
    return ExitStatus.OK
