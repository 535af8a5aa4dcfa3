"""Build the plan: run Sphinx in this process, collect the guide, write plan.json."""

from __future__ import annotations

import fcntl
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from runbook.model import Location, Runbook, codec
from runbook.results import artefact
from runbook.results.plan_record import PLAN, Message, Messages, PlanError, forget, remember
from runbook.results.sources import Sources
from runbook.sphinx.planning.application import PlanningApp
from runbook.sphinx.planning.collected import CollectedGuide, GuideCollector
from runbook.sphinx.planning.observed import observe
from runbook.sphinx.planning.reader import GuideReader
from runbook.sphinx.planning.sources import sources_of
from runbook.sphinx.planning.sphinx_warnings import SphinxWarning, WarningRecorder, grouped

__all__ = ["PLAN", "Opened", "PlanError", "build", "locked", "opened"]


def build(
    guide: Path,
    *,
    output: Path,
    strict: bool = False,
    lenient: bool = False,
    tags: Sequence[str] = (),
    jobs: int = 1,
    tell: Callable[[Messages], None] = Messages.show,
    language: str = "",
) -> Runbook:
    """Return the runbook of `guide`, a directory with a conf.py, and write it as plan.json.

    Documents that have not changed since the last build into `output` are not read again.
    What there is to say goes to `tell`; with `strict`, warnings are errors. `tags` are Sphinx's
    tags, `jobs` is the number of reading processes. With `lenient`, extensions, directives, roles
    and a conf.py that do not work here are left out with a warning. docutils' messages about a
    guide whose conf.py does not list our extension are errors only with `strict`. With a
    `language`, titles and sentences are translated.

    Raises:
        PlanError: the guide has errors; the message has every one, with file and line.
        RunbookError: the cluster file is wrong.

    """
    guide, output = guide.resolve(), output.resolve()
    with locked(output):
        # A guide with errors must not leave an old plan.
        forget(output)
        with opened(
            guide, output=output, lenient=lenient, tags=tags, jobs=jobs, language=language
        ) as reading:
            said, strictly = (reading.messages(strict=how) for how in (False, True))
        tell(strictly if strict else said)
        schema = artefact.schema_address(guide, "plan", output / PLAN)
        text = codec.dumps(reading.collected.runbook, indent=None, schema=schema) + "\n"
        artefact.write(output / PLAN, text)
        if reading.sources is not None:
            remember(output, text, reading.sources, lenient=lenient, said=said, strict=strictly)
    return reading.collected.runbook


@frozen
class Opened:
    """A guide that Sphinx has read, and what there is to say about it.

    `warnings` are Sphinx's, `notes` say what was left out, and `sources` are what all of it was
    made from, if that can be known.
    """

    app: PlanningApp
    recorder: WarningRecorder
    collector: GuideCollector
    collected: CollectedGuide
    warnings: tuple[SphinxWarning, ...]
    notes: tuple[str, ...]
    sources: Sources | None

    def messages(self, *, strict: bool) -> Messages:
        """Return the warnings and the errors; with `strict`, warnings are errors."""
        others = not_in_documents(self.warnings, self.collected)
        is_foreign = self.app.is_foreign
        return _messages(self.collected, others, self.notes, strict=strict, is_foreign=is_foreign)


@contextmanager
def opened(
    guide: Path,
    *,
    output: Path,
    lenient: bool,
    tags: Sequence[str] = (),
    jobs: int = 1,
    language: str = "",
) -> Iterator[Opened]:
    """Yield `guide` as Sphinx has read it; the caller has locked `output`.

    Raises:
        PlanError: it cannot be read.
        RunbookError: the cluster file is wrong.

    """
    since, search = time.time_ns(), tuple(sys.path)
    guide, output = guide.resolve(), output.resolve()
    unfinished, state_file = output / "unfinished", output / "warned.json"
    state = _load_state(state_file, lenient=lenient)
    reader = GuideReader(
        guide, output, lenient, tags, jobs, unfinished.exists() or not state, language
    )
    reader.excluded = frozenset(state.get("without", ()))
    # If this build is interrupted, the next one reads everything.
    unfinished.touch()
    with ExitStack() as stack:
        with observe() as observed:
            app, recorder = stack.enter_context(reader.read())
            collector = GuideCollector(app, unlisted=app.is_foreign)
            collected = collector.collect()
            warnings = recorder.merged(SphinxWarning(**one) for one in state.get("told", ()))
            sources = None
            # What is left out now may be there the next time; other processes are not observed.
            if not (reader.notes or tags or jobs > 1):
                sources = sources_of(app, observed, output, search=search, since=since)
        to_save = [one for one in warnings if recorder.needs_saving(one)]
        _save_state(state_file, lenient, reader, to_save)
        unfinished.unlink()
        yield Opened(
            app, recorder, collector, collected, tuple(warnings), tuple(reader.notes), sources
        )


def not_in_documents(
    warnings: Sequence[SphinxWarning], collected: CollectedGuide
) -> list[SphinxWarning]:
    """Return the warnings that are not docutils messages recorded on the documents."""
    recorded: dict[str, list[str]] = {}
    for one in collected.messages:
        if one.message:
            recorded.setdefault(str(one.location), []).append(one.message.splitlines()[0])
    return [
        one
        for one in warnings
        if not any(text in one.text for text in recorded.get(one.parts()[0], ()))
    ]


def _messages(
    collected: CollectedGuide,
    others: Sequence[SphinxWarning],
    notes: Sequence[str],
    *,
    strict: bool,
    is_foreign: bool,
) -> Messages:
    """Return the warnings and the errors; with `strict`, warnings are errors."""
    errors: list[str] = []
    each = [Message(Location("", 0), note) for note in notes]
    ours = [("", note) for note in notes]
    theirs: list[tuple[str, str]] = []
    for one in sorted((*collected.problems, *collected.messages)):
        is_error = strict or (one.error and not (is_foreign and one.kind == "docutils"))
        each.append(Message(one.location, " ".join(one.message.split()), is_error))
        if is_error:
            errors.append(str(one))
        else:
            warnings = theirs if one.kind == "docutils" else ours
            warnings.append((str(one.location), one.message.split("\n")[0]))
    for warning in others:
        is_error = strict or (warning.is_error and not is_foreign)
        place, text = warning.parts()
        each.append(Message(_location(place), text, is_error))
        if is_error:
            errors.append(warning.text)
        else:
            theirs.append((place, text))
    return Messages(
        (*grouped(ours), *grouped(theirs, similar=True)),
        tuple(" ".join(text.split()) for text in errors),
        tuple(each),
    )


def _location(text: str) -> Location:
    """Return the location that Sphinx writes as `file:line` or as `file`; it may be empty."""
    document, _, line = text.rpartition(":")
    return Location(document, int(line)) if line.isdecimal() else Location(text, 0)


def _load_state(state_file: Path, *, lenient: bool) -> dict[str, Any]:
    """Return what the last build saved; nothing if it was not of the same kind."""
    try:
        state = json.loads(state_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) and state.get("lenient") == lenient else {}


def _save_state(
    state_file: Path, lenient: bool, reader: GuideReader, warnings: Sequence[SphinxWarning]
) -> None:
    """Save what the next build cannot find out if it reads only the documents that changed."""
    state = {
        "lenient": lenient,
        "without": sorted(reader.excluded),
        "told": [{"text": w.text, "document": w.document, "whole": w.whole} for w in warnings],
    }
    state_file.write_text(json.dumps(state), encoding="utf-8")


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Make the directory `output`, and lock it against other builds."""
    output.mkdir(parents=True, exist_ok=True)
    with (output / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
