"""A proof holds as long as nothing changes that decides what runs or is checked, and no longer."""

from __future__ import annotations

import pytest
from attrs import evolve

from runbook.model import Cluster, Host, Step
from runbook.model.shared_source import SharedSource
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Standing, merged, standing
from tests.support.proofs import ON, proofs
from tests.support.steps import CLUSTER, PLACE, check, runbook, step

ONE = step("one", "touch /x", checks=(check('assert host.file("/x").exists'),))
TWO = step("two", "touch /y")
THREE = step("three", "touch /z")


def keys_of(*steps: Step, of: Cluster = CLUSTER, shared: str = "") -> ProofKeys:
    """The keys of a guide of these steps."""
    return ProofKeys(basis_of(runbook(*steps), of, SharedSource(shared)))


def test_the_order_of_steps_is_part_of_what_a_proof_stands_on() -> None:
    """A step that depends on all before it was proven after them."""
    assert keys_of(ONE, TWO, THREE).key(THREE.id, ON) != keys_of(TWO, ONE, THREE).key(THREE.id, ON)
    free = evolve(THREE, needs=())
    assert keys_of(ONE, TWO, free).key(free.id, ON) == keys_of(TWO, ONE, free).key(free.id, ON)


def test_a_step_of_another_platform_is_none_of_its_business() -> None:
    """Editing it takes no proof away."""
    there, edited = (evolve(s, id=TWO.id, platforms=("el9",)) for s in (TWO, THREE))
    assert keys_of(ONE, there, THREE).key(THREE.id, ON) == keys_of(ONE, edited, THREE).key(
        THREE.id, ON
    )
    assert keys_of(ONE, there, THREE).key(THREE.id, "el9") != keys_of(ONE, edited, THREE).key(
        THREE.id, "el9"
    )


def test_a_platform_has_its_own_key() -> None:
    """What was proven on Debian 12 says nothing of Debian 13."""
    assert keys_of(ONE).key(ONE.id, "debian12") != keys_of(ONE).key(ONE.id, "debian13")


def test_a_step_that_did_not_run_there_takes_no_proof_away() -> None:
    """It was left out, as one is that needs a capability; later runs may leave out others."""
    keys = keys_of(ONE, TWO, THREE)
    left_out = keys.missing(THREE.id, ON, {ONE.id})
    key = keys.key(THREE.id, ON, left_out)
    assert keys_of(evolve(ONE, title="Else"), TWO, THREE).key(THREE.id, ON, left_out) == key
    assert keys_of(ONE, THREE).key(THREE.id, ON, left_out) == key
    assert keys_of(TWO, THREE).key(THREE.id, ON, left_out) != key
    assert keys.missing(THREE.id, ON, {ONE.id, TWO.id}) == ()


def test_another_choice_is_another_guide_where_a_step_leaves_one() -> None:
    """An alternative was proven where it was chosen, whatever the cluster file chooses now."""
    drill = evolve(TWO, choices=("drill=restore",))
    none, restore = (CLUSTER.choosing({"drill": value}) for value in ("none", "restore"))
    before, after = keys_of(ONE, drill, THREE, of=none), keys_of(ONE, drill, THREE, of=restore)
    assert before.key(ONE.id, ON) == after.key(ONE.id, ON)
    assert before.key(drill.id, ON) == after.key(drill.id, ON)
    assert before.key(THREE.id, ON) != after.key(THREE.id, ON)


def test_a_choice_decides_where_a_host_follows_from_it() -> None:
    """The engine is a machine of the lab, or one that a step makes."""
    hosts = (*CLUSTER.hosts, Host("engine", "10.9.8.9", when="engine=standalone"))
    here, there = (evolve(CLUSTER, hosts=hosts, choices={"engine": e}) for e in ("own", "hosted"))
    assert keys_of(ONE, of=here).key(ONE.id, ON) != keys_of(ONE, of=there).key(ONE.id, ON)


def test_a_run_under_another_choice_takes_no_proof_away() -> None:
    """A drill is tried with the rest of the guide after it; the page shows the guide as it is."""
    drill = evolve(TWO, choices=("drill=restore",))
    none, restore = (CLUSTER.choosing({"drill": value}) for value in ("none", "restore"))
    now, then = keys_of(ONE, drill, THREE, of=none), keys_of(ONE, drill, THREE, of=restore)
    known = {PLACE.document: proofs([ONE, THREE], now)}
    after = merged(now, known, proofs([ONE, drill, THREE], then).proofs)[PLACE.document]
    for one in (ONE, THREE, drill):
        assert standing(one, ON, after, now)[0] is Standing.PROVEN


def test_what_undoes_stands_on_what_its_chapter_did() -> None:
    """An edit of either takes the proof away."""
    undo = evolve(THREE, undo=True)
    key = keys_of(ONE, TWO, undo).key(undo.id, ON)
    edited = evolve(ONE, checks=(check("assert True"),))
    assert keys_of(edited, TWO, undo).key(undo.id, ON) != key
    assert keys_of(ONE, evolve(undo, title="Else"), TWO).key(TWO.id, ON) == keys_of(ONE, TWO).key(
        TWO.id, ON
    )


def test_a_step_that_got_another_title_keeps_what_is_known_of_it() -> None:
    """Its id follows from its title; the next evidence has it under the new one."""
    renamed = evolve(ONE, id="sample/else", title="Else")
    now = keys_of(renamed, TWO)
    known = {PLACE.document: proofs([ONE, TWO], keys_of(ONE, TWO))}
    assert standing(renamed, ON, known[PLACE.document], now)[0] is Standing.PROVEN
    after = merged(now, known, [])[PLACE.document]
    assert [proof.step for proof in after.proofs] == [renamed.id, TWO.id]


@pytest.mark.parametrize(
    "shared",
    [
        "from helper import *\n",
        "import os as ready\n",
        "try:\n    ready = 1\nexcept ValueError:\n    ready = 2\n",
        "with open('/dev/null') as ready: pass\n",
        "for ready in (1, 2): pass\n",
        "def ready(): pass\n",
        "ready: int = 1\n",
        "(a, ready) = (1, 2)\n",
    ],
)
def test_whatever_gives_a_name_is_part_of_the_checks_that_use_it(shared: str) -> None:
    """Also within a block, or by an import."""
    used = evolve(ONE, checks=(check("assert ready"),))
    assert keys_of(used, shared=shared).key(ONE.id, ON) != keys_of(used).key(ONE.id, ON)
    unused = keys_of(evolve(ONE, checks=(check("assert other"),)), shared=shared)
    if "*" not in shared:
        assert unused.key(ONE.id, ON) == keys_of(evolve(ONE, checks=(check("assert other"),))).key(
            ONE.id, ON
        )
