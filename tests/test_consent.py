from __future__ import annotations

from pathlib import Path

import pexpect
import pytest
from attrs import evolve

from runbook.errors import RunbookError
from runbook.model import Capture, Cluster, Command, FileContent, Host, Runbook
from runbook.operate.agree import agreed, left_to_run
from runbook.proposal import THRESHOLD, objections
from runbook.result import Outcome, Verdict
from runbook.runner import Choice, walk
from tests.guides import Guide
from tests.proposals import at, plan, reading, unmarked
from tests.steps import CLUSTER, local_hosts
from tests.steps import step as marked

UNMARKED = Choice(unmarked=True)


def outcomes(guide: Runbook, choice: Choice) -> dict[str, Outcome]:
    """Run the guide on this machine, as host `a`, and return what came of each step."""
    with local_hosts("a") as live:
        events = [e for e in walk(guide, CLUSTER, live, choice=choice) if isinstance(e, Outcome)]
    return {event.step: event for event in events if event.host == "a"}


def test_a_doubtful_reading_does_not_run_unasked(tmp_path: Path) -> None:
    """From the threshold on it does."""
    sure = unmarked("sure", f"touch {tmp_path}/sure", confidence=THRESHOLD)
    doubtful = unmarked("doubtful", f"touch {tmp_path}/doubtful", confidence=THRESHOLD - 0.01)
    came = outcomes(plan(sure, doubtful), UNMARKED)
    assert came["old/sure"].verdict is Verdict.PASSED
    assert came["old/doubtful"].verdict is Verdict.SKIPPED
    assert "--agree old/doubtful" in came["old/doubtful"].reason
    assert [path.name for path in tmp_path.iterdir()] == ["sure"]


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("rm -rf PLACE", "deletes directories"),
        ("sh -c 'rm -r PLACE'", "deletes directories"),
        ("touch PLACE/<id>", "<id> must be filled in"),
        ("touch PLACE/{host}", "{host} must be filled in"),
        ("touch PLACE/ADMIN_PASS", "ADMIN_PASS must be filled in"),
    ],
)
def test_what_destroys_or_is_incomplete_does_not_run_unasked(
    tmp_path: Path, command: str, why: str
) -> None:
    """However sure the reading is; agreed to, it runs, and only that one."""
    step = unmarked("one", command.replace("PLACE", str(tmp_path / "a")))
    other = unmarked("other", f"rm -r {tmp_path}/b")
    for name in "ab":
        (tmp_path / name).mkdir()
    came = outcomes(plan(step, other), UNMARKED)
    assert came["old/one"].verdict is Verdict.SKIPPED
    assert why in came["old/one"].reason
    came = outcomes(plan(step, other), evolve(UNMARKED, agreed=frozenset({"old/one"})))
    assert came["old/one"].verdict is not Verdict.SKIPPED
    assert came["old/other"].verdict is Verdict.SKIPPED
    assert (tmp_path / "b").exists()


def test_a_marked_step_is_never_refused(tmp_path: Path) -> None:
    """It is its author's word."""
    (tmp_path / "a").mkdir()
    came = outcomes(plan(marked("one", f"rm -r {tmp_path}/a")), Choice())
    assert came["sample/one"].verdict is Verdict.PASSED
    assert objections(plan(marked("one", "reboot", "destroy <id>"))) == {}


def test_what_an_earlier_step_captures_is_not_left_open() -> None:
    """What a later one captures is."""
    captures = marked("make", "a", capture=Capture("vm_id"))
    uses = unmarked("use", "start <vm-id>")
    assert objections(plan(captures, uses)) == {}
    assert "old/use" in objections(plan(uses, captures))


def test_what_the_reading_took_for_a_placeholder_counts_as_well() -> None:
    """But not what is only somebody else's: an address, a variable."""
    step = unmarked("one", "ping HOSTNAME 10.0.0.11 $VAR")

    def why(*placeholders: str) -> dict[str, tuple[str, ...]]:
        return objections(plan(step, blocks=(reading(step, placeholders=placeholders),)))

    assert why("HOSTNAME", "10.0.0.11") == {"old/one": ("HOSTNAME must be filled in",)}
    assert why("10.0.0.11", "$VAR") == {}
    assert why("GONE") == {}


def test_the_path_of_a_file_may_be_incomplete_too() -> None:
    """So may the file of which a guide shows a part."""
    step = unmarked("one", FileContent("/etc/<name>.conf", "a\n", at(5)))
    assert objections(plan(step)) == {"old/one": ("<name> must be filled in",)}


def test_an_agreement_is_to_a_step_that_is_there() -> None:
    """A slip names the nearest ids, and runs nothing."""
    guide = plan(unmarked("format", "rm -r a"), unmarked("mount", "ls"))
    with pytest.raises(RunbookError, match="nearest are: old/format"):
        agreed(guide, UNMARKED, ("old/fromat",), ask=False)
    with pytest.raises(RunbookError):
        agreed(guide, UNMARKED, ("old/*",), ask=False)
    choice = agreed(guide, UNMARKED, ("old/format",), ask=False)
    assert choice is not None
    cluster = Cluster("c", "10.0.0.0/24", (Host("gs1", "10.0.0.1"),))
    assert left_to_run(guide, cluster, choice) == {"old/format", "old/mount"}
    assert left_to_run(guide, cluster, UNMARKED) == {"old/mount"}


def test_who_is_asked_is_told_only_of_the_alternative_that_was_chosen() -> None:
    """The others change nothing."""
    standalone = evolve(unmarked("one", "touch a"), choices=("engine=standalone",))
    hosted = evolve(unmarked("two", "touch b"), choices=("engine=hosted",))
    hosts = (Host("gs1", "10.0.0.1"),)
    cluster = Cluster("c", "10.0.0.0/24", hosts, choices={"engine": "standalone"})
    assert left_to_run(plan(standalone, hosted), cluster, UNMARKED) == {"old/one"}
    choice = evolve(UNMARKED, chosen={"engine": "hosted"})
    assert left_to_run(plan(standalone, hosted), cluster, choice) == {"old/two"}


def guide_of(tmp_path: Path) -> Guide:
    """A guide of two blocks: one that deletes, one that does not."""
    guide = Guide(
        tmp_path,
        "Delete\n------\n\n::\n\n   # rm -r PLACE/old\n",
        "Make\n----\n\n::\n\n   # touch PLACE/new\n",
    )
    (guide.place / "old").mkdir()
    return guide


def test_who_is_not_at_a_terminal_is_not_asked(tmp_path: Path) -> None:
    """What needs an answer is skipped, and says how to agree; then it runs."""
    guide = guide_of(tmp_path)
    done = guide.call("run", "--unmarked")
    assert "--agree index/delete-1" in done.stdout
    assert sorted(path.name for path in guide.place.iterdir()) == ["new", "old"]
    assert guide.call("run", "--unmarked", "--agree", "index/delete-1").returncode == 0
    assert not (guide.place / "old").exists()


def test_an_agreement_without_unmarked_is_a_wrong_command_line(tmp_path: Path) -> None:
    """It would do nothing."""
    assert guide_of(tmp_path).call("run", "--agree", "index/delete-1").returncode == 2


def test_a_rehearsal_refuses_nothing(tmp_path: Path) -> None:
    """It only reads."""
    done = guide_of(tmp_path).call("rehearse", "--unmarked", "--no-shellcheck")
    assert done.returncode == 0, done.stdout
    assert "2 steps rehearsed" in done.stdout


@pytest.mark.parametrize(
    ("answer", "there"),
    [("y", {"new"}), ("n", {"new", "old"}), ("", {"new", "old"}), ("q", {"old"})],
)
def test_the_operator_is_asked_step_by_step(tmp_path: Path, answer: str, there: set[str]) -> None:
    """After having seen the commands and the objections, and before anything runs."""
    guide = guide_of(tmp_path)
    argv = [one for one in guide.argv("run", "--unmarked") if one != "--yes"]
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8", dimensions=(24, 200))
    child.expect_exact(f"# rm -r {guide.place}/old")
    child.expect_exact("deletes directories")
    child.expect_exact("[y/N/q]")
    assert not (guide.place / "new").exists()
    child.sendline(answer)
    if answer != "q":
        child.expect_exact("on this machine")
        child.sendline("y")
    child.expect(pexpect.EOF)
    child.close()
    assert {path.name for path in guide.place.iterdir()} == there
    assert child.exitstatus == (3 if answer == "q" else 0)


def test_refused_steps_do_not_hold_up_what_comes_after(tmp_path: Path) -> None:
    """They are skipped, like steps for another platform."""
    first = unmarked("first", Command("reboot", at(5)))
    second = unmarked("second", f"touch {tmp_path}/a")
    came = outcomes(plan(first, second), UNMARKED)
    assert [one.verdict for one in came.values()] == [Verdict.SKIPPED, Verdict.PASSED]
