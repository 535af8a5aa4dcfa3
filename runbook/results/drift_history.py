"""The history of drift on a lab: one JSON object a line, for each time its checks were evaluated.

Only what does not hold is kept of the single checks; of the others their number.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from runbook.model import codec
from runbook.results import artefact
from runbook.results.drift import Drift, State

NAME: Final = "drift.jsonl"
"""The file's name, in the directory of the lab's runs."""

LONGEST: Final = 2000
"""Lines that are kept; every quarter of an hour, that is three weeks."""

_DETAIL: Final = 2000
"""Characters that are kept of an explanation."""


@frozen
class PastDrift:
    """One line: `drift` without the checks that held, whose number by host is in `held`."""

    drift: Drift
    held: dict[str, int] = field(factory=dict)


def append(directory: Path, drift: Drift) -> None:
    """Add `drift`, which is without secrets, to the history in `directory`.

    Raises:
        ArtefactError: it cannot be written.

    """
    held = Counter(check.host for check in drift.in_state(State.HOLDS))
    kept = tuple(
        evolve(check, detail=check.detail[:_DETAIL])
        for check in drift.checks
        if check.state is not State.HOLDS
    )
    line = codec.dumps(PastDrift(evolve(drift, checks=kept), dict(held)))
    path = directory / NAME
    with _alone(path):
        added = json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":"))
        lines = [*_lines(path), added][-LONGEST:]
        artefact.write(path, "".join(f"{one}\n" for one in lines))


def read(directory: Path) -> list[PastDrift]:
    """Return the history in `directory`, the oldest first; lines of another format are left out."""
    found = []
    for line in _lines(directory / NAME):
        try:
            found.append(codec.loads(line, PastDrift))
        except ValueError:
            continue
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise artefact.ArtefactError(f"{path}: it cannot be read: {error.strerror}") from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let nobody else add a line meanwhile."""
    try:
        artefact.make_private(path.parent)
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise artefact.ArtefactError(f"{path}: it cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
