"""The steps of the pages are those of the plan: both say what the author has typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.model import FileContent, Manual, codec
from runbook.sphinx.planning.plan import build
from tests.support.extended import CHECKED, html, writer

SAVE = """
def setup(app):
    import json
    from pathlib import Path
    from runbook.model import codec
    from runbook.sphinx.collect.document import get_document

    def save(app, error):
        if app.builder.name == "html":
            steps = [codec.dumps(one) for one in get_document(app, "index").steps]
            Path(app.confdir, "steps.json").write_text(json.dumps(steps))

    app.connect("build-finished", save)
"""
"""Writes the steps that pages are made of into a file."""

TEXT = f"""\
.. |it| replace:: "it's"

.. step:: Don't "wait" -- go
   :on: box

   .. manual::

      Press "Reset" -- and *don't wait* ... until |it| off.

   .. check:: it's "so" -- really

      assert host.exists('id')

.. step:: Write it
   :on: box

   *{{path}}*

   ::

      it's -- "so"

   It's done.
{CHECKED}"""


@pytest.mark.parametrize("mode", ["644", "0644"])
def test_a_mode_is_the_same_with_and_without_its_leading_zero(tmp_path: Path, mode: str) -> None:
    """A step that is written in another way is the same step."""
    text = f".. step:: One\n   :on: box\n\n   .. file:: /a\n      :mode: {mode}\n\n      x\n"
    guide = writer(tmp_path)(text, "runbook.sphinx")
    (step,) = build(guide, output=tmp_path / "plan").steps()
    (file,) = step.actions
    assert isinstance(file, FileContent)
    assert file.mode == "0644"


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_typographic_quotes_change_no_step(tmp_path: Path, language: str) -> None:
    """Pages show quotes of their language; what is proven stays what the plan has."""
    text = TEXT.replace("{path}", "/etc/a--b's.conf")
    conf = f"language = {language!r}\n{SAVE}"
    guide = writer(tmp_path)(text, "runbook.sphinx", conf=conf)
    page = html(guide)
    assert "&quot;Reset&quot;" not in page
    assert "until it" not in page
    steps = list(build(guide, output=tmp_path / "plan").steps())
    of_pages = json.loads((guide / "steps.json").read_text())
    assert of_pages == [codec.dumps(one) for one in steps]
    (task,), (file,) = steps[0].actions, steps[1].actions
    assert isinstance(task, Manual)
    assert task.text == 'Press "Reset" -- and don\'t wait ... until "it\'s" off.'
    assert isinstance(file, FileContent)
    assert file.path == "/etc/a--b's.conf"
