"""Steps that take back what others did, and steps for one of several alternatives."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook import evidence
from runbook.sphinx.plan import build

from .guides import CLUSTER, Guide, making

TAKING_BACK = """
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
    """Return a step that is for those who chose this."""
    return f".. choice:: {chosen}\n\n{indented(making(name))}"


def test_a_run_leaves_out_what_takes_back(tmp_path: Path) -> None:
    """The guide leads to its goal, and stays there."""
    guide = Guide(tmp_path, making("one"), TAKING_BACK.format(name="one"))
    assert guide.call("run").returncode == 0
    assert guide.verdicts() == {"make-one": "proven"}
    assert guide.call("check").returncode == 0


def test_taking_back_is_proven_from_the_last_chapter_to_the_first(tmp_path: Path) -> None:
    """A step that does not hold blocks its own chapter only."""
    guide = Guide(tmp_path, making("one"), TAKING_BACK.format(name="one"))
    page = guide.directory / "index.rst"
    (guide.directory / "second.rst").write_text(
        "Second\n======\n\n"
        + f"{making('two')}\n\n{TAKING_BACK.format(name='never')}".replace(
            "PLACE", str(guide.place)
        )
        .replace("rm ", "false rm ")
        .replace("not host", "host")
        + "\n\n"
        + TAKING_BACK.format(name="two").replace("PLACE", str(guide.place))
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


def test_what_was_taken_back_is_made_again_by_the_next_run(tmp_path: Path) -> None:
    """An earlier proof does not stand when its checks do not hold."""
    guide = Guide(tmp_path, making("one"), TAKING_BACK.format(name="one"))
    for options in ((), ("--undo",), ()):
        assert guide.call("run", *options).returncode == 0
    assert guide.verdicts() == {"make-one": "proven"}
    assert (guide.place / "one").exists()


def test_the_cluster_file_chooses_between_alternatives(tmp_path: Path) -> None:
    """The others are skipped, and say why."""
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


def test_the_command_line_can_choose_otherwise(tmp_path: Path) -> None:
    """Without a change to the file."""
    guide = Guide(
        tmp_path,
        alternative("engine=alone", "one"),
        alternative("engine=hosted", "two"),
        cluster=CHOSEN,
    )
    assert guide.call("run", "--choose", "engine=hosted").returncode == 0
    assert guide.verdicts() == {"make-one": "skipped", "make-two": "proven"}
    assert guide.call("run", "--choose", "engine").returncode == 2


def test_a_step_can_say_by_itself_for_whom_it_is(tmp_path: Path) -> None:
    """It is the same as a directive around it."""
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
        ("motor=alone", "does not say what is chosen for 'motor'"),
        ("engine", "is not an alternative, such as engine=hosted"),
    ],
)
def test_an_alternative_that_nobody_can_choose_is_an_error(
    tmp_path: Path, chosen: str, said: str
) -> None:
    """It names the line."""
    guide = Guide(tmp_path, alternative(chosen, "one"), cluster=CHOSEN)
    done = guide.call("plan")
    assert done.returncode == 3
    assert "index.rst:" in done.stderr
    assert said in done.stderr


def test_what_took_back_is_proven_on_the_page_as_well(tmp_path: Path) -> None:
    """Its proof is of the text that stands there, though it stood on other steps in that run."""
    guide = Guide(
        tmp_path, making("one"), TAKING_BACK.format(name="one"), TAKING_BACK.format(name="two")
    )
    assert guide.call("run").returncode == 0
    (guide.place / "two").touch()
    assert guide.call("run", "--undo").returncode == 0
    assert guide.call("evidence", "--lab", "local").returncode == 0
    runbook = build(guide.directory, output=tmp_path / "plan")
    known = evidence.load(guide.directory, "index")
    assert [evidence.standing(step, "debian12", known)[0] for step in runbook.steps()] == [
        evidence.Standing.PROVEN
    ] * 3


def test_only_checks_of_what_was_chosen_are_evaluated(tmp_path: Path) -> None:
    """`check` takes the other alternative for no drift, and a value of a run for unknown."""
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
    assert "1 check evaluated; none differs." in done.stdout
    done = guide.call("check", "--choose", "engine=hosted")
    assert done.returncode == 1
    assert "two is there" in done.stdout
