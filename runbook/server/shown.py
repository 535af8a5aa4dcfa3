"""What pages are told of a guide that is followed, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from runbook.following import (
    CommandView,
    Demand,
    FileView,
    FollowSession,
    ProgramView,
    StepPosition,
    StepView,
    TaskView,
)
from runbook.following.view import ActionView
from runbook.report.text import sanitize
from runbook.results import drift_history
from runbook.results.artefact import ArtefactError
from runbook.results.drift import State
from runbook.results.log import LogEntry

_ENTRIES: Final = 100
_PAST: Final = 50


def positions(session: FollowSession) -> dict[str, Any]:
    """Return how far all steps came, as values of the feed: `position/STEP`, and `present`."""
    setting = session.setting
    found: dict[str, Any] = {}
    undone = {setting.back.document(one.step.id) for one in setting.back.steps}
    for way, some in (
        (setting.forth, session.positions()),
        (setting.back, session.undo_positions()),
    ):
        settled = {one.step.id: one.settled for one in some}
        for one in some:
            before = way.before(way.keyed(one.step.id))
            first = next((b.step.id for b in before if not settled[b.step.id]), "")
            found[f"position/{one.step.id}"] = {
                **_position(one),
                "first": first,
                "undone": not one.step.undo and one.document in undone,
            }
    present = session.present()
    return {**found, "present": present.step.id if present is not None else None}


def _position(one: StepPosition) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "settled": one.settled,
        "hosts": [
            {"host": h.host, "state": h.state.value, "why": h.why, "who": h.who, "at": h.at}
            for h in one.hosts
        ],
    }


def log(session: FollowSession) -> list[dict[str, Any]]:
    """Return what was done last, by whom."""
    return [_entry(entry) for entry in session.log()[-_ENTRIES:]]


def _entry(entry: LogEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "who": sanitize(entry.who),
        "deed": entry.deed.value,
        "step": entry.step,
        "hosts": list(entry.hosts),
        "text": sanitize(f"{entry.name} = {entry.text}" if entry.name else entry.text),
    }


def history(session: FollowSession) -> list[dict[str, Any]]:
    """Return what `runbook check` has found on the lab, the newest first."""
    directory = session.setting.requests[False].directory
    try:
        past = drift_history.read(directory)
    except ArtefactError:
        return []
    return [
        {
            "at": one.drift.finished,
            "held": sum(one.held.values()),
            "differ": dict(Counter(check.host for check in one.drift.in_state(State.DIFFERS))),
            "unknown": len(one.drift.in_state(State.UNKNOWN)),
            "unreached": sorted(one.drift.unreached),
        }
        for one in past[: -_PAST - 1 : -1]
    ]


def step(view: StepView) -> dict[str, Any]:
    """Return what a step will do, on each of its hosts."""
    offer = view.undo
    return {
        "purpose": view.purpose,
        "seconds": view.seconds,
        "hosts": [
            {
                "host": one.host,
                "missing": one.missing,
                "actions": [_action(action) for action in one.actions],
            }
            for one in view.hosts
        ],
        "demand": demand(view.demand),
        "secrets": list(view.secrets),
        "values": [
            {"name": one.name, "text": one.text, "kind": one.kind.value, "edited": one.edited}
            for one in view.values
        ],
        "undo": None
        if offer is None
        else {"chapter": offer.chapter, "steps": list(offer.steps), "refused": offer.refused},
    }


def demand(found: Demand) -> dict[str, Any]:
    """Return what must be typed before a step runs, and why."""
    return {"hosts": list(found.hosts), "reasons": list(found.reasons)}


def _action(action: ActionView) -> Mapping[str, Any]:
    match action:
        case CommandView():
            return {"kind": "command", "text": action.text, "place": action.place}
        case ProgramView():
            asked = [
                {"prompt": one.prompt, "answer": one.answer, "secret": one.secret}
                for one in action.questions
            ]
            return {
                "kind": "program",
                "text": action.text,
                "place": action.place,
                "questions": asked,
            }
        case FileView():
            return {"kind": "file", "path": action.path, "diff": action.diff, "why": action.why}
        case TaskView():
            return {"kind": "task", "text": action.text}
