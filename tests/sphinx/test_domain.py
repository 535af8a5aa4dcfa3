"""The domain: roles that refer to steps and checks, from this project and from others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sphinx.util.inventory import InventoryFile

from tests.support.extended import CHECKED, plan
from tests.support.forked import run_module

STORE = f"""\
Store
=====

.. step:: Start *the* store
   :on: box

   ::

      # systemctl start store
{CHECKED}
   .. check:: the store answers

      assert host.exists("store")

Then come back to :step:`start-the-store`.
"""
INDEX = """\
Guide
=====

.. toctree::

   deep/store

See :step:`deep/store/start-the-store`, :step:`there <deep/store/start-the-store>`,
:runbook:step:`deep/store/Start the store`,
:check:`deep/store/start-the-store/the store answers`.
"""


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """A guide whose start refers to what a chapter does."""
    made = tmp_path / "guide"
    (made / "deep").mkdir(parents=True)
    (made / "conf.py").write_text('extensions = ["runbook.sphinx"]\nhtml_theme = "basic"\n')
    (made / "index.rst").write_text(INDEX)
    (made / "deep/store.rst").write_text(STORE)
    return made


def build(guide: Path, *options: str, builder: str = "html") -> tuple[Path, str]:
    """Build a guide; return the output, and what was said on standard error."""
    output = guide.parent / builder
    done = run_module(
        *("sphinx", "-q", "-E", "-b", builder, *options, str(guide), str(output)),
        environment=os.environ | {"NO_COLOR": "1"},
    )
    return output, done.stderr


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_roles_link_to_steps_and_checks_with_their_titles(guide: Path, jobs: str) -> None:
    """By id, or by title; in the same document without its name. Also if several processes read."""
    for number in range(8):  # Sphinx reads fewer documents in one process
        (guide / f"more{number}.rst").write_text(":orphan:\n\nMore\n====\n")
    output, said = build(guide, "-j", jobs)
    assert said == ""
    page = (output / "index.html").read_text()
    link = '<a class="reference internal" href="deep/store.html#{}" title="{}">{}</a>'
    reference = '<span class="runbook-step-reference">Start the store</span>'
    expected = link.format("start-the-store", "Start the store", reference)
    assert page.count(expected) == 2
    assert ">there</span></a>" in page
    assert 'href="deep/store.html#start-the-store-the-store-answers"' in page
    assert ">the store answers</span></a>" in page
    chapter = (output / "deep/store.html").read_text()
    assert 'href="#start-the-store" title="Start the store"' in chapter
    assert 'class="runbook-check" id="start-the-store-the-store-answers"' in chapter


def test_a_reference_to_nothing_is_told_with_what_may_be_meant(guide: Path) -> None:
    """With the line, and so that it can be suppressed like other references."""
    (guide / "index.rst").write_text(INDEX.replace(":step:`deep/store/st", ":step:`deep/store/t"))
    said = build(guide)[1]
    assert (
        "index.rst:8: WARNING: there is no step 'deep/store/tart-the-store'; "
        "did you mean 'deep/store/start-the-store'?"
    ) in said
    assert build(guide, "-D", "suppress_warnings=ref.step")[1] == ""


def test_other_projects_reach_steps_through_the_inventory(guide: Path, tmp_path: Path) -> None:
    """By intersphinx, with the title of the step; the search has the same objects."""
    output, _ = build(guide)
    with (output / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", os.path.join)
    assert set(inventory["runbook:step"]) == {"deep/store/start-the-store"}
    assert set(inventory["runbook:check"]) == {
        "deep/store/start-the-store/it-is",
        "deep/store/start-the-store/the-store-answers",
    }
    assert '"Runbook step"' in (output / "searchindex.js").read_text()
    other = tmp_path / "other"
    other.mkdir()
    (other / "conf.py").write_text(
        'extensions = ["runbook.sphinx", "sphinx.ext.intersphinx"]\nhtml_theme = "basic"\n'
        f'intersphinx_mapping = {{"store": ("https://store.example/", "{output}/objects.inv")}}\n'
    )
    (other / "index.rst").write_text(
        "Other\n=====\n\nDo :external+store:runbook:step:`deep/store/start-the-store` first.\n"
    )
    output, said = build(other)
    assert said == ""
    page = (output / "index.html").read_text()
    assert 'href="https://store.example/deep/store.html#start-the-store"' in page
    assert ">Start the store</span></a>" in page


def test_links_to_steps_work_in_pdf(guide: Path) -> None:
    """The writer gives the containers of steps no anchors."""
    output, said = build(guide, builder="latex")
    assert said == ""
    (file,) = output.glob("*.tex")
    text = file.read_text()
    for anchor in ("start-the-store", "start-the-store-the-store-answers"):
        assert rf"\label{{\detokenize{{deep/store:{anchor}}}}}" in text
        assert rf"\hyperref[\detokenize{{deep/store:{anchor}}}]" in text


def test_a_document_that_is_read_again_has_no_old_steps(guide: Path) -> None:
    """The reference to a step that was renamed is told."""
    build(guide)
    (guide / "deep/store.rst").write_text(STORE.replace("Start", "Begin"))
    done = run_module("sphinx", "-q", str(guide), str(guide.parent / "html"))
    assert "there is no step 'start-the-store'; did you mean" in done.stderr
    assert "deep/store/begin-the-store" in done.stderr


def test_short_names_can_be_left_to_others(guide: Path) -> None:
    """Then the full names alone are ours, of every directive and role."""
    (guide / "conf.py").write_text(
        'extensions = ["runbook.sphinx"]\nhtml_theme = "basic"\nrunbook_short_names = False\n'
    )
    (guide / "index.rst").write_text(
        "Guide\n=====\n\n.. runbook:proven::\n\n.. toctree::\n\n   deep/store\n\n"
        ":runbook:step:`deep/store/start-the-store`\n"
    )
    full = STORE.replace(":step:", ":runbook:step:").replace(".. step::", ".. runbook:step::")
    full = full.replace(".. check::", ".. runbook:check::")
    (guide / "deep/store.rst").write_text(full)
    output, said = build(guide)
    assert said == ""
    assert 'href="deep/store.html#start-the-store"' in (output / "index.html").read_text()
    (step,) = plan(guide, lenient=False).steps()
    assert len(step.checks) == 2
    (guide / "deep/store.rst").write_text(STORE)
    said = build(guide)[1]
    assert 'Unknown directive type "step"' in said
    assert 'Unknown interpreted text role "step"' in said


def test_a_role_of_another_extension_keeps_its_name(
    guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guide that has one beside our directives means it."""
    (guide / "other_roles.py").write_text(
        "from docutils import nodes\n\n"
        "def role(name, rawtext, text, *rest):\n"
        "    return [nodes.strong('', 'theirs ' + text)], []\n\n"
        "def setup(app):\n    app.add_role('check', role)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(guide))
    (guide / "conf.py").write_text(
        'extensions = ["runbook.sphinx", "other_roles"]\nhtml_theme = "basic"\n'
    )
    output, said = build(guide)
    assert said == ""
    page = (output / "index.html").read_text()
    assert "<strong>theirs deep/store/start-the-store/the store answers</strong>" in page
