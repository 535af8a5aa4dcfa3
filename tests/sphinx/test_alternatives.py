"""Of several ways to the same end one is taken, and the others are skipped with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runbook.model import Step
from runbook.sphinx.planning.plan import PlanError, build
from tests.support.guides import Guide

Ways = list[tuple[str, tuple[str, ...], list[str]]]


def steps(tmp_path: Path, text: str, *, own: bool = False) -> list[Step]:
    """Return the steps of a guide of one page, which may list our extension."""
    directory = tmp_path / "guide"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / "conf.py").write_text("extensions = ['runbook.sphinx']\n" if own else "")
    (directory / "index.rst").write_text(f"Install it\n==========\n\n{text}")
    return list(build(directory, output=directory / "build", lenient=True).steps())


def ways(found: list[Step]) -> Ways:
    """Return the first command of each step, its platforms, and what it is an alternative of."""
    return [
        (
            getattr(step.actions[0], "text", ""),
            step.platforms,
            [f"{a.group}={a.title} ({a.first})" for a in step.alternatives],
        )
        for step in found
    ]


def block(text: str, indent: str = "") -> str:
    """Return a literal block with one command."""
    return f"{indent}::\n\n{indent}   # {text}\n\n"


def tabs(*titles: str, inside: str = "   ") -> str:
    """Return a set of tabs, each with a command that prints its title."""
    parts = (
        f"{inside}.. tab-item:: {title}\n\n" + block(f"echo {title}", f"{inside}   ")
        for title in titles
    )
    return f"{inside[3:]}.. tab-set::\n\n" + "".join(parts)


def test_tabs_have_a_group_that_is_named_by_the_heading(tmp_path: Path) -> None:
    """The first of them is taken where nothing is chosen."""
    assert ways(steps(tmp_path, tabs("Docker", "Podman"))) == [
        ("echo Docker", (), ["install-it=Docker (Docker)"]),
        ("echo Podman", (), ["install-it=Podman (Docker)"]),
    ]


def test_tabs_with_the_same_titles_are_one_choice(tmp_path: Path) -> None:
    """Others have a name of their own."""
    text = tabs("Docker", "Podman") + tabs("One", "Two") + tabs("Docker", "Podman")
    names = [a.group for step in steps(tmp_path, text) for a in step.alternatives]
    assert names == ["install-it"] * 2 + ["install-it-2"] * 2 + ["install-it"] * 2


def test_the_platform_decides_between_tabs_of_systems(tmp_path: Path) -> None:
    """A tab that is for no system is taken on the others."""
    one, two, other = steps(tmp_path, tabs("Debian 12", "RHEL/Rocky", "From source"))
    assert [step.platforms for step in (one, two, other)] == [("debian12",), ("el",), ()]
    assert other.alternatives[0].other_platforms == ("debian12", "el")
    assert other.alternatives[0].first == "From source"


def test_the_first_with_something_to_do_is_taken(tmp_path: Path) -> None:
    """In a tab of words alone there is nothing to run."""
    text = (
        ".. tab-set::\n\n   .. tab-item:: Browser\n\n      Click it.\n\n" + tabs("CLI", "API")[14:]
    )
    assert {a.first for step in steps(tmp_path, text) for a in step.alternatives} == {"CLI"}


def test_a_tab_within_a_tab_is_a_choice_within_the_choice(tmp_path: Path) -> None:
    """The outer one comes first."""
    inner = tabs("One", "Two", inside="         ")
    text = f".. tab-set::\n\n   .. tab-item:: A\n\n{inner}   .. tab-item:: B\n\n" + block(
        "echo B", "      "
    )
    assert [[a.title for a in step.alternatives] for step in steps(tmp_path, text)] == [
        ["A", "One"],
        ["A", "Two"],
        ["B"],
    ]


SENTENCES = (
    "On Debian:\n\n" + block("apt-get install a") + "On Fedora, run:\n\n"
    + block("dnf install a") + "Start it:\n\n" + block("systemctl start a")
)  # fmt: skip
EITHER = (
    "Unpack the archive:\n\n" + block("tar xf a.tar.gz")
    + "Alternatively, there is a package. Install it:\n\n" + block("apt-get install ./a.deb")
    + "or use pip:\n\n" + block("pip install a") + "Then look:\n\n" + block("a --version")
)  # fmt: skip
LIST = (
    "There are two ways:\n\n* The quick one:\n\n" + block("quick install", "  ")
    + "* The slow one:\n\n" + block("slow install", "  ")
)  # fmt: skip
SECTIONS = (
    "Debian\n------\n\n" + block("echo debian") + "Fedora\n------\n\n" + block("echo fedora")
    + "Start\n-----\n\n" + block("echo start")
)  # fmt: skip
RUBRICS = (
    ".. rubric:: On Debian\n\n" + block("echo debian") + "Words.\n\n" + block("echo more")
    + ".. rubric:: On Fedora\n\n" + block("echo fedora")
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "platforms", "titles"),
    [
        (SENTENCES, [("debian",), ("fedora",), ()], ["On Debian", "On Fedora, run"]),
        (
            EITHER,
            [()] * 4,
            ["Unpack the archive", "Alternatively, there is a package", "or use pip"],
        ),
        (LIST, [(), ()], ["The quick one", "The slow one"]),
        (SECTIONS, [("debian",), ("fedora",), ()], ["Debian", "Fedora"]),
        (RUBRICS, [("debian",), ("debian",), ("fedora",)], ["On Debian", "On Fedora"]),
    ],
)
def test_words_make_alternatives_too(
    tmp_path: Path, text: str, platforms: list[tuple[str, ...]], titles: list[str]
) -> None:
    """Sentences, `or`, lists of ways, sections and rubrics; what follows is for all."""
    found = steps(tmp_path, text)
    assert [step.platforms for step in found] == platforms
    named = dict.fromkeys(a.title for step in found for a in step.alternatives)
    assert list(named) == titles


@pytest.mark.parametrize(
    "text",
    [
        "On the server:\n\n" + block("ls") + "On the client:\n\n" + block("ls"),
        "For example, on Ubuntu:\n\n" + block("ls"),
        "On one of the nodes:\n\n#. Stop it.\n\n" + block("ls", "   ")
        + "#. Start it.\n\n" + block("ls", "   "),
        "Debian\n------\n\n" + block("ls") + "Fedora CoreOS images\n--------------------\n\n"
        + block("ls"),
        "Install it. Words about the next:\n\n" + block("ls") + "Words.\n\nOr wait for it.\n\n",
    ],
)  # fmt: skip
def test_what_only_looks_like_alternatives_is_not(tmp_path: Path, text: str) -> None:
    """Hosts, examples, the steps of a list, a heading alone."""
    assert not any(step.platforms or step.alternatives for step in steps(tmp_path, text))


OURS = """\
      .. step:: {title}
         :on: box{more}

         ::

            # echo {title}

         .. check:: it is

            assert host

"""


def test_marked_steps_in_tabs_are_alternatives_unless_they_say_what_they_are_for(
    tmp_path: Path,
) -> None:
    """Their author has decided then."""
    text = ".. tab-set::\n\n" + "".join(
        f"   .. tab-item:: {title}\n\n" + OURS.format(title=title, more=more)
        for title, more in (("Debian", ""), ("Slow", ""), ("Fedora", "\n         :platform: el9"))
    )
    found = steps(tmp_path, text, own=True)
    assert [step.platforms for step in found] == [("debian",), (), ("el9",)]
    assert [len(step.alternatives) for step in found] == [1, 1, 0]


def test_tabs_within_a_step_are_an_error(tmp_path: Path) -> None:
    """A step does all that it shows."""
    inner = tabs("One", "Two", inside="      ")
    text = f".. step:: Both\n   :on: box\n\n{inner}   .. check:: it is\n\n      assert host\n"
    with pytest.raises(PlanError, match='of the tabs "One" and "Two" a reader follows one'):
        steps(tmp_path, text, own=True)


@pytest.fixture
def sample(tmp_path: Path) -> Guide:
    """A guide whose two tabs leave a mark each."""
    found = Guide(tmp_path)
    (found.directory / "conf.py").write_text(
        "extensions = ['runbook.sphinx', 'sphinx_tabs.tabs']\n"
    )
    parts = (
        f"   .. group-tab:: {title}\n\n      .. code-block:: console\n\n"
        f"         # touch PLACE/{mark}\n\n"
        for title, mark in (("From packages", "packages"), ("From source", "source"))
    )
    found.write(".. tabs::\n\n" + "".join(parts))
    return found


@pytest.mark.parametrize(
    ("options", "taken", "other"),
    [
        ((), "packages", '"From source"; "From packages" was taken'),
        (("--choose", "sample=from-source"), "source", '"From packages"; "From source" was taken'),
        (("--choose", "any=from-source"), "source", '"From packages"; "From source" was taken'),
    ],
)
def test_one_tab_runs_and_the_other_is_skipped_with_the_reason(
    sample: Guide, options: tuple[str, ...], taken: str, other: str
) -> None:
    """The operator's choice, or the first."""
    pytest.importorskip("sphinx_tabs")
    done = sample.call("run", "--unmarked", *options)
    assert [path.name for path in sample.place.iterdir()] == [taken], done.stdout + done.stderr
    skipped = [one for one in sample.outcomes() if one["verdict"] == "skipped"]
    assert [other in one["reason"] for one in skipped] == [True]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("sample=from-sources", "'sample' has no such one; its alternatives are: from-packages, f"),
        ("samples=from", "the guide has no choice 'samples'; it has: sample"),
    ],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_an_alternative_that_the_guide_does_not_have_is_refused(
    sample: Guide, choice: str, message: str, command: str
) -> None:
    """Otherwise another would be taken silently."""
    pytest.importorskip("sphinx_tabs")
    done = sample.call(command, "--choose", choice)
    assert (done.returncode, list(sample.place.iterdir())) == (3, [])
    assert message in done.stderr


def test_the_explanation_says_what_a_run_does(sample: Guide) -> None:
    """Before anything runs."""
    pytest.importorskip("sphinx_tabs")
    said = sample.call("plan", "--explain", "*").stdout
    assert said.count("run         runs with --unmarked") == 1
    assert 'skipped: alternative "From source"; "From packages" was taken' in said
    assert "--choose sample=from-source" in said
