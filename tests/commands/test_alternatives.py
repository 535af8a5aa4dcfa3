"""Undo steps, and steps for one of several alternatives."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.model import cluster
from runbook.model.shared_source import SharedSource
from runbook.results import evidence
from runbook.results.basis import ProofKeys, basis_of
from runbook.sphinx.planning.plan import build
from tests.support.guides import CLUSTER, Guide, making

UNDO = """
.. step:: Remove {name}
   :on: box
   :undo:

   .. code-block:: console

      # rm PLACE/{name}

   .. check:: {name} is gone

      assert not host.file("PLACE/{name}").exists
"""
CHOSEN = CLUSTER + "choices: {engine: alone}\n"


def indented(text: str) -> str:
    """Return `text` as the content of a directive."""
    return "\n".join(f"   {line}" for line in text.splitlines())


def alternative(chosen: str, name: str) -> str:
    """Return a step for this alternative."""
    return f".. choice:: {chosen}\n\n{indented(making(name))}"


def test_a_run_leaves_out_undo_steps(tmp_path: Path) -> None:
    """They run with --undo only."""
    guide = Guide(tmp_path, making("one"), UNDO.format(name="one"))
    assert guide.call("run").returncode == 0
    assert guide.verdicts() == {"make-one": "proven"}
    assert guide.call("check").returncode == 0


def test_undo_runs_from_the_last_chapter_to_the_first(tmp_path: Path) -> None:
    """A failure blocks later steps of its own chapter only."""
    guide = Guide(tmp_path, making("one"), UNDO.format(name="one"))
    page = guide.directory / "index.rst"
    (guide.directory / "second.rst").write_text(
        "Second\n======\n\n"
        + f"{making('two')}\n\n{UNDO.format(name='never')}".replace("PLACE", str(guide.place))
        .replace("rm ", "false rm ")
        .replace("not host", "host")
        + "\n\n"
        + UNDO.format(name="two").replace("PLACE", str(guide.place))
    )
    page.write_text(f"{page.read_text()}\n.. toctree::\n\n   second\n")
    assert guide.call("run").returncode == 0
    done = guide.call("run", "--undo")
    assert done.returncode == 1
    results = guide.directory / "build/local-undo/journal.jsonl"
    told = [line for line in results.read_text().splitlines() if '"outcome"' in line]
    assert [line.split('"verdict": "')[1].split('"')[0] for line in told] == [
        "failed",
        "blocked",
        "proven",
    ]
    assert not (guide.place / "one").exists()
    assert (guide.place / "two").exists()


def test_the_next_run_makes_again_what_was_undone(tmp_path: Path) -> None:
    """An earlier result does not count if its checks fail now."""
    guide = Guide(tmp_path, making("one"), UNDO.format(name="one"))
    for options in ((), ("--undo",), ()):
        assert guide.call("run", *options).returncode == 0
    assert guide.verdicts() == {"make-one": "proven"}
    assert (guide.place / "one").exists()


def test_the_cluster_file_chooses_between_alternatives(tmp_path: Path) -> None:
    """The others are skipped with a reason."""
    guide = Guide(
        tmp_path,
        alternative("engine=alone", "one"),
        alternative("engine=hosted", "two"),
        cluster=CHOSEN,
    )
    done = guide.call("run")
    assert done.returncode == 0
    assert guide.verdicts() == {"make-one": "proven", "make-two": "skipped"}
    assert "for engine=hosted; engine=alone was chosen" in done.stdout


def test_the_command_line_overrides_the_alternative(tmp_path: Path) -> None:
    """Of the cluster file."""
    guide = Guide(
        tmp_path,
        alternative("engine=alone", "one"),
        alternative("engine=hosted", "two"),
        cluster=CHOSEN,
    )
    assert guide.call("run", "--choose", "engine=hosted").returncode == 0
    assert guide.verdicts() == {"make-one": "skipped", "make-two": "proven"}
    assert guide.call("run", "--choose", "engine").returncode == 2


def test_a_step_can_name_its_alternative(tmp_path: Path) -> None:
    """Like a directive around it."""
    one, two = (
        making(name).replace(":on: box", f":on: box\n   :choice: {chosen}")
        for name, chosen in (("one", "engine=alone"), ("two", "engine=hosted"))
    )
    guide = Guide(tmp_path, one, two, cluster=CHOSEN)
    assert guide.call("run").returncode == 0
    assert guide.verdicts() == {"make-one": "proven", "make-two": "skipped"}
    guide.write(one.replace("engine=alone", "engine"))
    assert "'engine' is not an alternative" in guide.call("plan").stderr


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ("motor=alone", "does not choose a value for 'motor'"),
        ("engine", "is not an alternative, such as engine=hosted"),
    ],
)
def test_an_unknown_alternative_is_an_error(tmp_path: Path, chosen: str, said: str) -> None:
    """The message has file and line."""
    guide = Guide(tmp_path, alternative(chosen, "one"), cluster=CHOSEN)
    done = guide.call("plan")
    assert done.returncode == 3
    assert "index.rst:" in done.stderr
    assert said in done.stderr


def test_undo_steps_have_evidence_as_well(tmp_path: Path) -> None:
    """Of their text in the guide, though their dependencies differ with --undo."""
    guide = Guide(tmp_path, making("one"), UNDO.format(name="one"), UNDO.format(name="two"))
    assert guide.call("run").returncode == 0
    (guide.place / "two").touch()
    assert guide.call("run", "--undo").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    runbook = build(guide.directory, output=tmp_path / "plan")
    known = evidence.load(guide.directory, "index")
    described = cluster.load(guide.directory / cluster.PLACE)
    keys = ProofKeys(basis_of(runbook, described, SharedSource()))
    assert [evidence.standing(step, "debian12", known, keys)[0] for step in runbook.steps()] == [
        evidence.Standing.PROVEN
    ] * 3


def test_only_checks_of_the_chosen_alternative_are_evaluated(tmp_path: Path) -> None:
    """Others are skipped; a check without its captured value is unknown."""
    naming = """
.. step:: Name it
   :on: box
   :capture: name

   .. code-block:: console

      # echo two

.. step:: Use the name
   :on: box

   .. code-block:: console

      # touch "PLACE/<name>"

   .. check:: it has its name

      assert host.file("PLACE/<name>").exists
"""
    guide = Guide(
        tmp_path,
        alternative("engine=alone", "one"),
        alternative("engine=hosted", "two"),
        naming,
        cluster=CHOSEN,
    )
    (guide.place / "one").touch()
    done = guide.call("check")
    assert done.returncode == 0, done.stdout
    assert "unknown  box  index.rst:" in done.stdout
    assert "it has its name: the value <name> is missing" in done.stdout
    assert "1 check evaluated; none differs; 1 check unknown." in done.stdout
    done = guide.call("check", "--choose", "engine=hosted")
    assert done.returncode == 1
    assert "two is there" in done.stdout
