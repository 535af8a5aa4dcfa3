"""A guide with marked steps renders in every format, without a warning."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.forked import run_module
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES / "guide"
BUILDERS = ["html", "dirhtml", "singlehtml", "text", "xml", "latex", "man", "epub", "texinfo"]


def sphinx(builder: str, output: Path) -> None:
    """Build the sample guide with warnings as errors."""
    done = run_module(
        *("sphinx", "-q", "-W", "-b", builder),
        *("-d", output / "doctrees", SAMPLE, output / builder),
        environment=os.environ | {"NO_COLOR": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder_renders_steps_without_a_warning(builder: str, tmp_path: Path) -> None:
    """Directives make only nodes that every writer supports."""
    sphinx(builder, tmp_path)
    assert any((tmp_path / builder).iterdir())


def test_the_page_shows_values_where_the_plan_has_them(tmp_path: Path) -> None:
    """The page shows what runs; the name of a program is a pipe."""
    sphinx("text", tmp_path)
    page = (tmp_path / "text" / "docs" / "hosts.txt").read_text(encoding="utf-8")
    assert "The engine is engine.example.com with gs1 at 10.9.8.1 and data." in page
    assert "# echo 10.9.8.1 |sort| \\" in page
    assert '**File:** "/etc/motd"' in page
    assert "Welcome to engine.example.com" in page
    assert "**Check:** the" in page
    plain = (tmp_path / "text" / "docs" / "plain.txt").read_text(encoding="utf-8")
    assert "apt-get install a | tee /volume" in plain


def test_a_step_has_its_permanent_anchor_and_the_style_sheet(tmp_path: Path) -> None:
    """So that a report can link to the step."""
    sphinx("html", tmp_path)
    page = (tmp_path / "html" / "docs" / "hosts.html").read_text(encoding="utf-8")
    assert 'id="greet-the-operator"' in page
    assert "_static/runbook.css" in page
    # A section with the same title takes precedence.
    look = (tmp_path / "html" / "docs" / "storage" / "index.html").read_text(encoding="utf-8")
    assert '<section id="look">' in look
    assert 'id="step-look"' in look
    assert (tmp_path / "html" / "_static" / "runbook.css").is_file()
