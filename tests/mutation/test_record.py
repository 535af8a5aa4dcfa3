"""What became of mutants: judged, kept under the key of the step, explained, and counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from runbook.model import Chapter, Runbook, Step
from runbook.model.node import YamlError
from runbook.model.shared_source import SharedSource
from runbook.mutation import explained, record
from runbook.mutation.judge import hurried, judged, known_checks, why_untried
from runbook.mutation.keys import MutationKeys
from runbook.mutation.mutants import mutants
from runbook.mutation.record import Fate, KnownCheck, MutatedStep, Mutation, Tried
from runbook.mutation.summary import Figure, by_chapter, figure_of, stale
from runbook.results import CheckResult, Outcome, Performed, Verdict
from tests.support.steps import CLUSTER, PLACE, check, step

STEP = step("make", "tool -a x", checks=(check("assert 1", "it is so", within=60.0),))
MUTANT = mutants(STEP)[0]
ON = "debian12"


def outcome(verdict: Verdict, *held: bool, host: str = "a", reason: str = "") -> Outcome:
    """The outcome of the step on a host, with checks afterwards that held or not."""
    after = tuple(CheckResult(f"check {n}", one, PLACE) for n, one in enumerate(held))
    return Outcome(STEP.id, host, verdict, "", "", 2.0, reason, after=after)


def test_one_host_that_tells_is_enough() -> None:
    """By a check before a command; what was not evaluated tells nothing."""
    fine = outcome(Verdict.PROVEN, True)
    assert judged(MUTANT, [fine, fine]).fate is Fate.SURVIVED
    red = judged(MUTANT, [fine, outcome(Verdict.FAILED, True, False, False, host="b")])
    assert (red.fate, red.by) == (Fate.BY_CHECK, ("check 1", "check 2"))
    failed = outcome(Verdict.FAILED, reason="exit status 1\nand more")
    assert judged(MUTANT, [failed]).why == "exit status 1"
    assert judged(MUTANT, [failed]).fate is Fate.BY_COMMAND
    assert judged(MUTANT, [failed, red_on("b")]).fate is Fate.BY_CHECK


def test_a_later_step_tells_of_what_the_step_does_not_notice_itself() -> None:
    """What went wrong there says nothing if the step told already, or if a host was lost."""
    fine, step_fails = outcome(Verdict.PROVEN, True), outcome(Verdict.FAILED, False)
    later = evolve(outcome(Verdict.FAILED, reason="exit status 1\nand more"), step="sample/next")
    told = judged(MUTANT, [fine, later])
    assert (told.fate, told.why) == (Fate.BY_LATER_STEP, "sample/next: exit status 1")
    assert judged(MUTANT, [step_fails, later]).fate is Fate.BY_CHECK
    assert judged(MUTANT, [fine, evolve(later, verdict=Verdict.ERROR)]).fate is Fate.SURVIVED
    assert judged(MUTANT, [later]).fate is Fate.UNTRIED


def red_on(host: str) -> Outcome:
    """The outcome of a step whose check is red on a host."""
    return outcome(Verdict.FAILED, False, host=host)


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.BLOCKED, Verdict.MANUAL])
def test_what_could_not_be_tried_is_never_killed(verdict: Verdict) -> None:
    """Neither is a mutant of a step that does not hold without a change."""
    lost = outcome(verdict, reason="a: the host is gone")
    assert judged(MUTANT, [outcome(Verdict.PROVEN, True), lost]).fate is Fate.UNTRIED
    assert judged(MUTANT, []).fate is Fate.UNTRIED
    assert why_untried([outcome(Verdict.PROVEN, True)]) == ""
    assert why_untried([lost]) == "without a change it does not hold on a: a: the host is gone"
    assert why_untried([]) == "the step is for no host of this lab"


def test_a_mutant_has_three_times_as_long_as_its_step() -> None:
    """And some seconds at least; never longer than the author allows."""
    quick = evolve(outcome(Verdict.PROVEN), actions=(Performed("tool", PLACE, seconds=1.0),))
    slow = evolve(quick, seconds=50.0, actions=(Performed("tool", PLACE, seconds=40.0),))
    assert hurried(STEP, [quick]).timeout == 15.0
    assert hurried(STEP, [quick, slow]).timeout == 120.0
    assert hurried(evolve(STEP, timeout=10.0), [slow]).timeout == 10.0
    assert [one.within for one in hurried(STEP, [slow]).checks] == [30.0]
    assert hurried(STEP, [slow]).actions == STEP.actions


def test_it_is_known_which_checks_were_red_before() -> None:
    """Each check on some host."""
    before = (CheckResult("it is so", held=False, location=PLACE),)
    usual = [outcome(Verdict.PROVEN), evolve(outcome(Verdict.PROVEN), before=before)]
    assert known_checks(STEP, usual) == (KnownCheck("it is so", red=True),)


def guide_of(*steps: Step) -> tuple[Runbook, MutationKeys]:
    """A guide of one chapter, and the keys of its steps."""
    runbook = Runbook("Sample", (Chapter("sample", "Sample", steps),))
    return runbook, MutationKeys(runbook, CLUSTER, SharedSource())


def record_of(keys: MutationKeys, *tried: Tried, started: str = "2026-03-01") -> MutatedStep:
    """What became of some mutants of the step."""
    return MutatedStep(STEP.id, ON, keys.key(STEP.id, ON), started, mutants=tried)


def test_samples_add_up_until_the_step_changes(tmp_path: Path) -> None:
    """Then nothing is known; titles change nothing. The file says what was written."""
    runbook, keys = guide_of(STEP)
    drop, option, argument = mutants(STEP)
    known = record.merged(
        Mutation(), record_of(keys, Tried(drop.id, Fate.BY_CHECK, ("it is so",))), [STEP.id]
    )
    more = record_of(keys, Tried(option.id, Fate.SURVIVED), Tried(argument.id, Fate.UNTRIED))
    known = record.merged(known, more, [STEP.id])
    record.save(tmp_path, known)
    assert record.load(tmp_path) == known
    figure = figure_of(STEP, ON, known, keys, ())
    assert (figure.all, figure.tried, figure.by_check, figure.untried) == (3, 2, 1, 1)
    assert [one.id for one in figure.unexplained] == [option.id]
    titled, same = guide_of(evolve(STEP, title="Another"))
    assert by_chapter(titled, ON, known, same, ()) == by_chapter(runbook, ON, known, keys, ())
    edited = step("make", "tool -b x", checks=STEP.checks)
    assert figure_of(edited, ON, known, guide_of(edited)[1], ()) == Figure(3)
    renewed = record.merged(known, evolve(more, key="of a new text"), [STEP.id])
    assert [one.id for one in renewed.steps[0].mutants] == [option.id, argument.id]
    assert record.merged(known, more, []) == Mutation()


def test_what_is_done_before_a_step_decides_about_its_mutants_and_what_is_checked_does_not() -> (
    None
):
    """A check that is added to an earlier step costs nothing; one of the step's own does."""
    before = step("prepare", "tool -a")
    _, keys = guide_of(before, STEP)
    tried = MutatedStep(STEP.id, ON, keys.key(STEP.id, ON), "2026-03-01")

    def holds(*steps: Step) -> bool:
        return tried.holds(guide_of(*steps)[1])

    checked = evolve(before, checks=STEP.checks)
    assert holds(before, STEP)
    assert holds(checked, STEP)
    assert not holds(step("prepare", "tool -b"), STEP)
    assert not holds(before, evolve(STEP, checks=(*STEP.checks, *STEP.checks)))
    assert not holds(before, step("more", "tool"), STEP)

    left_out = keys.missing(STEP.id, ON, {STEP.id})
    assert left_out == guide_of(checked, STEP)[1].missing(STEP.id, ON, {STEP.id})
    alone = evolve(tried, key=keys.key(STEP.id, ON, left_out), left_out=left_out)
    assert alone.holds(guide_of(checked, STEP)[1])
    assert keys.key("another", ON) == ""


@pytest.mark.parametrize("needs", [None, ("sample/prepare",)])
def test_earlier_chapters_decide_only_about_steps_that_name_them(
    needs: tuple[str, ...] | None,
) -> None:
    """What they do decides whether the step works, not whether its checks would notice."""
    elsewhere, make = step("prepare", "tool -a"), evolve(STEP, needs=needs)

    def keys(*earlier: Step) -> MutationKeys:
        chapters = (Chapter("first", "First", earlier), Chapter("sample", "Sample", (make,)))
        return MutationKeys(Runbook("Sample", chapters), CLUSTER, SharedSource())

    tried = MutatedStep(STEP.id, ON, keys(elsewhere).key(STEP.id, ON), "2026-03-01")
    assert tried.holds(keys(elsewhere))
    assert tried.holds(keys(elsewhere, step("more", "tool")))
    assert tried.holds(keys(step("prepare", "tool -b"))) is (needs is None)


def test_checks_that_no_mutant_is_killed_by_are_named_once_all_were_tried() -> None:
    """One check alone is always needed."""
    _, keys = guide_of(STEP)
    tried = [Tried(one.id, Fate.BY_CHECK, ("one",)) for one in mutants(STEP)]
    checks = (KnownCheck("one"), KnownCheck("two"))
    whole = evolve(record_of(keys, *tried), checks=checks)
    assert figure_of(STEP, ON, Mutation((whole,)), keys, ()).idle == ((STEP.id, "two"),)
    part = evolve(whole, mutants=tuple(tried[:2]))
    assert figure_of(STEP, ON, Mutation((part,)), keys, ()).idle == ()
    alone = evolve(whole, checks=checks[1:])
    assert figure_of(STEP, ON, Mutation((alone,)), keys, ()).idle == ()


def test_survivors_are_explained_by_patterns_and_stale_ones_are_named(tmp_path: Path) -> None:
    """A pattern for a mutant that nobody has tried yet is kept."""
    runbook, keys = guide_of(STEP)
    drop, option, argument = mutants(STEP)
    (tmp_path / "lab").mkdir()
    path = tmp_path / explained.PLACE
    assert explained.load(tmp_path) == ()
    path.write_text(
        'survive:\n  "* option * -a": it is quiet\n  "* drop *": no\n'
        '  "* argument *": who knows\n  "other/*": gone\n'
    )
    known = explained.load(tmp_path)
    tried = record_of(keys, Tried(option.id, Fate.SURVIVED), Tried(drop.id, Fate.BY_COMMAND))
    figure = figure_of(STEP, ON, Mutation((tried,)), keys, known)
    assert (figure.explained, figure.unexplained) == (1, ())
    assert figure.survivors[0].explained == "it is quiet"
    assert [(one.pattern, why) for one, why in stale(runbook, (tried,), known)] == [
        ("* drop *", "it is killed now"),
        ("other/*", "there is no such mutant"),
    ]
    assert str(known[0].location) == f"{path}:2"
    assert explained.reason_of(argument.id, known) == "who knows"
    path.write_text("survive:\n  '* option *': ''\n")
    with pytest.raises(YamlError, match=r"mutants.yaml:2: "):
        explained.load(tmp_path)
