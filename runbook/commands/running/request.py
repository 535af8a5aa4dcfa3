"""What is asked of a run, and what it has to do in answer, on the lab as it stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, frozen

from runbook.commands.guide import run_directory
from runbook.errors import RunbookError
from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.schedule import Schedule, schedule
from runbook.execution.selection import Selection, forward
from runbook.labs import Lab, SupportsCheckpoints
from runbook.model import Runbook
from runbook.results import Probed
from runbook.results import journal as journals
from runbook.results.position import History


@frozen
class Manner:
    """How the operator wants a run to go about it.

    If `attended`, the operator is asked to do the manual tasks. With `shell`, they are given the
    session of a step that does not hold. With `from_checkpoint`, fresh hosts are brought to the
    checkpoint that has the most of what the run needs, and nothing else. `repeat` are the ids of
    steps that may be typed once more on somebody's machines; with `yes`, all that their author
    allows may. The rest is as in the model's `Run` and the runner's `Options`.
    """

    attended: bool = False
    shell: bool = False
    undo: bool = False
    exit_first: bool = False
    strict: bool = False
    require_proven: bool = False
    failed: bool = False
    yes: bool = False
    repeat: frozenset[str] = frozenset()
    observe: bool = False
    from_checkpoint: bool = False


@frozen
class Request:
    """What is to be run: `runbook`, a part of the `whole` guide, on `lab`.

    `guide` is its directory. `name` is that of the lab among the guide's own: its kind.
    """

    guide: Path
    name: str
    lab: Lab
    whole: Runbook
    runbook: Runbook
    selection: Selection
    manner: Manner = Manner()

    @property
    def directory(self) -> Path:
        """The directory of the run's journal and reports."""
        return self._directory(undo=self.manner.undo)

    @property
    def other_directory(self) -> Path:
        """The directory of the runs that go the other way, forth or back."""
        return self._directory(undo=not self.manner.undo)

    def _directory(self, *, undo: bool) -> Path:
        return run_directory(self.guide, f"{self.name}-undo" if undo else self.name)


def _selection(request: Request, history: History) -> Selection:
    """Return what is selected; with `failed`, the steps that did not hold in the last run."""
    if not request.manner.failed:
        return request.selection
    if not history.failed:
        raise RunbookError("no step failed in the last run on this lab")
    return evolve(request.selection, only=tuple(sorted(history.failed)))


def history_of(request: Request) -> History:
    """Return what runs did on the present hosts of the lab, forth and back."""
    instance = request.lab.instance()
    forth, back = (
        journals.history(run_directory(request.guide, name) / "journal.jsonl", instance)
        for name in (request.name, f"{request.name}-undo")
    )
    return History(
        known=forth.known or back.known,
        touched={**forth.touched, **back.touched},
        outcomes={**back.outcomes, **forth.outcomes},
        failed=forth.failed,
        broken_by={**forth.broken_by, **back.broken_by},
    )


def schedule_of(
    request: Request, history: History, probed: Mapping[str, Probed], shared: SharedChecks
) -> Schedule:
    """Return what the run has to do on hosts that are what they said of themselves (`probed`).

    Raises:
        RunbookError: a step that the operator named is not there, or none has failed.

    """
    lab, runbook, selection = request.lab, request.runbook, _selection(request, history)
    base = lab.recipe_digest() if isinstance(lab, SupportsCheckpoints) else _environment(lab)
    if not request.manner.undo:
        return schedule(runbook, lab.cluster, probed, selection, base=base, shared=shared)
    everything = Selection(unmarked=selection.unmarked, agreed=selection.agreed,
                           chosen=selection.chosen)  # fmt: skip
    before = schedule(
        forward(request.whole), lab.cluster, probed, everything, base=base, shared=shared
    )
    return schedule(
        runbook, lab.cluster, probed, selection,
        base=f"{base} undo", shared=shared, after=before.steps,
    )  # fmt: skip


def _environment(lab: Lab) -> str:
    """Return a digest of what machines of somebody's are given: the environment of sessions."""
    text = json.dumps(lab.cluster.environment, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
