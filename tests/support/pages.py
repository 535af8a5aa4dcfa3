"""A guide with everything that a page can show, including evidence, and its HTML build."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from runbook.model import Runbook, Step, cluster, shared_source
from runbook.results import Verdict, evidence, kept_recordings
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Evidence, Proof
from runbook.sphinx.planning import plan
from tests.support.forked import run_module
from tests.support.paths import ROOT

BEGUN = "2026-03-01T12:00:00+00:00"
CONF = """\
project = "Pages"
author = copyright = "its authors"
version = "1"
extensions = ["runbook.sphinx"]
html_theme = "furo"
highlight_language = "none"
html_copy_source = False
html_show_sourcelink = False
"""
CLUSTER = """\
name: pages
network: 10.9.8.0/24
domain: example.com
platform: debian12
hosts:
  gs1: {address: 10.9.8.1}
  gs2: {address: 10.9.8.2}
choices: {engine: standalone}
values: {engine-fqdn: engine.example.com, copies: "3"}
"""
INDEX = """\
Pages
=====

.. toctree::

   store
   other
   proven
"""
STORE = r"""
Store
=====

The engine |engine-fqdn| is told of gs1.

.. list-table:: A table with a title

   * - one
     - two

.. step:: Write it down
   :on: gs1
   :platform: debian12

   .. code-block:: console

      # mkdir -p /srv/|domain|
      # cat > /srv/note <<EOF
      > on gs1 with |copies|

      > EOF
      # cat /srv/note
      on gs1 with 3

   .. file:: /etc/store.conf
      :mode: 0644
      :owner: root:root

      server = |gs1-address|
      name = store.|domain|

   .. check:: the note is there
      :within: 5s

      assert host.file("/srv/note").exists

.. step:: Set the store up
   :on: all
   :platform: el9 debian12

   .. code-block:: console

      # store-setup
      Do you want Setup to open the firewall? (Yes, No) [Yes]: no
      Full name (of this server) [gs1.example.com]:
      Admin password:
      Setup has finished.
      # # That was all.

   .. answers::

      :Admin password: :secret:`store-admin`
      :Overwrite?: ``yes``, sometimes: on a machine that had one

   .. manual::

      Look at the front of the machine.

   .. check:: it runs

      assert host.service("store").is_running

   .. check:: it answers

      assert host.socket("tcp://0.0.0.0:80").is_listening

.. step:: Only on the old system
   :on: gs2
   :platform: el6
   :requires: kvm
   :choice: engine=hosted
   :needs: nothing

   .. code-block:: sh

      # A remark.
      for one in 1 2; do
          echo "$one"
      done

   .. check:: it is so

      assert host.file("/").exists
"""
OTHER = """\
Other
=====

.. platform:: debian12

   .. step:: Install with apt
      :on: gs1

      .. code-block:: console

         # apt-get install -y store

      .. check:: it is there

         assert host.package("store").is_installed

.. platform:: el9

   .. step:: Install with dnf
      :on: gs1

      .. code-block:: console

         # dnf install -y store

      .. check:: it is there

         assert host.package("store").is_installed

.. choice:: engine=standalone

   Alone.

.. choice:: engine=hosted

   Hosted.
"""
PROVEN = """\
What is proven
==============

.. proven::
"""


def guide(directory: Path) -> Path:
    """Write the guide with evidence, and return its directory."""
    made = directory / "guide"
    (made / "lab").mkdir(parents=True)
    (made / "lab/cluster.yaml").write_text(CLUSTER)
    (made / "conf.py").write_text(CONF)
    for name, text in (("index", INDEX), ("store", STORE), ("other", OTHER), ("proven", PROVEN)):
        (made / f"{name}.rst").write_text(textwrap.dedent(text).lstrip("\n"))
    give_evidence(made)
    return made


def copy_own_guide(directory: Path) -> Path:
    """Copy the project's own guide, with made-up evidence."""
    made = directory / "ours"
    shutil.copytree(ROOT / "docs", made / "docs")
    shutil.copytree(ROOT / "lab", made / "lab")
    shutil.copy(ROOT / "conf.py", made)
    give_evidence(made)
    return made


def give_evidence(made: Path) -> Runbook:
    """Write made-up evidence with every kind of status."""
    runbook = plan.build(made, output=made / "build" / "plan")
    described = cluster.load(made / cluster.PLACE)
    keys = ProofKeys(basis_of(runbook, described, shared_source.read(made)))
    for chapter in runbook.chapters:
        marked = [step for step in chapter.steps if step.marked]
        proofs = tuple(p for n, s in enumerate(marked) for p in _proofs(made, s, n, keys))
        evidence.save(made, Evidence(chapter.document, proofs))
    return runbook


def _proofs(made: Path, step: Step, number: int, keys: ProofKeys) -> Iterator[Proof]:
    verdicts = [Verdict.PROVEN, Verdict.REHEARSED, Verdict.PROVEN, Verdict.FAILED, None]
    verdict = verdicts[number % len(verdicts)]
    if verdict is None:
        return
    if verdict is Verdict.REHEARSED:
        yield Proof(step.id, "", verdict, keys.key(step.id, ""), BEGUN)
        return
    platform = step.platforms[0] if step.platforms else "debian12"
    proof = Proof(
        step.id,
        platform,
        verdict,
        keys.key(step.id, platform) if number != 2 else "of an earlier text",
        BEGUN,
        12.4 * (number + 1),
        ("gs1", "gs2"),
        "ovirt",
        "containers",
        {"guide": "abc1234"},
    )
    yield _recorded(made, proof, cast(step.title)) if number == 0 else proof


def _recorded(made: Path, proof: Proof, recording: str) -> Proof:
    name = f"{proof.step}.cast"
    path = kept_recordings.path_of(made, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(recording)
    digest = kept_recordings.digest_of(recording)
    return evolve(proof, recording=name, recording_digest=digest)


def cast(words: str) -> str:
    """Return a recording that shows `words`."""
    events = [[0.1, "o", "# true\r\n"], [0.3, "o", f"{words} </script>\r\n"]]
    head = {"version": 2, "width": 80, "height": 24}
    return "\n".join(json.dumps(line) for line in (head, *events)) + "\n"


def build(made: Path, builder: str = "html", *options: str) -> Path:
    """Build the guide with warnings as errors, and return the output directory."""
    output = made / "build" / builder
    done = _sphinx(made, output, builder, *options)
    assert (done.returncode, done.stderr) == (0, "")
    return output


def warnings(made: Path, builder: str = "html") -> str:
    """Build the pages of the guide, and return what Sphinx warns of."""
    return _sphinx(made, made / "build" / builder, builder).stderr


def _sphinx(
    made: Path, output: Path, builder: str, *options: str
) -> subprocess.CompletedProcess[str]:
    return run_module(
        *("sphinx", "-q", "-W", "-n", "--keep-going", "-b", builder),
        *("-d", str(made / "build" / "doctrees"), *options, str(made), str(output)),
        environment=os.environ | {"NO_COLOR": "1"},
        timeout=300,
    )
