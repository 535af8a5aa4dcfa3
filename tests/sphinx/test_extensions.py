"""Guides that use other extensions are planned and built, installed or not."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from pathlib import Path

import pytest

from runbook.model import Command, Runbook
from tests.support.extended import CHECKED, OURS, WriteGuide, html, plan, writer

# Some of these extensions use what Sphinx deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def guide(tmp_path: Path) -> WriteGuide:
    """Return a function that writes a guide of one page."""
    return writer(tmp_path)


@pytest.fixture(params=["installed", "missing"])
def availability(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make the extensions of this module missing in one of two runs."""
    if request.param == "missing":
        for name in ("tabs", "design", "inline_tabs", "copybutton", "terminal"):
            monkeypatch.setitem(sys.modules, f"sphinx_{name}", None)
        for name in ("sphinx_tabs.tabs", "sphinx-prompt", "sphinx_substitution_extensions"):
            monkeypatch.setitem(sys.modules, name, None)
    return str(request.param)


def needs(availability: str, *names: str) -> None:
    """Skip a test of extensions that are not installed here."""
    for name in names:
        if availability == "installed" and importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")


def typed(found: Runbook) -> list[tuple[str, str | None]]:
    """Return the commands of all steps with their output."""
    return [
        (action.text, action.output)
        for step in found.steps()
        for action in step.actions
        if isinstance(action, Command)
    ]


TABS = """\
.. tabs::

   .. group-tab:: From packages

      .. include:: part.inc

   .. group-tab:: From source

      ::

         # make install
"""
DESIGN = """\
.. tab-set::

   .. tab-item:: From packages

      .. include:: part.inc

   .. tab-item:: From source

      ::

         # make install
"""
INLINE = """\
.. tab:: From packages

   .. include:: part.inc

.. tab:: From source

   ::

      # make install
"""


@pytest.mark.parametrize(
    ("extension", "text"),
    [("sphinx_tabs.tabs", TABS), ("sphinx_design", DESIGN), ("sphinx_inline_tabs", INLINE)],
)
def test_tabs_are_alternatives_and_their_blocks_are_planned_once(
    guide: WriteGuide, availability: str, extension: str, text: str
) -> None:
    """Also a block in a file that a tab includes."""
    needs(availability, extension)
    directory = guide(text, extension)
    (directory / "part.inc").write_text("::\n\n   # apt-get install it\n")
    one, two = plan(directory).steps()
    assert [a.title for s in (one, two) for a in s.alternatives] == ["From packages", "From source"]
    assert {a.first for s in (one, two) for a in s.alternatives} == {"From packages"}
    assert str(one.location) == "part.inc:3"


FIRST = {
    "a step": ".. step:: Install\n\n   .. code-block:: console\n\n      # make install\n",
    "a caption": ".. code-block:: console\n   :caption: Type\n\n   # make install\n",
    "a container": ".. container:: box\n\n   .. code-block:: console\n\n      # make install\n",
}


@pytest.mark.parametrize("tab", ["tab", "group-tab"])
@pytest.mark.parametrize("first", FIRST.values(), ids=FIRST)
def test_what_is_first_in_a_tab_is_no_title(
    guide: WriteGuide, availability: str, tab: str, first: str
) -> None:
    """Its commands are planned like those of a block."""
    needs(availability, "sphinx_tabs.tabs")
    panel = textwrap.indent(f".. {tab}:: Source\n\n{textwrap.indent(first, '   ')}", "   ")
    found = plan(guide(f".. tabs::\n\n{panel}", "sphinx_tabs.tabs"))
    assert typed(found) == [("make install", None)]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("bash #", [("echo one", None), ("echo two", None)]),
        ("bash $ auto", [("echo one", "one"), ("echo two", None)]),
    ],
)
def test_a_prompt_directive_is_read_by_its_prompts(
    guide: WriteGuide, availability: str, prompt: str, expected: list[tuple[str, str | None]]
) -> None:
    """Of sphinx-prompt."""
    needs(availability, "sphinx-prompt")
    lines = ["$ echo one", "one", "$ echo two"] if "auto" in prompt else ["echo one", "echo two"]
    body = "\n".join(f"   {line}" for line in lines)
    assert typed(plan(guide(f".. prompt:: {prompt}\n\n{body}\n", "sphinx-prompt"))) == expected


TERMINAL = """\
.. terminal::
   :user: root

   cat /etc/relay.conf

   # the first comment
   $ not typed

.. terminal::
   :output-only:

   # rm -rf /

.. terminal::
   :input: lxc list
   :copy:

   none
   :input: lxc info
   $ one
"""


def test_a_terminal_directive_says_what_is_typed_and_what_is_printed(
    guide: WriteGuide, availability: str
) -> None:
    """Of both extensions that have one; prompts in its output are output."""
    needs(availability, "sphinx_terminal")
    assert typed(plan(guide(TERMINAL, "sphinx_terminal"))) == [
        ("cat /etc/relay.conf", "# the first comment\n$ not typed"),
        ("lxc list", "none"),
        ("lxc info", "$ one"),
    ]


def test_a_terminal_directive_in_a_step_compares_what_is_printed(
    guide: WriteGuide, availability: str
) -> None:
    """Its lines are told where they stand."""
    needs(availability, "sphinx_terminal")
    text = (
        ".. step:: One\n   :on: box\n\n   .. terminal::\n      :user: root\n\n"
        f"      echo one \\\n        two\n\n      one two\n{CHECKED}"
    )
    (step,) = plan(guide(text, "sphinx_terminal", "runbook.sphinx")).steps()
    (command,) = step.actions
    assert isinstance(command, Command)
    assert (command.text, command.output) == ("echo one \\\n  two", "one two")
    assert (command.compare, command.location.line) == (True, 10)


def test_values_are_replaced_where_an_option_says_so(guide: WriteGuide, availability: str) -> None:
    """Of sphinx-substitution-extensions, in either order with ours."""
    needs(availability, "sphinx_substitution_extensions")
    text = (
        ".. |region| replace:: north\n\n.. code-block:: console\n   :substitutions:\n\n"
        "   # echo |region|\n\n.. code-block:: console\n\n   # echo a |region| b\n"
    )
    names = ("sphinx_substitution_extensions", "runbook.sphinx")
    for extensions in (names, names[::-1]):
        found = plan(guide(text, *extensions))
        assert typed(found) == [("echo north", None), ("echo a |region| b", None)]
        assert [step.location.line for step in found.steps()] == [9, 13]


def test_copybutton_changes_nothing(guide: WriteGuide, availability: str) -> None:
    """It only adds a button to the page."""
    needs(availability, "sphinx_copybutton")
    found = plan(guide(OURS, "sphinx_copybutton", "runbook.sphinx"))
    assert typed(found) == [("echo hello", None)]


def test_all_of_them_together_make_a_page(guide: WriteGuide) -> None:
    """The page has what they show, and the steps that they are in have their commands."""
    for name in ("sphinx_tabs", "sphinx_design", "sphinx_copybutton", "sphinx-prompt"):
        pytest.importorskip(name)
    text = (
        f"{TABS.replace('.. include:: part.inc', 'Words.')}\n"
        f"{DESIGN.replace('.. include:: part.inc', 'Words.')}\n"
        ".. step:: One\n   :on: box\n\n   .. prompt:: bash #\n\n      echo prompted\n"
        f"{CHECKED}"
    )
    directory = guide(
        text, "sphinx_tabs.tabs", "sphinx_design", "sphinx_copybutton", "sphinx-prompt",
        "runbook.sphinx",
    )  # fmt: skip
    assert ("echo prompted", None) in typed(plan(directory, lenient=False))
    page = html(directory)
    assert page.count("prompted") == 1
