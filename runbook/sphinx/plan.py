"""Build the plan: run Sphinx in this process, take what was collected, write plan.json."""

from __future__ import annotations

import fcntl
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from runbook import artefact, codec
from runbook.model import Runbook
from runbook.sphinx.attempt import Attempt, PlanError
from runbook.sphinx.validate import Collected, collect
from runbook.sphinx.warned import Warned, folded

__all__ = ["PLAN", "PlanError", "build"]

PLAN: Final = "plan.json"


def build(
    guide: Path,
    *,
    output: Path,
    strict: bool = False,
    lenient: bool = False,
    tags: Sequence[str] = (),
    jobs: int = 1,
) -> Runbook:
    """Return the runbook of the `guide`, a directory with a conf.py, and write it as plan.json.

    Documents that have not changed since the last build into `output` are not read again.
    Warnings go to standard error; with `strict` they are errors. `tags` are Sphinx's, and
    `jobs` is how many processes read. With `lenient`, what the guide needs and this machine
    has not is left out, and said to be: extensions, directives, roles, a conf.py that fails.
    What docutils says of a guide whose conf.py does not name our extension is never an error.

    Raises:
        PlanError: the guide has errors; the message has every one, with file and line.
        RunbookError: the cluster file is wrong.

    """
    guide = guide.resolve()
    output.mkdir(parents=True, exist_ok=True)
    unfinished, memory = output / "unfinished", output / "warned.json"
    with _alone(output):
        known = _remembered(memory, lenient=lenient)
        # A guide that cannot be planned leaves no plan.
        (output / PLAN).unlink(missing_ok=True)
        attempt = Attempt(
            guide, output, lenient, tags, jobs, fresh=unfinished.exists() or not known
        )
        attempt.without = frozenset(known.get("without", ()))
        # Should this build not come to its end, the next one reads everything.
        unfinished.touch()
        with attempt.read() as (app, listener):
            collected = collect(app, unlisted=app.foreign)
            foreign = app.foreign
            said = listener.all(Warned(**one) for one in known.get("told", ()))
        _remember(memory, lenient, attempt, [one for one in said if listener.keeps(one)])
        unfinished.unlink()
        others = _others(said, collected)
        _judge(collected, others, attempt.notes, strict=strict, foreign=foreign)
        artefact.write(output / PLAN, codec.dumps(collected.runbook) + "\n")
    return collected.runbook


def _others(said: Sequence[Warned], collected: Collected) -> list[Warned]:
    """Return Sphinx's warnings that the documents do not hold themselves."""
    known: dict[str, list[str]] = {}
    for one in collected.messages:
        if one.message:
            known.setdefault(str(one.location), []).append(one.message.splitlines()[0])
    return [
        one for one in said if not any(text in one.text for text in known.get(one.parts()[0], ()))
    ]


def _judge(
    collected: Collected,
    others: Sequence[Warned],
    notes: Sequence[str],
    *,
    strict: bool,
    foreign: bool,
) -> None:
    """Raise `PlanError` with every error, or write the warnings to standard error."""
    messages = [*collected.messages]
    errors: list[str] = []
    mild = [("", note) for note in notes]
    theirs: list[tuple[str, str]] = []
    for one in sorted((*collected.problems, *messages)):
        if strict or (one.error and not (foreign and one.kind == "docutils")):
            errors.append(str(one))
        else:
            told = theirs if one.kind == "docutils" else mild
            told.append((str(one.location), one.message.split("\n")[0]))
    for warning in others:
        if strict or (warning.failure and not foreign):
            errors.append(warning.text)
        else:
            theirs.append(warning.parts())
    for text in (*folded(mild), *folded(theirs, alike=True)):
        sys.stderr.write(f"{text}\n")
    if errors:
        raise PlanError("\n".join(" ".join(text.split()) for text in errors))


def _remembered(memory: Path, *, lenient: bool) -> dict[str, Any]:
    """Return what the last build wrote, if it was of the same kind; otherwise nothing."""
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) and known.get("lenient") == lenient else {}


def _remember(memory: Path, lenient: bool, attempt: Attempt, told: Sequence[Warned]) -> None:
    """Write for the next build what it would not find out if it reads only what has changed."""
    known = {
        "lenient": lenient,
        "without": sorted(attempt.without),
        "told": [{"text": w.text, "document": w.document, "whole": w.whole} for w in told],
    }
    memory.write_text(json.dumps(known), encoding="utf-8")


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Keep other builds out of `output` meanwhile."""
    with (output / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
