"""What the outcomes of a mutant say: whether a check noticed it, or a command, or nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runbook.model import Step
from runbook.mutation.mutants import Mutant
from runbook.mutation.record import Fate, KnownCheck, Tried
from runbook.results import Outcome, Verdict
from runbook.results.position import DONE

_TIMES: Final = 3.0
"""How many times as long as the step itself a mutant of it may take."""
_SHORTEST: Final = 15.0
"""Seconds that it may take in any case; a busy machine needs them."""
_LONGEST: Final = 200
"""Characters of the reason that is kept."""


def hurried(step: Step, usual: Sequence[Outcome]) -> Step:
    """Return `step` with limits of time that suit how long it has taken: its `usual` outcomes.

    What waits for something that never comes is cut off.
    """
    acting = max((sum(a.seconds for a in one.actions) for one in usual), default=0.0)
    checking = max((one.seconds for one in usual), default=0.0) - acting
    return evolve(
        step,
        timeout=min(step.timeout, max(_SHORTEST, _TIMES * acting)),
        checks=tuple(
            evolve(check, within=min(check.within, max(_SHORTEST, _TIMES * checking)))
            for check in step.checks
        ),
    )


def why_untried(usual: Sequence[Outcome]) -> str:
    """Return why nothing can be said of the mutants of a step with these outcomes of its own.

    What fails without a change says nothing when it fails with one. It is empty if it holds.
    """
    if not usual:
        return "the step is for no host of this lab"
    bad = next((one for one in usual if one.verdict not in DONE), None)
    if bad is None:
        return ""
    return f"without a change it does not hold on {bad.host}: {_first_line(bad.reason)}"


def known_checks(step: Step, usual: Sequence[Outcome]) -> tuple[KnownCheck, ...]:
    """Return the checks that the author gave a step, and which were red before it on some host.

    A file block is a check as well, but says of a mistake in its text that it is there.
    """
    red = {c.sentence for one in usual for c in one.before if not c.held}
    return tuple(KnownCheck(c.sentence, c.sentence in red) for c in step.checks)


def tells_already(mutant: Mutant, step: Step) -> bool:
    """Return whether the checks before `step` have told of the mutant: nothing is left to do."""
    return not mutant.step.actions and step.actions != ()


def judged_before(mutant: Mutant, usual: Sequence[Outcome]) -> Tried:
    """Return what becomes of the mutant in which nothing is done, by the checks before the step."""
    known = known_checks(mutant.step, usual)
    red = tuple(one.sentence for one in known if one.red)
    return Tried(mutant.id, Fate.BY_CHECK if red else Fate.SURVIVED, red)


def outcomes_of(step: Step, found: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Return those outcomes that are of `step`."""
    return tuple(one for one in found if one.step == step.id)


def judged(mutant: Mutant, all_found: Sequence[Outcome]) -> Tried:
    """Return what became of a mutant with these outcomes of it, and of later steps, on its hosts.

    It is dead if one host tells; by a check if one did not hold anywhere, otherwise by a command,
    otherwise by a later step.
    """
    found = outcomes_of(mutant.step, all_found)
    seconds = round(max((one.seconds for one in found), default=0.0), 1)
    failed = [one for one in found if one.verdict is Verdict.FAILED]
    red = [c for one in failed for c in one.after if not c.held and c.evaluated]
    if red:
        by = tuple(dict.fromkeys(c.sentence for c in red))
        return Tried(mutant.id, Fate.BY_CHECK, by, seconds=seconds)
    if failed:
        return Tried(mutant.id, Fate.BY_COMMAND, why=_first_line(failed[0].reason), seconds=seconds)
    bad = next((one for one in found if one.verdict not in DONE), None)
    if bad is not None or not found:
        why = _first_line(bad.reason) if bad else "the run ended before the step"
        return Tried(mutant.id, Fate.UNTRIED, why=why, seconds=seconds)
    later = next((o for o in all_found if o not in found and o.verdict is Verdict.FAILED), None)
    if later is not None:
        why = f"{later.step}: {_first_line(later.reason)}"
        return Tried(mutant.id, Fate.BY_LATER_STEP, why=why, seconds=seconds)
    return Tried(mutant.id, Fate.SURVIVED, seconds=seconds)


def _first_line(reason: str) -> str:
    line = reason.partition("\n")[0]
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
