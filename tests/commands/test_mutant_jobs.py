"""Mutants in several labs at once: what one does not do another does, and an end is an end."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from runbook.commands.mutation import jobs as mutant_jobs
from runbook.mutation.mutants import mutants
from runbook.mutation.record import Fate
from runbook.mutation.sample import Batch
from tests.support.mutant_labs import PartialMachine, Tried, fates
from tests.support.steps import check, step


@pytest.fixture
def tried(tmp_path: Path) -> Tried:
    """A step of two commands, one of which no check notices, and no lab yet."""
    made = check(f'assert host.file("{tmp_path}/0/made").exists', "it is made")
    return Tried(tmp_path, step("make", f"touch {tmp_path}/0/made", "true", checks=(made,)))


def test_the_step_as_it_is_runs_after_the_same_return_as_its_mutants(tried: Tried) -> None:
    """What has just started may not have all that hosts have that are up for long."""
    lab = tried.lab(0)
    with tried.benches[0].up():
        found = list(tried.jobs().run([(Batch(tried.one.id, mutants(tried.one)),)]))
    assert fates(found) == {
        "drop 1": Fate.BY_CHECK,
        "argument 1": Fate.BY_CHECK,
        "drop 2": Fate.SURVIVED,
    }
    # Anew, and then for the step and for each of its mutants.
    assert lab.returns == 1 + 1 + 3
    assert tried.store.kept == {}


def test_what_a_lab_that_does_not_come_up_does_not_do_another_does(tried: Tried) -> None:
    """It is said; checkpoints that labs have taken are gone when no lab needs them."""
    tried.lab(0)
    tried.lab(1, broken=True)
    with tried.benches[0].up():
        found = list(tried.jobs().run(tried.shares()))
    assert len(fates(found)) == 3
    assert "mutants-1: one lab less: b: out of memory" in tried.said
    assert tried.store.kept == {}


def test_a_later_step_of_the_chapter_may_notice_a_mutant(tmp_path: Path) -> None:
    """It is run as long as all hold; what does not hold without a change tells nothing."""
    place = tmp_path / "0"
    first = step("make", f"touch {place}/made", f"touch {place}/more", checks=(
        check(f'assert host.file("{place}/made").exists', "it is made"),))  # fmt: skip
    uses = step("use", f"cp {place}/more {place}/used", checks=(
        check(f'assert host.file("{place}/used").exists', "it is used"),))  # fmt: skip
    fails = step("fail", "false", checks=(check("assert 0"),))
    never = step("never", f"touch {place}/never", checks=(check("assert 1"),))
    tried = Tried(tmp_path, first, (uses, fails, never))
    tried.lab(0)
    with tried.benches[0].up():
        found = list(tried.jobs().run([(Batch(first.id, mutants(first)),)]))
        assert not (place / "never").exists()
    assert fates(found) == {
        "drop 1": Fate.BY_CHECK,
        "argument 1": Fate.BY_CHECK,
        "drop 2": Fate.BY_LATER_STEP,
        "argument 2": Fate.BY_LATER_STEP,
    }
    assert all("sample/use: " in m.why for one in found for m in one.mutants if not m.by)


def test_what_a_step_takes_is_not_taken_from_the_time_of_later_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise nobody would notice the mutants of long steps."""
    monkeypatch.setattr(mutant_jobs, "_FOLLOWED", 0.5)
    place = tmp_path / "0"
    first = step("make", f"touch {place}/more", "sleep 0.6", checks=(check("assert 1"),))
    uses = step("use", f"cp {place}/more {place}/used", checks=(check("assert 1"),))
    tried = Tried(tmp_path, first, (uses,))
    tried.lab(0)
    with tried.benches[0].up():
        found = list(tried.jobs().run([(Batch(first.id, mutants(first)[:1]),)]))
    assert fates(found) == {"drop 1": Fate.BY_LATER_STEP}


@pytest.mark.parametrize("needed", [False, True])
def test_hosts_that_a_step_can_do_without_are_off(tmp_path: Path, needed: bool) -> None:
    """If the step as it is does not hold then, all are on for its mutants, and for later steps."""
    place = tmp_path / "0"
    alone = f"test -e {place}/on"
    made = step("make", f"touch {place}/made", f"! {alone}" if needed else alone, checks=(
        check(f'assert host.file("{place}/made").exists', "it is made"),))  # fmt: skip
    elsewhere = step("next", f"touch {place}/next", on=("b",), checks=(check("assert 1"),))
    tried = Tried(tmp_path, made, (elsewhere,))
    lab = tried.lab(0, kind=PartialMachine)
    drops = tuple(one for one in mutants(made) if one.operator == "drop")
    with tried.benches[0].up():
        found = list(tried.jobs().run([(Batch(made.id, drops),)]))
        assert (place / "on").exists() is not needed
        assert (place / "next").exists() is needed
    assert fates(found) == {"drop 1": Fate.BY_CHECK, "drop 2": Fate.SURVIVED}
    # Anew; for the step, once more if it needs the others; and for each mutant.
    assert lab.returns == 1 + (2 if needed else 1) + 2


def test_hosts_that_a_step_speaks_of_are_on(tmp_path: Path) -> None:
    """To try it without them would take the time in which its check may come to hold."""
    place = tmp_path / "0"
    made = step("make", f"echo the peer is b > {place}/made", "true", checks=(check("assert 1"),))
    tried = Tried(tmp_path, made)
    lab = tried.lab(0, kind=PartialMachine)
    with tried.benches[0].up():
        list(tried.jobs().run([(Batch(made.id, mutants(made)[:1]),)]))
        assert not (place / "on").exists()
    # Anew, for the step, and for the mutant.
    assert lab.returns == 1 + 1 + 1


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("needing", ["nobody", "the step", "a later step"])
def test_units_that_a_step_can_do_without_are_not_started(
    tmp_path: Path, needing: str, alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its hosts, or on all if it needs the others; later steps may not need them either."""
    monkeypatch.setattr(mutant_jobs, "_WORTH", 1)
    place = tmp_path / "0"
    others = "true" if alone else f"! grep -qsx a {place}/on"
    use = f"test -e {place}/slow"
    needed = use if needing == "the step" else "true"
    made = step("make", f"touch {place}/made", needed, others, checks=(
        check(f'assert host.file("{place}/made").exists', "it is made"),))  # fmt: skip
    later = step("next", f"touch {place}/next", use if needing == "a later step" else "true",
                 checks=(check("assert 1"),))  # fmt: skip
    tried = Tried(tmp_path, made, (later,))
    lab = tried.lab(0, kind=PartialMachine)
    assert isinstance(lab, PartialMachine)
    lab.units = ("slow",)
    first = mutants(made)[0]
    with tried.benches[0].up():
        found = list(tried.jobs().run([(Batch(made.id, (first,)),)]))
        assert (place / "slow").exists() is (needing != "nobody")
    assert fates(found) == {"drop 1": Fate.BY_CHECK}
    # Of a step with few mutants nobody finds out.
    monkeypatch.setattr(mutant_jobs, "_WORTH", 2)
    tried.benches[0].hosts.have_on()
    with tried.benches[0].up():
        list(tried.jobs().run([(Batch(made.id, (first,)),)]))
        assert (place / "slow").exists()
    returns = lab.returns - 1 - (not alone) - 1 - 1
    # Anew; alone in vain; for the step, once with the unit and once without it; for the mutant.
    assert returns == 1 + (not alone) + 2 + 1


@pytest.mark.parametrize("needing", ["nobody", "the step", "a later step"])
def test_what_a_step_could_do_without_is_not_looked_for_again(
    tmp_path: Path, needing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one begins without it, too; it has it if it or a later step needs it."""
    monkeypatch.setattr(mutant_jobs, "_WORTH", 1)
    place = tmp_path / "0"
    use = f"test -e {place}/slow"
    first = step("first", "true", "true", checks=(check("assert 1"),))
    second = step("second", use if needing == "the step" else "true", "true", checks=(
        check("assert 1"),))  # fmt: skip
    last = step("last", use if needing == "a later step" else "true", checks=(check("assert 1"),))
    tried = Tried(tmp_path, first, (second, last))
    lab = tried.lab(0, kind=PartialMachine)
    assert isinstance(lab, PartialMachine)
    lab.units = ("slow",)
    bench = tried.benches[0]
    bench.hosts.held_back = frozenset({("a", "slow")})
    with bench.up():
        found = list(tried.jobs().run([(Batch(second.id, mutants(second)[-1:]),)]))
        assert (place / "slow").exists() is (needing != "nobody")
    assert len(fates(found)) == 1
    # Anew, and for the step; with it, and once more without what is slow; for the mutant.
    assert lab.returns == 1 + 1 + (0 if needing == "nobody" else 2) + 1


def test_after_the_deadline_none_is_begun(tried: Tried) -> None:
    """Not even the step as it is."""
    lab = tried.lab(0)
    with tried.benches[0].up():
        assert list(tried.jobs(time.monotonic()).run(tried.shares())) == []
    assert lab.returns == 0


def test_who_gives_up_need_not_wait_for_what_is_being_tried(tmp_path: Path) -> None:
    """Nothing is said of a mutant that was cut off in the middle; what was found before is kept."""
    made = tmp_path / "0/made"
    waits = f"until test -e {made}; do sleep 0.1; done"
    hangs = Tried(
        tmp_path, step("make", f"touch {made}", waits, checks=(check("assert 1", "it is so"),))
    )
    hangs.lab(0)
    left_out, *_ = mutants(hangs.one)
    quick = mutants(hangs.one)[-1]
    with (
        hangs.benches[0].up(),
        closing(hangs.jobs().run([(Batch(hangs.one.id, (quick, left_out)),)])) as found,
    ):
        first = next(found)
    assert [one.id for one in first.mutants] == [quick.id]
    assert not any(left_out.told in line for line in hangs.said)
