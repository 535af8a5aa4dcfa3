"""A proof holds as long as nothing changes that decides what runs or is checked, and no longer."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from attrs import evolve, frozen

from runbook.model import Cluster, Host, Runbook, Step, cluster, shared_source
from runbook.model.shared_source import SharedSource
from runbook.results import Verdict
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Evidence, Proof, Standing, merged, standing
from runbook.sphinx.planning import plan
from tests.support.steps import CLUSTER, PLACE, check, runbook, step

ON = "debian12"
NOON = "2026-03-01T12:00:00+00:00"
TRIES = 500
"""How many random edits are tried; several at once in half of them."""

CLUSTER_FILE = """\
# The lab.
name: sample
network: 10.9.8.0/24
platform: debian12
hosts:
  one: {address: 10.9.8.1, groups: [bricks]}
  two: {address: 10.9.8.2, groups: [spare]}
values: {copies: "3", unused: "4"}
environment: {LANG: C.UTF-8}
choices: {engine: standalone, drill: none}
"""
CHECKS = '''\
"""What checks share."""
import socket
from json import loads

LIMIT = 5  # at most
if LIMIT:
    def deep(h):
        """Say whether it is deep."""
        # Deep enough.
        assert h.check_output("echo 1") == str(LIMIT - 4)


def ready(h):
    deep(h)


def other(h):
    assert loads("1")
'''
INDEX = """\
Sample
======

Prose of the page.

.. step:: First title
   :on: bricks
   :tags: quick

   A sentence of the first step.

   .. code-block:: console

      # mkdir -p /srv/|copies|

   .. check:: the directory is there
      :within: 7s

      assert host.file("/srv/3").is_directory

.. step:: Second title
   :on: one
   :user: root
   :timeout: 99s

   .. file:: /etc/store.conf
      :mode: 0644

      server = |one-address|

   .. check:: the file is there

      assert host.file("/etc/store.conf").exists

.. step:: Third title
   :on: one

   .. code-block:: console

      # store-setup
      Open the firewall? (Yes, No) [Yes]: no
      Setup has finished.

   .. check:: it is ready

      ready(host)  # at last

.. step:: Fourth title
   :on: one two
   :needs: nothing
   :choice: engine=standalone

   .. code-block:: console

      # touch /tmp/free

   .. check:: it is free

      assert host.file("/tmp/free").exists

.. step:: Fifth title
   :on: one
   :capture: number

   .. code-block:: console

      # echo 17
      # cat /proc/uptime
      ...

.. step:: Sixth title
   :on: one
   :needs: nothing

   .. code-block:: console

      # touch /tmp/<number>

   .. check:: it has the number

      assert host.file("/tmp/17").exists

An end.
"""
STEPS = ("first", "second", "third", "fourth", "fifth", "sixth")
CHAIN = ("first", "second", "third", "fifth", "sixth")
"""Steps each of which depends on all before it; the fourth depends on nothing."""
FREE = ("fourth", "fifth", "sixth")
"""The step that depends on nothing, and those that depend on it."""


@frozen
class Site:
    """A text of a file that may be edited, and the steps that lose their proofs then.

    In `new`, `W` stands for a random word.
    """

    file: str
    old: str
    new: str
    lose: tuple[str, ...] = ()


def chain(first: str) -> tuple[str, ...]:
    """The step and all that depend on it."""
    return CHAIN[CHAIN.index(first) :]


SITES = [
    # What runs or is checked.
    Site("index.rst", "mkdir -p /srv", "mkdir -p /W", chain("first")),
    Site("index.rst", "mkdir -p", "mkdir -v", chain("first")),
    Site("index.rst", ".is_directory", ".is_file", chain("first")),
    Site("index.rst", ":within: 7s", ":within: 9s", chain("first")),
    Site("index.rst", ":on: bricks", ":on: spare", chain("first")),
    Site("index.rst", "store.conf\n      :mode", "W.conf\n      :mode", chain("second")),
    Site("index.rst", ":mode: 0644", ":mode: 0600", chain("second")),
    Site("index.rst", "server =", "W =", chain("second")),
    Site("index.rst", ":user: root", ":user: nobody", chain("second")),
    Site("index.rst", ":timeout: 99s", ":timeout: 9s", chain("second")),
    Site("index.rst", "[Yes]: no", "[Yes]: W", chain("third")),
    Site("index.rst", "Open the", "Close the", chain("third")),
    Site("index.rst", "ready(host)", "other(host)", chain("third")),
    Site("index.rst", "touch /tmp/free", "touch /tmp/W", FREE),
    Site("index.rst", ":on: one two", ":on: one", FREE),
    Site("index.rst", "echo 17", "echo 1W", chain("fifth")),
    Site("index.rst", "touch /tmp/<number>", "touch /var/<number>", ("sixth",)),
    Site("lab/checks.py", "    deep(h)", "    pass", chain("third")),
    Site("lab/checks.py", "LIMIT = 5", "LIMIT = 6", chain("third")),
    Site("lab/checks.py", "- 4", "- 3", chain("third")),
    Site("lab/checks.py", "if LIMIT:", "if not LIMIT:", chain("third")),
    Site("lab/cluster.yaml", 'copies: "3"', "copies: W", chain("first")),
    Site("lab/cluster.yaml", "10.9.8.1,", "10.9.8.3,", chain("second")),
    Site("lab/cluster.yaml", "C.UTF-8", "W", STEPS),
    Site("lab/cluster.yaml", "environment:", "user: w\nenvironment:", STEPS),
    Site("lab/cluster.yaml", "[spare]", "[spare, bricks]", chain("first")),
    # What is only said.
    Site("index.rst", "Sample\n======", "Another sample\n=============="),
    Site("index.rst", "Prose of", "W of"),
    Site("index.rst", "A sentence", "W"),
    Site("index.rst", "First title", "Title W"),
    Site("index.rst", "Third title", "Title of W"),
    Site("index.rst", "the directory is there", "W is there"),
    Site("index.rst", ":tags: quick", ":tags: w"),
    Site("index.rst", "  # at last", "  # W"),
    Site("index.rst", "An end.", "An end, W."),
    Site("lab/checks.py", "# at most", "# W"),
    Site("lab/checks.py", "Say whether", "W"),
    Site("lab/checks.py", "# Deep enough.", "# W"),
    Site("lab/checks.py", 'loads("1")', 'loads("0")'),
    Site("lab/checks.py", "import socket", "import socket as s"),
    Site("lab/cluster.yaml", "# The lab.", "# W"),
    Site("lab/cluster.yaml", 'unused: "4"', "unused: W"),
    Site("lab/cluster.yaml", "drill: none", "drill: W"),
    Site("lab/cluster.yaml", "10.9.8.2,", "10.9.8.4,"),
]


class Edited:
    """A guide whose files are edited, and its plan, which is built only if it has to be."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "lab").mkdir(parents=True)
        (directory / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
        self._built: dict[tuple[str, str], Runbook] = {}

    def read(self, texts: dict[str, str]) -> tuple[Runbook, ProofKeys]:
        """Return the plan of the guide with these texts, and its keys."""
        for name, text in texts.items():
            (self.directory / name).write_text(text)
        described = cluster.load(self.directory / cluster.PLACE)
        values = repr((sorted(described.values.items()), described.hosts, described.choices))
        if (texts["index.rst"], values) not in self._built:
            made = plan.build(self.directory, output=self.directory / "build/plan")
            self._built[texts["index.rst"], values] = made
        found = self._built[texts["index.rst"], values]
        shared = shared_source.read(self.directory)
        return found, ProofKeys(basis_of(found, described, shared))


def proofs(steps: Iterable[Step], keys: ProofKeys) -> Evidence:
    """Evidence that all these steps were proven."""
    proven = (Proof(s.id, ON, Verdict.PROVEN, keys.key(s.id, ON), NOON) for s in steps)
    return Evidence(PLACE.document, tuple(proven))


def test_no_edit_of_what_runs_leaves_a_proof_and_no_other_takes_one_away(tmp_path: Path) -> None:
    """Of the guide, of its checks and of its cluster file; one at a time, and several at once."""
    texts = {"index.rst": INDEX, "lab/checks.py": CHECKS, "lab/cluster.yaml": CLUSTER_FILE}
    guide = Edited(tmp_path / "guide")
    steps, keys = guide.read(texts)
    known = proofs(steps.steps(), keys)
    chance = random.Random(20)  # the same edits in each run of the test
    alone = [[site] for site in SITES]
    drawn = [chance.sample(SITES, chance.choice([1, 2, 2, 3])) for _ in range(TRIES - len(SITES))]
    for sites in alone + drawn:
        edited = dict(texts)
        for site in sites:
            word = chance.choice(["oak", "elm", "fir"])
            old, new = site.old, site.new.replace("W", word)
            if old in edited[site.file]:  # another edit may have taken its place
                edited[site.file] = edited[site.file].replace(old, new, 1)
        changed, now = guide.read(edited)
        lost = {name for site in sites for name in site.lose}
        for name, one in zip(STEPS, changed.steps(), strict=True):
            proven = standing(one, ON, known, now)[0] is Standing.PROVEN
            assert proven == (name not in lost), (name, sites)


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
