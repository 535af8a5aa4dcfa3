"""A guide with marked steps renders in every format, without a warning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parent / "samples" / "guide"
BUILDERS = ["html", "dirhtml", "singlehtml", "text", "xml", "latex", "man", "epub", "texinfo"]


def sphinx(builder: str, output: Path) -> None:
    """Build the sample guide with warnings as errors."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder),
            *("-d", output / "doctrees", SAMPLE, output / builder),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_builder_renders_steps_without_a_warning(builder: str, tmp_path: Path) -> None:
    """Directives make only nodes that every writer knows."""
    sphinx(builder, tmp_path)
    assert any((tmp_path / builder).iterdir())


def test_the_page_shows_values_where_the_plan_has_them(tmp_path: Path) -> None:
    """What the page shows is what runs; a name that nobody defines stays as it is."""
    sphinx("text", tmp_path)
    page = (tmp_path / "text" / "docs" / "hosts.txt").read_text(encoding="utf-8")
    assert "The engine is engine.example.com with gs1 at 10.9.8.1 and data." in page
    assert "# echo 10.9.8.1 |undefined| \\" in page
    assert '**File:** "/etc/motd"' in page
    assert "Welcome to engine.example.com" in page
    assert "**Check:** the" in page
    plain = (tmp_path / "text" / "docs" / "plain.txt").read_text(encoding="utf-8")
    assert "apt-get install a | tee /volume" in plain


def test_a_step_has_its_permanent_anchor_and_the_style_sheet(tmp_path: Path) -> None:
    """A report can point at the step on the page."""
    sphinx("html", tmp_path)
    page = (tmp_path / "html" / "docs" / "hosts.html").read_text(encoding="utf-8")
    assert 'id="greet-the-operator"' in page
    assert "_static/runbook.css" in page
    # The section of the same title came first and has the name.
    look = (tmp_path / "html" / "docs" / "storage" / "index.html").read_text(encoding="utf-8")
    assert '<section id="look">' in look
    assert 'id="step-look"' in look
    assert (tmp_path / "html" / "_static" / "runbook.css").is_file()
