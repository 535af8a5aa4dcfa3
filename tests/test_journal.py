"""What happened is on the disk before anyone is told, and nothing recorded is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from runbook.journal import Journal, JournalError, earned, reports
from runbook.model import Runbook
from runbook.result import CheckResult, Outcome, Probed, Run, Verdict

from .steps import PLACE

RUN = Run("r1", "2026-01-01T00:00:00+00:00", "lab", "i1", "p", {"a": Probed("el9", frozenset())})
OUTCOME = Outcome(
    "s/one",
    "a",
    Verdict.PROVEN,
    "d",
    "2026-01-01T00:00:01+00:00",
    before=(CheckResult("so", held=False, location=PLACE, detail="no"),),
)


def write(path: Path, run: Run, *outcomes: Outcome, finish: bool = True) -> None:
    """A journal with one more run."""
    with Journal(path) as journal:
        journal.begin(run)
        for outcome in outcomes:
            journal.append(outcome)
        if finish:
            journal.finish()


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The report of a journal has the run's header, outcomes and end."""
    path = tmp_path / "deep" / "journal.jsonl"
    write(path, RUN, OUTCOME)
    (report,) = reports(path, Runbook("g"))
    assert (report.run, report.outcomes) == (RUN, (OUTCOME,))
    assert report.finished


def test_an_outcome_is_on_the_disk_when_append_returns(tmp_path: Path) -> None:
    """A runner that is killed loses nothing that it has recorded."""
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.begin(RUN)
        journal.append(OUTCOME)
        (report,) = reports(path, Runbook("g"))
        assert report.outcomes == (OUTCOME,)
        assert report.finished is None


def test_a_line_that_a_crash_cut_short_harms_no_other(tmp_path: Path) -> None:
    """The next run starts on a line of its own, and the torn one stays where it is."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, OUTCOME, finish=False)
    with path.open("a") as file:
        file.write('{"record": "outcome", "run": "r1", "st')
    write(path, evolve(RUN, id="r2"), OUTCOME)
    assert [len(report.outcomes) for report in reports(path, Runbook("g"))] == [1, 1]
    assert '"st\n' in path.read_text()


def test_every_line_is_one_json_object(tmp_path: Path) -> None:
    """Other programs can read the journal line by line."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, evolve(OUTCOME, reason="two\nlines \x1b[31m \u2028 \x85"))
    kinds = [json.loads(line)["record"] for line in path.read_bytes().split(b"\n")[:-1]]
    assert kinds == ["run", "outcome", "finished"]
    (report,) = reports(path, Runbook("g"))
    assert report.outcomes[0].reason == "two\nlines \x1b[31m \u2028 \x85"


def test_only_what_was_earned_on_the_same_hosts_counts(tmp_path: Path) -> None:
    """A lab that was made anew has everything before it."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, OUTCOME)
    assert earned(path, "i1") == {("s/one", "a"): OUTCOME}
    assert earned(path, "i2") == {}
    assert earned(tmp_path / "none.jsonl", "i1") == {}


def test_a_run_that_skipped_a_step_takes_nothing_from_it(tmp_path: Path) -> None:
    """A filter or an earlier failure does not undo a proof; a failure does."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, OUTCOME)
    write(path, evolve(RUN, id="r2"), evolve(OUTCOME, verdict=Verdict.SKIPPED))
    write(path, evolve(RUN, id="r3"), evolve(OUTCOME, verdict=Verdict.BLOCKED))
    assert earned(path, "i1")["s/one", "a"].verdict is Verdict.PROVEN
    write(path, evolve(RUN, id="r4"), evolve(OUTCOME, verdict=Verdict.FAILED))
    assert earned(path, "i1")["s/one", "a"].verdict is Verdict.FAILED


def test_two_runs_cannot_write_one_journal(tmp_path: Path) -> None:
    """The second is refused at once, by name."""
    path = tmp_path / "journal.jsonl"
    with Journal(path), pytest.raises(JournalError, match="another run"):
        Journal(path)
    write(path, RUN)


def test_a_full_disk_is_said_plainly(tmp_path: Path) -> None:
    """No traceback, and the reader learns that what is recorded is safe."""
    path = tmp_path / "journal.jsonl"
    path.symlink_to("/dev/full")
    with Journal(path) as journal, pytest.raises(JournalError, match="No space left on device"):
        journal.begin(RUN)


def test_a_journal_in_an_impossible_place_is_said_plainly(tmp_path: Path) -> None:
    """A file where a directory should be is named."""
    (tmp_path / "build").write_text("")
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(tmp_path / "build" / "journal.jsonl")


def test_a_journal_of_another_schema_is_named_with_its_line(tmp_path: Path) -> None:
    """What is not understood is not guessed at."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN)
    path.write_text(path.read_text().replace('"schema": 1', '"schema": 9'))
    with pytest.raises(JournalError, match=r"journal\.jsonl:1: .*schema 9"):
        reports(path, Runbook("g"))
