"""What happened is on the disk before anyone is told, and nothing recorded is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

from runbook.model import Runbook
from runbook.results import Begun, CheckResult, EndCheck, Outcome, Probed, Run, Verdict
from runbook.results.journal import Journal, JournalError, history, reports
from runbook.results.position import History, Position
from tests.support.steps import PLACE

RUN = Run("r1", "2026-01-01T00:00:00+00:00", "lab", "i1", "p", {"a": Probed("el9", frozenset())})
OUTCOME = Outcome(
    "s/one",
    "a",
    Verdict.PROVEN,
    "d",
    "2026-01-01T00:00:01+00:00",
    before=(CheckResult("so", held=False, location=PLACE, detail="no"),),
    key="k",
    content="c",
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


def test_a_step_is_done_only_on_the_hosts_where_it_ran(tmp_path: Path) -> None:
    """A lab that was made anew has everything before it."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, OUTCOME)
    assert history(path, "i1").done("k", "a")
    assert not history(path, "i2").done("k", "a")
    assert not history(path, "i2").known
    assert history(tmp_path / "none.jsonl", "i1") == History()


def test_a_step_that_was_begun_is_begun_until_it_came_to_its_end(tmp_path: Path) -> None:
    """A failure, a kill and a lost host leave it begun."""
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.begin(RUN)
        journal.append(Begun("s/one", "k", "c", ("a", "b")))
        journal.append(OUTCOME)
        journal.append(evolve(OUTCOME, host="b", verdict=Verdict.FAILED))
    found = history(path, "i1")
    assert found.touched["k", "a"].position is Position.DONE
    assert found.touched["k", "b"].position is Position.BEGUN
    assert found.failed == {"s/one"}


def test_a_manual_task_that_nobody_did_leaves_its_step_untouched(tmp_path: Path) -> None:
    """Nothing was typed, so there is nothing to go back from."""
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.begin(RUN)
        journal.append(Begun("s/one", "k", "c", ("a",)))
        journal.append(evolve(OUTCOME, verdict=Verdict.MANUAL))
    assert history(path, "i1").touched == {}


def test_a_restored_lab_holds_what_its_checkpoint_held(tmp_path: Path) -> None:
    """Also what only the checkpoint knows of, and nothing that came after it."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, OUTCOME, evolve(OUTCOME, step="s/two", key="k2"))
    foreign = evolve(OUTCOME, step="s/zero", key="k0")
    with Journal(path) as journal:
        journal.begin(evolve(RUN, id="r2", instance="i2"))
        journal.restored("c", "why", (foreign, OUTCOME), history(path, "i1"))
        journal.carry((foreign, OUTCOME))
    found = history(path, "i2")
    assert list(found.touched) == [("k0", "a"), ("k", "a")]
    last = reports(path, Runbook("g"))[-1]
    assert [(o.step, o.resumed) for o in last.outcomes] == [("s/zero", True), ("s/one", True)]


def test_the_last_of_several_tries_counts(tmp_path: Path) -> None:
    """The operator mended something and tried the step again, within one run."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, evolve(OUTCOME, verdict=Verdict.FAILED), OUTCOME)
    (report,) = reports(path, Runbook("g"))
    assert report.outcomes == (OUTCOME,)


def test_an_edited_step_that_is_done_is_no_longer_what_it_was(tmp_path: Path) -> None:
    """Its former text is settled, so no later run asks about it; taken back, it is an edit too."""
    path = tmp_path / "journal.jsonl"
    edited = evolve(OUTCOME, key="k2", content="c2")
    write(path, RUN, OUTCOME)
    assert history(path, "i1").unsettled("s/one", "k2", "a")
    write(path, evolve(RUN, id="r2"), edited)
    found = history(path, "i1")
    assert not found.unsettled("s/one", "k2", "a")
    assert found.unsettled("s/one", "k", "a")
    assert not found.done("k", "a")


def test_who_broke_a_check_is_forgotten_once_it_holds_again(tmp_path: Path) -> None:
    """Whoever breaks it next is another."""
    path = tmp_path / "journal.jsonl"
    red = CheckResult("so", held=False, location=PLACE)
    for number, (held, by) in enumerate([(False, "s/two"), (True, ""), (False, "")]):
        with Journal(path) as journal:
            journal.begin(evolve(RUN, id=f"r{number}"))
            journal.append(EndCheck("s/one", "a", evolve(red, held=held), by))
            journal.finish()
        known = {("s/one", "a", "so"): "s/two"} if number == 0 else {}
        assert history(path, "i1").broken_by == known


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


def test_a_journal_of_an_older_version_is_refused_by_name(tmp_path: Path) -> None:
    """What is not understood is not guessed at, and the way out is told."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN)
    path.write_text(path.read_text().replace('"schema": 2', '"schema": 1'))
    with pytest.raises(JournalError, match=r"journal\.jsonl:1: .*schema 1.* `runbook lab down`"):
        reports(path, Runbook("g"))


def test_a_lone_surrogate_in_an_outcome_does_not_end_the_run(tmp_path: Path) -> None:
    """A program's stray byte is kept as it came."""
    path = tmp_path / "journal.jsonl"
    write(path, RUN, evolve(OUTCOME, reason="\udc80"))
    (report,) = reports(path, Runbook("g"))
    assert report.outcomes[0].reason == "\udc80"
