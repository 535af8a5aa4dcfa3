"""The prose of a guide: its chapters follow a template, and it uses the guide's terms."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from runbook.commands.authoring.findings import findings
from runbook.model.node import YamlError
from runbook.model.terms import load
from runbook.results.plan_record import PlanError
from runbook.sphinx.planning.plan import build

CONF = """
extensions = ["runbook.sphinx"]
runbook_terms = "terms.yaml"
runbook_template = {"Before you begin": "always", "If it fails": "always", "Undo": "changes"}
"""
TERMS = """\
terms:
  network cards?:
    right: NIC
    why: as the portal says
  (?-i:gib):
    right: GiB
"""
STEP = """
.. step:: Do it
   OPTIONS

   .. code-block:: console

      # touch /tmp/network-card

   .. check:: the thing is done

      assert host.file("/tmp/network card").exists
"""
GOOD = f"""
Chapter
=======

A NIC of 3 GiB, and the file ``network card``.

Before you begin
----------------
{STEP}
If it fails
-----------

Undo
----
"""


def lint(guide: Path, text: str, options: str = ":timeout: 5") -> list[str]:
    """Return the findings about the guide whose one page is `text`."""
    (guide / "lab").mkdir(exist_ok=True)
    (guide / "conf.py").write_text(CONF)
    (guide / "terms.yaml").write_text(TERMS)
    (guide / "index.rst").write_text(textwrap.dedent(text).strip().replace("OPTIONS", options))
    return [str(one) for one in findings(guide, build(guide, output=guide / "build/plan"))]


def test_a_chapter_that_follows_the_rules_has_no_findings(tmp_path: Path) -> None:
    """Code is not prose."""
    assert lint(tmp_path, GOOD) == []


def test_a_missing_section_is_found(tmp_path: Path) -> None:
    """At the heading of the chapter."""
    missing = GOOD.replace("Undo\n----\n", "")
    expected = "index.rst:1: the chapter has no section 'Undo' [template]"
    assert lint(tmp_path, missing) == [expected]


def test_a_chapter_that_changes_nothing_needs_no_undo(tmp_path: Path) -> None:
    """There would be nothing to write in it."""
    assert lint(tmp_path, GOOD.replace("Undo\n----\n", ""), ":readonly:") == []


def test_a_page_without_steps_needs_no_template(tmp_path: Path) -> None:
    """It explains, and nobody follows it."""
    assert lint(tmp_path, "Concepts\n========\n\nA NIC.\n") == []


def test_a_section_at_another_place_is_found_at_its_heading(tmp_path: Path) -> None:
    """A reader looks for it where other chapters have it."""
    text = GOOD.replace("Undo\n", "X\n").replace("If it fails\n-----------", "Undo\n----")
    text = text.replace("X\n----", "If it fails\n-----------")
    number = text.strip().splitlines().index("Undo") + 1
    assert lint(tmp_path, text) == [
        f"index.rst:{number}: the section 'Undo' belongs below 'If it fails' [template]"
    ]


def test_a_section_with_nearly_the_same_title_is_named(tmp_path: Path) -> None:
    """It is renamed, not written anew."""
    text = GOOD.replace("If it fails\n----", "If this fails\n------")
    number = text.strip().splitlines().index("If this fails") + 1
    expected = f"index.rst:{number}: this section is called 'If it fails' in every chapter"
    assert lint(tmp_path, text) == [f"{expected} [template]"]


@pytest.mark.parametrize("place", ["A NIC of", "Do it", "Chapter\n=======", "the thing is done"])
def test_a_wrong_term_is_found_wherever_people_read(tmp_path: Path, place: str) -> None:
    """In paragraphs, titles of steps, headings and sentences of checks."""
    text = GOOD.replace(place, f"Network cards {place}" + "=" * 14 * place.endswith("="), 1)
    if place.endswith("="):
        text = GOOD.replace(place, "Network cards\n=============")
    number = next(n for n, t in enumerate(text.strip().splitlines(), 1) if "Network cards" in t)
    assert lint(tmp_path, text) == [
        f"index.rst:{number}: 'Network cards' is not a term of this guide: as the portal says; "
        "write 'NIC' [term]"
    ]


def test_a_term_may_cross_the_end_of_a_line(tmp_path: Path) -> None:
    """And has the line on which it begins."""
    text = GOOD.replace("A NIC of", "First line,\nthen a network\ncard of")
    assert [one.split(" is not")[0] for one in lint(tmp_path, text)] == [
        "index.rst:5: 'network card'"
    ]


def test_a_pattern_may_regard_case(tmp_path: Path) -> None:
    """A unit is right or wrong by its case alone."""
    assert lint(tmp_path, GOOD.replace("3 GiB", "3 gib"))[0].endswith("; write 'GiB' [term]")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("network cards?", "network (cards", 2, "this is not a regular expression"),
        ("network cards?", '"x*"', 2, "it matches nothing at all"),
        ("right: NIC", "rigth: NIC", 3, "unknown key 'rigth'; did you mean 'right'?"),
        ("(?-i:gib)", "network cards?", 5, "is given twice, first on line 2"),
    ],
)
def test_a_mistake_in_the_terms_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    """A writer is sent to the very line."""
    path = tmp_path / "terms.yaml"
    path.write_text(TERMS.replace(old, new, 1))
    with pytest.raises(YamlError) as caught:
        load(path)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"{path}:{line}:")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"changes"', '"sometimes"', "'Undo' must be 'always' or 'changes', not 'sometimes'"),
        ("{.*}", '["Undo"]', "runbook_template: must be a dictionary of titles of sections"),
    ],
)
def test_a_template_that_cannot_be_followed_is_an_error(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """The setting is checked, not guessed."""
    lint(tmp_path, GOOD)
    (tmp_path / "conf.py").write_text(re.sub(old, new, CONF))
    with pytest.raises(PlanError, match=message):
        build(tmp_path, output=tmp_path / "build/plan")
