from __future__ import annotations

from pathlib import Path

import pexpect
import pytest
from attrs import evolve

from runbook.commands.running.consent import ask_consent, selected_steps
from runbook.errors import RunbookError
from runbook.execution.selection import Selection
from runbook.lint.consent import THRESHOLD, consent_reasons
from runbook.model import Capture, Cluster, Command, FileContent, Host, Runbook
from runbook.results import Outcome, Verdict
from tests.support.guides import CLUSTER, Guide
from tests.support.steps import local_hosts
from tests.support.steps import outcomes as walked
from tests.support.steps import step as marked
from tests.support.unmarked import at, plan, reading, unmarked

UNMARKED = Selection(unmarked=True)
GS1 = Cluster("c", "10.0.0.0/24", (Host("gs1", "10.0.0.1"),))


def outcomes(guide: Runbook, selection: Selection) -> dict[str, Outcome]:
    """Run the guide on this machine, as host `a`, and return what came of each step."""
    with local_hosts("a") as hosts:
        came = walked(guide, hosts, selection)
    return {outcome.step: outcome for outcome in came if outcome.host == "a"}


def test_a_doubtful_block_does_not_run_without_consent(tmp_path: Path) -> None:
    """One at the threshold does."""
    sure = unmarked("sure", f"touch {tmp_path}/sure", confidence=THRESHOLD)
    doubtful = unmarked("doubtful", f"touch {tmp_path}/doubtful", confidence=THRESHOLD - 0.01)
    came = outcomes(plan(sure, doubtful), UNMARKED)
    assert came["old/sure"].verdict is Verdict.RAN
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
def test_a_dangerous_or_incomplete_block_does_not_run_without_consent(
    tmp_path: Path, command: str, why: str
) -> None:
    """Whatever its confidence; with consent it runs, and only that one."""
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
    """Not even if it is dangerous."""
    (tmp_path / "a").mkdir()
    came = outcomes(plan(marked("one", f"rm -r {tmp_path}/a")), Selection())
    assert came["sample/one"].verdict is Verdict.RAN
    assert consent_reasons(plan(marked("one", "reboot", "destroy <id>"))) == {}


def test_a_placeholder_that_an_earlier_step_captures_is_filled_in() -> None:
    """One that a later step captures is not."""
    captures = marked("make", "a", capture=Capture("vm_id"))
    uses = unmarked("use", "start <vm-id>")
    assert consent_reasons(plan(captures, uses)) == {}
    assert "old/use" in consent_reasons(plan(uses, captures))


def test_the_placeholders_of_the_reading_count_as_well() -> None:
    """But not example addresses or variables."""
    step = unmarked("one", "ping HOSTNAME 10.0.0.11 $VAR")

    def why(*placeholders: str) -> dict[str, tuple[str, ...]]:
        return consent_reasons(plan(step, blocks=(reading(step, placeholders=placeholders),)))

    assert why("HOSTNAME", "10.0.0.11") == {"old/one": ("HOSTNAME must be filled in",)}
    assert why("10.0.0.11", "$VAR") == {}
    assert why("GONE") == {}


def test_the_path_of_a_file_may_be_incomplete() -> None:
    """Then its step needs consent."""
    step = unmarked("one", FileContent("/etc/<name>.conf", "a\n", at(5)))
    assert consent_reasons(plan(step)) == {"old/one": ("<name> must be filled in",)}


def test_consent_to_an_unknown_step_is_an_error() -> None:
    """The message has the closest ids; patterns are not accepted."""
    guide = plan(unmarked("format", "rm -r a"), unmarked("mount", "ls"))
    with pytest.raises(RunbookError, match="closest are: old/format"):
        ask_consent(guide, GS1, UNMARKED, ("old/fromat",), ask=False)
    with pytest.raises(RunbookError):
        ask_consent(guide, GS1, UNMARKED, ("old/*",), ask=False)
    selection = ask_consent(guide, GS1, UNMARKED, ("old/format",), ask=False)
    assert selection is not None
    assert selected_steps(guide, GS1, selection) == {"old/format", "old/mount"}
    assert selected_steps(guide, GS1, UNMARKED) == {"old/mount"}


def test_only_steps_of_the_chosen_alternative_are_shown() -> None:
    """The others do not run."""
    standalone = evolve(unmarked("one", "touch a"), choices=("engine=standalone",))
    hosted = evolve(unmarked("two", "touch b"), choices=("engine=hosted",))
    hosts = (Host("gs1", "10.0.0.1"),)
    cluster = Cluster("c", "10.0.0.0/24", hosts, choices={"engine": "standalone"})
    assert selected_steps(plan(standalone, hosted), cluster, UNMARKED) == {"old/one"}
    selection = evolve(UNMARKED, chosen={"engine": "hosted"})
    assert selected_steps(plan(standalone, hosted), cluster, selection) == {"old/two"}


def guide_of(tmp_path: Path) -> Guide:
    """A guide with two blocks: one deletes a directory, the other does not."""
    guide = Guide(
        tmp_path,
        "Delete\n------\n\n::\n\n   # rm -r PLACE/old\n",
        "Make\n----\n\n::\n\n   # touch PLACE/new\n",
    )
    (guide.place / "old").mkdir()
    return guide


def test_without_a_terminal_nothing_is_asked(tmp_path: Path) -> None:
    """A step that needs consent is skipped, and says how to agree to it."""
    guide = guide_of(tmp_path)
    done = guide.call("run", "--unmarked")
    assert "--agree index/delete-1" in done.stdout
    assert sorted(path.name for path in guide.place.iterdir()) == ["new", "old"]
    assert guide.call("run", "--unmarked", "--agree", "index/delete-1").returncode == 4
    assert not (guide.place / "old").exists()


def test_agree_without_unmarked_is_a_usage_error(tmp_path: Path) -> None:
    """It would have no effect."""
    assert guide_of(tmp_path).call("run", "--agree", "index/delete-1").returncode == 2


def test_a_rehearsal_needs_no_consent(tmp_path: Path) -> None:
    """It runs no command."""
    done = guide_of(tmp_path).call("rehearse", "--unmarked", "--no-shellcheck")
    assert done.returncode == 0, done.stdout
    assert "0 steps rehearsed, 2 checked" in done.stdout


@pytest.mark.parametrize(
    ("answer", "there"),
    [("y", {"new"}), ("n", {"new", "old"}), ("", {"new", "old"}), ("q", {"old"})],
)
def test_the_operator_is_asked_step_by_step(tmp_path: Path, answer: str, there: set[str]) -> None:
    """After having seen the commands and the consent_reasons, and before anything runs."""
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
    assert child.exitstatus == (3 if answer == "q" else 4)


def test_the_operator_is_not_asked_about_what_will_not_run(tmp_path: Path) -> None:
    """An alternative that is not taken is skipped, and needs no consent."""
    deletes = ".. choice:: engine={}\n\n   ::\n\n      # rm -r PLACE/{}\n"
    cluster = f"{CLUSTER}choices: {{engine: alone}}\n"
    guide = Guide(
        tmp_path, deletes.format("hosted", "new"), deletes.format("alone", "old"), cluster=cluster
    )
    argv = [one for one in guide.argv("run", "--unmarked") if one != "--yes"]
    child = pexpect.spawn(argv[0], argv[1:], timeout=30, encoding="utf-8", dimensions=(24, 200))
    child.expect_exact("[y/N/q]")
    assert child.before is not None
    assert f"rm -r {guide.place}/old" in child.before
    assert f"rm -r {guide.place}/new" not in child.before
    child.sendline("q")
    child.expect(pexpect.EOF)


def test_skipped_steps_do_not_block_later_ones(tmp_path: Path) -> None:
    """As steps for another platform do not."""
    first = unmarked("first", Command("reboot", at(5)))
    second = unmarked("second", f"touch {tmp_path}/a")
    came = outcomes(plan(first, second), UNMARKED)
    assert [one.verdict for one in came.values()] == [Verdict.SKIPPED, Verdict.RAN]
