"""A proof holds as long as nothing changes that decides what runs or is checked, and no longer."""

from __future__ import annotations

import pytest
from attrs import evolve

from runbook.model import Chapter, Host, Runbook, Step
from runbook.model.actions import Dialogue, Override, Turn
from runbook.model.alternative import Alternative
from runbook.model.nouns import Capture
from runbook.model.shared_source import SharedSource
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Standing, standing
from runbook.results.merging import merged
from tests.support.proofs import ON, keys_of, proofs
from tests.support.steps import CLUSTER, PLACE, check, runbook, step

ONE = step("one", "touch /x", checks=(check('assert host.file("/x").exists'),))
TWO = step("two", "touch /y")
THREE = step("three", "touch /z")
SERIAL = evolve(TWO, serial=True)


def test_the_order_of_steps_is_part_of_what_a_proof_stands_on() -> None:
    """A step that depends on all before it was proven after them."""
    assert keys_of(ONE, TWO, THREE).key(THREE.id, ON) != keys_of(TWO, ONE, THREE).key(THREE.id, ON)
    free = evolve(THREE, needs=())
    assert keys_of(ONE, TWO, free).key(free.id, ON) == keys_of(TWO, ONE, free).key(free.id, ON)


def test_where_a_chapter_begins_is_part_of_what_a_proof_stands_on() -> None:
    """It begins in fresh shells, so a `cd` of the chapter before is not in force any more."""
    moved, other = evolve(TWO, id="other/two"), evolve(THREE, id="other/three")

    def key(*chapters: tuple[Step, ...]) -> str:
        found = tuple(Chapter(c[-1].id.partition("/")[0], "", c) for c in chapters)
        last = found[-1].steps[-1].id
        return ProofKeys(basis_of(Runbook("", found), CLUSTER, SharedSource())).key(last, ON)

    own, next_own = key((ONE,), (moved, other)), key((ONE, TWO), (other,))
    assert own != next_own
    assert key((ONE,), (moved,)) != key((ONE, TWO))
    # So it is for what comes after both, whose own chapter is as it was.
    last = evolve(THREE, id="last/three")
    assert key((ONE,), (moved, other), (last,)) != key((ONE, TWO), (other,), (last,))
    renamed = evolve(moved, id="new/two"), evolve(other, id="new/three")
    assert key((ONE,), renamed) == own


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
        "if True:\n    ready = 1\nelse:\n    ready = 2\n",
        "def ready(): pass\n",
        "ready: int = 1\n",
        "(a, ready) = (1, 2)\n",
        "ready = {}\nready['a'] = 1\n",
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


def test_a_prerequisite_that_the_choice_leaves_out_now_did_not_run_before() -> None:
    """The step was proven after it; with another choice for it, it would be proven without."""
    cluster = evolve(CLUSTER, choices={"engine": "own", "drill": "none"})
    own, hosted = (evolve(TWO, choices=(f"engine={value}",)) for value in ("own", "hosted"))
    before, after = keys_of(ONE, own, THREE, of=cluster), keys_of(ONE, hosted, THREE, of=cluster)
    assert before.key(THREE.id, ON) != after.key(THREE.id, ON)
    assert before.key(ONE.id, ON) == after.key(ONE.id, ON)
    left_out = after.missing(THREE.id, ON, {ONE.id})
    assert after.key(THREE.id, ON, left_out) == before.key(THREE.id, ON, left_out)


def test_the_order_of_tabs_decides_which_of_them_ran_before() -> None:
    """Where nothing is chosen the first is taken, or the one that is for the platform."""

    def tabs(first: str, second: str) -> list[Step]:
        by_name = {"apt": TWO, "dnf": evolve(THREE, id="sample/dnf")}
        titles = (first, second)
        return [
            evolve(by_name[title], alternatives=(Alternative("tabs", title, titles, first),))
            for title in titles
        ]

    before, after = keys_of(*tabs("apt", "dnf"), ONE), keys_of(*tabs("dnf", "apt"), ONE)
    left_out = before.missing(ONE.id, ON, {TWO.id})
    assert len(left_out) == 1
    assert before.key(ONE.id, ON, left_out) != after.key(ONE.id, ON, left_out)
    chosen = CLUSTER.choosing({"tabs": "apt"})
    before, after = (keys_of(*tabs(*t), ONE, of=chosen) for t in (("apt", "dnf"), ("dnf", "apt")))
    assert before.key(ONE.id, ON, left_out) == after.key(ONE.id, ON, left_out)


def test_a_tab_that_is_for_a_platform_is_taken_there() -> None:
    """Another platform for it is another way through the guide."""
    way = Alternative("tabs", "apt", ("apt", "dnf"), "apt", (ON,), ("el9",))
    before = keys_of(evolve(TWO, alternatives=(way,)), ONE)
    elsewhere = evolve(way, platforms=("el9",), other_platforms=(ON,))
    after = keys_of(evolve(TWO, alternatives=(elsewhere,)), ONE)
    assert before.key(ONE.id, ON) != after.key(ONE.id, ON)


def test_answers_by_group_are_those_of_the_hosts_in_it() -> None:
    """Who moves a host to another group gives it another answer."""
    turn = Turn("Sure?", "no", overrides=(Override(("second",), answer="yes"),))
    asked = step("ask", Dialogue("setup", PLACE, (turn,)), on=("a", "b"))
    a, b = CLUSTER.hosts
    moved = evolve(CLUSTER, hosts=(a, evolve(b, groups=("all", "second"))))
    assert keys_of(asked).key(asked.id, ON) != keys_of(asked, of=moved).key(asked.id, ON)
    assert keys_of(ONE).key(ONE.id, ON) == keys_of(ONE, of=moved).key(ONE.id, ON)


@pytest.mark.parametrize(("when", "same"), [("engine=own", True), ("engine=hosted", False)])
def test_a_host_that_is_not_there_any_more_takes_proofs_away(when: str, same: bool) -> None:
    """Of the steps that were for it, and of those after them."""
    engine = Host("engine", "10.9.8.9", when="engine=own")
    hosts = [(*CLUSTER.hosts, engine), (*CLUSTER.hosts, evolve(engine, when=when))]
    before, after = (evolve(CLUSTER, hosts=h, choices={"engine": "own"}) for h in hosts)
    everywhere = evolve(TWO, on=("all",))
    steps = (ONE, everywhere, THREE)
    for one, kept in ((ONE, True), (everywhere, same), (THREE, same)):
        key = keys_of(*steps, of=before).key(one.id, ON)
        assert (keys_of(*steps, of=after).key(one.id, ON) == key) is kept


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ('assert hosts["b"].file("/x").exists', True),
        ('assert all(hosts[name].file("/x").exists for name in ("a", "b"))', True),
        ('hosts = ["a"]\nassert hosts', True),
        ("assert all(one.file('/x').exists for one in hosts.values())", False),
        ("assert len(hosts) == 2", False),
        ("hosts = hosts\nassert hosts.values()", False),
        ("for hosts in [hosts]: assert hosts.values()", False),
        ("assert [hosts for hosts in 'ab']", True),
        ("assert (lambda hosts: hosts)(1)", True),
        ("assert anybody()", False),
        ("assert given(1)", True),
        ("assert second()", True),
    ],
)
def test_a_check_that_asks_all_hosts_is_of_those_that_there_are(source: str, same: bool) -> None:
    """A host that joins them is asked as well."""
    more = evolve(CLUSTER, hosts=(*CLUSTER.hosts, Host("c", "10.9.8.3")))
    asking = evolve(ONE, checks=(check(source),))
    shared = (
        "def anybody(): return all(h.ok for h in hosts.values())\n"
        "def given(hosts): return hosts\n"
        "def second(): return hosts['b'].ok\n"
    )
    key = keys_of(asking, shared=shared).key(asking.id, ON)
    assert (keys_of(asking, of=more, shared=shared).key(asking.id, ON) == key) is same


def test_a_value_that_only_a_sentence_mentions_makes_no_step_depend_on_another() -> None:
    """It is neither typed nor checked."""
    number = evolve(ONE, capture=Capture("number"))
    told = evolve(TWO, needs=(), title="As <number> says", checks=(check("assert 1", "<number>"),))
    used = evolve(told, checks=(check("assert <number>"),))
    edited = evolve(number, actions=THREE.actions)
    for one, same in ((told, True), (used, False)):
        key = keys_of(number, one).key(one.id, ON)
        assert (keys_of(edited, one).key(one.id, ON) == key) is same


def test_an_outcome_is_of_hosts_that_took_turns_or_did_not() -> None:
    """What an earlier run has earned is not taken for what a run in the other way would."""
    then, now = (basis_of(runbook(one), CLUSTER, SharedSource()) for one in (TWO, SERIAL))
    assert then.typed() != now.typed()
