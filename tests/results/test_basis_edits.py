"""Random edits of a guide: which take a proof away, and which leave it."""

from __future__ import annotations

import random
from pathlib import Path

from attrs import frozen

from runbook.model import Runbook, cluster, shared_source
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Standing, standing
from runbook.sphinx.planning import plan
from tests.support.proofs import ON, proofs

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
