"""Where the steps begin whose mutants are tried: the way there, and what goes with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.execution.secrets import THROWAWAY
from runbook.mutation.mutants import mutants
from runbook.mutation.record import Fate
from runbook.mutation.sample import Batch
from runbook.redaction.known import KnownSecrets
from tests.support.mutant_labs import PartialMachine, Tried, fates
from tests.support.steps import check, step

SECRET = "CorrectHorse77"  # of these tests


@pytest.mark.parametrize("before", [3, 12])
def test_a_long_way_to_a_step_is_told(tmp_path: Path, before: int) -> None:
    """Nothing else would say for minutes why no mutant is tried, and what would help."""
    steps = [step(f"n{n}", "true", checks=(check("assert 1"),)) for n in range(before + 1)]
    tried = Tried(tmp_path, steps[0], tuple(steps[1:]))
    tried.lab(0)
    with tried.benches[0].up():
        tried.benches[0].go_before(steps[-1].id)
    told = [line for line in tried.said if "steps are run first" in line]
    assert told == (
        []
        if before == 3
        else [
            "mutants-0: 12 steps are run first, to come to sample/n12; a run of the guide leaves "
            "checkpoints nearer to it"
        ]
    )


@pytest.mark.parametrize("alone", [True, False])
def test_the_way_to_a_step_needs_only_the_hosts_that_its_steps_speak_of(
    tmp_path: Path, alone: bool
) -> None:
    """If they hold with the others off, the others are saved as they were; or all are on."""
    place = tmp_path / "0"
    first = step("first", "true", checks=(check("assert 1"),))
    off = f"grep -qsx a {place}/on"
    second = step("second", off if alone else f"! {off}", checks=(check("assert 1"),))
    last = step("last", "true", checks=(check("assert 1"),))
    tried = Tried(tmp_path, first, (second, last))
    lab = tried.lab(0, kind=PartialMachine)
    assert isinstance(lab, PartialMachine)
    bench = tried.benches[0]
    bench.hosts.held_back = frozenset({("a", "slow")})
    with bench.up():
        bench.go_before(second.id)
        (begin,) = tried.store.kept
        assert lab.saved == []
        bench.go_before(last.id)
    assert lab.saved == ([(frozenset({"a"}), begin)] if alone else [])
    # Anew; with the others off; and with all on, if that was in vain.
    assert lab.returns == (2 if alone else 3)
    # What the mutants before could do without is known still.
    assert bench.hosts.held_back == {("a", "slow")}


def test_a_second_lab_is_first_started_where_its_mutants_begin(tmp_path: Path) -> None:
    """Its hosts are like those of the first, so what these are need not be found out again."""
    first = step("first", f"touch {tmp_path}/1/made", "true", checks=(check("assert 1"),))
    tried = Tried(tmp_path, first)
    tried.lab(0)
    tried.lab(1, broken=True)
    one, two = tried.benches
    with one.up():
        two.probed = one.probed
        with two.up():
            two.go_before(first.id)
            assert len(two.attempt(first)) == 1


def test_a_step_that_needs_what_no_checkpoint_keeps_is_tried_with_the_steps_that_start_it(
    tmp_path: Path,
) -> None:
    """A checkpoint has no running programs; what comes before is run again before each mutant."""
    place = tmp_path / "0"
    starts = step("start", f"touch {place}/running", checks=(check("assert 1"),))
    looks = step("look", "true", checks=(check("assert 1"),))
    uses = step("use", f"test -e {place}/running", f"touch {place}/used", checks=(
        check(f'assert host.file("{place}/used").exists', "it is used"),))  # fmt: skip
    tried = Tried(tmp_path, starts, (looks, uses))
    lab = tried.lab(0)
    drops = tuple(one for one in mutants(uses) if one.operator == "drop")
    with tried.benches[0].up():
        found = list(tried.jobs().run([(Batch(uses.id, drops),)]))
    assert fates(found) == {"drop 1": Fate.SURVIVED, "drop 2": Fate.BY_CHECK}
    # Anew, to come before the step, before the one before it, and before the one that starts the
    # program; each time for the step as it is; and then for its mutants.
    assert lab.returns == 3 + 3 + 2


def test_a_checkpoint_notes_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What checks said before a step is masked, and there is a word for secrets made up so far."""
    made = tmp_path / "secrets"
    monkeypatch.setenv(THROWAWAY, str(made))
    made.mkdir()
    (made / "app").write_text(SECRET)
    shown = check(f'assert host.run("cat {tmp_path}/0/pw").stdout == "{SECRET}"')
    first = step("first", f"printf {SECRET} > {tmp_path}/0/pw", checks=(shown,))
    last = step("last", "true", checks=(check("assert 1"),))
    tried = Tried(tmp_path, first, (last,))
    tried.lab(0)
    (bench,) = tried.benches
    bench.known = KnownSecrets([SECRET])
    with bench.up():
        bench.go_before(last.id)
        kept = [json.loads(about) for about in tried.store.kept.values()]
    assert [one["secrets"] for one in kept if one["outcomes"]] == ["elsewhere"]
    assert "[secret]" in json.dumps(kept)
    assert SECRET not in json.dumps(kept)


def test_a_step_that_never_holds_is_not_tried_from_the_beginning_of_the_guide(
    tmp_path: Path,
) -> None:
    """Not even from that of a long chapter; what is said is why it did not hold in the end."""
    fails = step("fail", "false", checks=(check("assert 1"),))
    steps = [step(f"n{n}", "true", checks=(check("assert 1"),)) for n in range(9)]
    tried = Tried(tmp_path, steps[0], (*steps[1:], fails))
    lab = tried.lab(0)
    with tried.benches[0].up():
        (found,) = tried.jobs().run([(Batch(fails.id, mutants(fails)),)])
    assert {one.fate for one in found.mutants} == {Fate.UNTRIED}
    assert all("without a change it does not hold" in one.why for one in found.mutants)
    # Anew for each of four beginnings, and then the step as it is.
    assert lab.returns == 4 + 4
