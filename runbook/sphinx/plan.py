"""Build the plan: run Sphinx in this process, read the doctrees, write plan.json."""

from __future__ import annotations

import fcntl
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from runbook import artefact, codec
from runbook.errors import RunbookError
from runbook.model import Runbook
from runbook.sphinx.validate import Collected, collect

PLAN: Final = "plan.json"
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_FAILURE: Final = re.compile(r"^(?:\S+: )?(?:ERROR|CRITICAL): ", re.MULTILINE)


class PlanError(RunbookError):
    """The guide cannot be planned; the message has one line for each problem."""


class _Application(Sphinx):
    """Sphinx that knows our directives whether or not the guide's conf.py names them."""

    def preload_builder(self, name: str) -> None:
        self.setup_extension("runbook.sphinx")
        super().preload_builder(name)


class _Warnings(StringIO):
    """Keeps what Sphinx warns of; it writes each warning in one piece."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def write(self, text: str, /) -> int:
        if text.strip():
            self.told.append(_COLOUR.sub("", text).strip())
        return len(text)


def build(
    guide: Path,
    *,
    output: Path,
    strict: bool = False,
    tags: Sequence[str] = (),
    jobs: int = 1,
) -> Runbook:
    """Return the runbook of the `guide`, a directory with a conf.py, and write it as plan.json.

    Documents that have not changed since the last build into `output` are not read again.
    Warnings go to standard error; with `strict` they are errors. `tags` are Sphinx's, and
    `jobs` is how many processes read.

    Raises:
        PlanError: the guide has errors; the message has every one, with file and line.
        RunbookError: the cluster file is wrong.

    """
    guide = guide.resolve()
    output.mkdir(parents=True, exist_ok=True)
    stale = output / "warned"
    warned = _Warnings()
    with _alone(output), patch_docutils(guide), docutils_namespace():
        fresh = stale.exists()
        # A guide that cannot be planned leaves no plan.
        (output / PLAN).unlink(missing_ok=True)
        # Sphinx warns of a document only when it reads it. Should this build not come to its
        # end, or warn, the next one reads everything, so that nothing stays unsaid.
        stale.touch()
        try:
            app = _Application(
                guide,
                guide,
                output,
                output / "doctrees",
                "runbook",
                status=None,
                warning=warned,
                freshenv=fresh,
                tags=(*tags, "html"),
                parallel=jobs,
            )
            app.build()
        except SphinxError as error:
            if isinstance(error.__cause__, RunbookError):
                raise error.__cause__ from None
            raise PlanError("\n".join([*warned.told, str(error)])) from error
        collected = collect(app)
        others = _others(warned.told, guide, collected)
        if not others:
            stale.unlink()
        _judge(collected, others, strict=strict)
        artefact.write(output / PLAN, codec.dumps(collected.runbook) + "\n")
    return collected.runbook


def _others(told: Sequence[str], guide: Path, collected: Collected) -> list[str]:
    """Return Sphinx's warnings that the doctrees do not hold, with paths as in locations."""
    known = [
        (f"{m.location}: ", m.message.splitlines()[0]) for m in collected.messages if m.message
    ]
    short = [text.replace(f"{guide}{os.sep}", "") for text in told]
    return [
        text
        for text in short
        if not any(text.startswith(where) and message in text for where, message in known)
    ]


def _judge(collected: Collected, others: Sequence[str], *, strict: bool) -> None:
    """Raise `PlanError` with every error, or write the warnings to standard error."""
    problems = sorted((*collected.problems, *collected.messages))
    errors = [str(p) for p in problems if p.error or strict]
    errors += [text for text in others if strict or _FAILURE.search(text)]
    mild = [f"{p.location}: WARNING: {p.message}" for p in problems if not p.error and not strict]
    mild += [text for text in others if not strict and not _FAILURE.search(text)]
    for text in mild:
        sys.stderr.write(f"{text}\n")
    if errors:
        raise PlanError("\n".join(" ".join(text.split()) for text in errors))


@contextmanager
def _alone(output: Path) -> Iterator[None]:
    """Keep other builds out of `output` meanwhile."""
    with (output / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
