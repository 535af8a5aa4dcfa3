"""What the pages of a guide leave out is no part of its steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.model import Command, Manual, Step
from runbook.sphinx.planning.plan import build
from tests.support.extended import CHECKED, html, writer
from tests.support.problematic import complaints, without_documents, write

IFCONFIG = ("runbook.sphinx", "sphinx.ext.ifconfig")
BIG = 'big = {}\ndef setup(app): app.add_config_value("big", False, "")'


def one(*parts: str) -> str:
    """Return a step with these parts."""
    return ".. step:: One\n   :on: box\n\n" + "\n".join(parts) + CHECKED


def typed(command: str, directive: str = "") -> str:
    """Return a block that shows a command, in a directive."""
    if not directive:
        return f"   ::\n\n      # {command}\n"
    return f"   .. {directive}\n\n      ::\n\n         # {command}\n"


def planned(guide: Path) -> Step:
    """Return the only step of a guide."""
    (step,) = build(guide, output=guide.parent / "plan").steps()
    return step


def commands(guide: Path) -> list[str]:
    """Return what is typed in the only step of a guide."""
    return [a.text for a in planned(guide).actions if isinstance(a, Command)]


@pytest.mark.parametrize("is_big", [False, True])
def test_commands_run_only_if_the_configuration_shows_them(tmp_path: Path, is_big: bool) -> None:
    """Also after its value was changed, which is no reason for Sphinx to read pages again."""
    text = one(typed("a"), typed("b", "ifconfig:: big"), typed("c", "ifconfig:: builder == 'html'"))
    write_guide = writer(tmp_path)
    write_guide(text, *IFCONFIG, conf=BIG.format(not is_big))
    assert commands(tmp_path / "guide") == (["a", "c"] if is_big else ["a", "b", "c"])
    guide = write_guide(text, *IFCONFIG, conf=BIG.format(is_big))
    assert commands(guide) == (["a", "b", "c"] if is_big else ["a", "c"])
    page = html(guide)
    assert [f">{name}<" in page for name in "abc"] == [True, is_big, True]


@pytest.mark.parametrize("is_shown", [False, True])
def test_commands_of_a_todo_run_only_if_pages_show_it(tmp_path: Path, is_shown: bool) -> None:
    """Whether they do, `todo_include_todos` says."""
    guide = writer(tmp_path)(
        one(typed("a"), typed("b", "todo::")),
        *("runbook.sphinx", "sphinx.ext.todo"),
        conf=f"todo_include_todos = {is_shown}",
    )
    assert commands(guide) == (["a", "b"] if is_shown else ["a"])


def test_what_no_page_shows_has_no_steps(tmp_path: Path) -> None:
    """Whole steps, unmarked blocks and answers may be left out as well."""
    answers = "   .. only:: never\n\n      .. answers::\n\n         :Name: ``b``\n"
    hidden = one(typed("z")).replace("One", "Two").replace("\n", "\n   ")
    guide = writer(tmp_path)(
        f"{one(typed('a'), answers)}\n.. header::\n\n   ::\n\n      # h\n\n"
        f".. ifconfig:: False\n\n   {hidden}\n",
        *IFCONFIG,
    )
    assert commands(guide) == ["a"]


def test_unmarked_commands_run_only_if_the_configuration_shows_them(tmp_path: Path) -> None:
    """The guide has no marked step."""
    guide = writer(tmp_path)(
        "::\n\n   # touch /a\n\n.. ifconfig:: False\n\n   ::\n\n      # touch /b\n", *IFCONFIG
    )
    assert commands(guide) == ["touch /a"]


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        ("ifconfig:: bgi > 1", "NameError: name 'bgi' is not defined"),
        ("ifconfig:: 1 +", "SyntaxError: invalid syntax"),
        ("only:: html and", "TemplateSyntaxError: "),
    ],
)
def test_a_condition_that_cannot_be_evaluated_is_a_problem(
    tmp_path: Path, condition: str, error: str
) -> None:
    """It has a file and a line."""
    guide = without_documents(tmp_path)
    (guide / "conf.py").write_text(f"extensions = {list(IFCONFIG)}\n")
    write(guide, one(typed("a"), typed("b", condition)).replace("box", "gs1"))
    name = condition.partition(":")[0]
    found = [one for one in complaints(guide) if f"the condition of '{name}'" in one]
    assert len(found) == 1
    assert found[0].startswith(
        f"index.rst:11: the condition of '{name}' cannot be evaluated: {error}"
    )


def test_the_operator_reads_of_a_manual_task_what_the_page_shows(tmp_path: Path) -> None:
    """Neither comments nor what is left out; code keeps its lines."""
    text = (
        "   .. manual::\n\n"
        "      Press :index:`Reset <button>` and\n      _`wait`.\n\n"
        "      .. TODO secret comment\n\n"
        "      .. |x| replace:: y\n\n"
        "      .. _label:\n\n"
        "      .. only:: internal\n\n         Secret.\n\n"
        "      .. ifconfig:: False\n\n         Secret.\n\n"
        "      .. only:: html\n\n         Go |x|.\n\n"
        "      ::\n\n         a\n           b\n\n"
        "      - one\n        two\n      - three\n"
    )
    guide = writer(tmp_path)(one(text), *IFCONFIG)
    (task,) = planned(guide).actions
    assert isinstance(task, Manual)
    assert task.text == "Press Reset and wait.\n\nGo y.\n\na\n  b\n\none two\n\nthree"
