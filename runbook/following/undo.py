"""What undoes a step, and whether that may be done now."""

from __future__ import annotations

from attrs import frozen

from runbook.following.position import StepState, Way

_THERE = frozenset(
    {StepState.BEGUN, StepState.CHANGED, StepState.DONE, StepState.BY_HAND, StepState.SATISFIED}
)
"""States in which a step may have left something to undo."""


@frozen
class UndoOffer:
    """The undo steps of a chapter, in the order in which they run.

    They undo what the whole `chapter` did. `refused` says why they may not run now; empty if they
    may.
    """

    document: str
    chapter: str
    steps: tuple[str, ...]
    refused: str = ""


def offer(step: str, forth: Way, back: Way) -> UndoOffer | None:
    """Return what undoes the chapter of `step`, of either direction; `None` if nothing does."""
    way = back if step in back else forth
    document = way.document(step)
    undoing = [one for one in back.steps if back.document(one.step.id) == document]
    if not undoing:
        return None
    left = [one for one in undoing if not back.position(one).settled]
    chapter = way.chapters[step]
    ids = tuple(one.step.id for one in left or undoing)
    if not left:
        refused = "it is undone already"
    elif len(left) == len(undoing) and not _is_there(forth, document):
        refused = "nothing of this chapter was done here"
    else:
        later = [one for one in built_on(document, forth) if _has_undo(back, one)]
        refused = f"undo {later[-1]} first, which was done after it" if later else ""
    return UndoOffer(document, chapter.title, ids, refused)


def built_on(document: str, forth: Way) -> tuple[str, ...]:
    """Return the later documents that were done after `document` and may depend on it."""
    documents = list(dict.fromkeys(forth.document(one.step.id) for one in forth.steps))
    later = documents[documents.index(document) + 1 :] if document in documents else []
    return tuple(one for one in later if _is_there(forth, one))


def _has_undo(back: Way, document: str) -> bool:
    return any(back.document(one.step.id) == document for one in back.steps)


def _is_there(forth: Way, document: str) -> bool:
    """Return whether a step of a document was done on some host, or begun."""
    return any(
        host.state in _THERE
        for one in forth.steps
        if forth.document(one.step.id) == document and not one.step.readonly
        for host in forth.position(one).hosts
    )
