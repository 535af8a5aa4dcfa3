"""Why steps failed in the last run on each lab of a guide."""

from __future__ import annotations

from pathlib import Path

from attrs import define, field

from runbook.errors import RunbookError
from runbook.model import Runbook
from runbook.results import Verdict, journal


@define
class Complaints:
    """What the journals of the guide in `directory` say, read again when they have changed."""

    directory: Path
    _stamp: tuple[tuple[Path, int], ...] | None = None
    _known: dict[str, tuple[str, ...]] = field(factory=dict)

    def of(self, step: str) -> tuple[str, ...]:
        """Return why a step failed when it was last run, and what its actions complained of.

        A journal that cannot be read says nothing: the results of a run are their owner's.
        """
        try:
            journals = sorted((self.directory / "build").glob("*/journal.jsonl"))
            stamp = tuple((path, path.stat().st_mtime_ns) for path in journals)
        except OSError:
            return ()
        if stamp != self._stamp:
            self._stamp, self._known = stamp, {}
            for path in journals:
                self._read(path)
        return self._known.get(step, ())

    def _read(self, path: Path) -> None:
        try:
            reports = journal.reports(path, Runbook(""))
        except (RunbookError, OSError):
            return
        for outcome in reports[-1].outcomes if reports else ():
            if outcome.verdict is Verdict.FAILED:
                said = (outcome.reason, *(one.complaint for one in outcome.actions))
                self._known[outcome.step] = (*self._known.get(outcome.step, ()), *said)
