"""Our directives and those of other extensions with the same names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.extended import OURS, WriteGuide, html, plan, writer

# Some of these extensions use what Sphinx deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def guide(tmp_path: Path) -> WriteGuide:
    """Return a function that writes a guide of one page."""
    return writer(tmp_path)


@pytest.mark.parametrize("first", [0, 1])
def test_a_step_of_ours_and_one_of_sphinx_design_are_told_apart(
    guide: WriteGuide, first: int
) -> None:
    """In either order of the extensions, in the plan and on the page, without a warning."""
    pytest.importorskip("sphinx_design", minversion="0.8")
    text = (
        f"{OURS}\n.. steps::\n\n   .. step:: Theirs\n\n      Words.\n\n"
        "   .. step::\n\n      .. step:: Inner\n         :on: box\n\n         ::\n\n"
        "            # echo inner\n\n         .. check:: it is\n\n            assert host\n\n"
        f"{OURS.replace('step::', 'runbook:step::').replace('Greet', 'Full')}"
    )
    names = ["sphinx_design", "runbook.sphinx"]
    directory = guide(text, *(names if first == 0 else names[::-1]))
    assert [step.title for step in plan(directory, lenient=False).steps()] == [
        "Greet",
        "Inner",
        "Full",
    ]
    page = html(directory)
    assert "sd-step-title" in page
    assert 'id="greet"' in page


FOREIGN = """
from docutils import nodes
from docutils.parsers.rst import Directive

class Check(Directive):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    def run(self):
        return [nodes.paragraph("", "theirs")]

def setup(app):
    app.add_directive("check", Check)
"""


def test_a_name_that_another_extension_uses_too_is_ours_with_a_warning(
    guide: WriteGuide, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how to keep the other one; then ours has its full name only."""
    directory = guide(OURS, "checks_of_another", "runbook.sphinx")
    (directory / "checks_of_another.py").write_text(FOREIGN)
    monkeypatch.syspath_prepend(str(directory))
    monkeypatch.delitem(sys.modules, "checks_of_another", raising=False)
    (step,) = plan(directory, lenient=False).steps()
    assert len(step.checks) == 1
    said = capsys.readouterr().err
    assert "the directive 'check' of checks_of_another is hidden" in said
    assert "runbook_other_directives = ['check']" in said
    full = OURS.replace(".. check::", ".. runbook:check::")
    guide(
        f"{full}\n.. check:: theirs\n\n   x\n", "checks_of_another", "runbook.sphinx",
        conf="runbook_other_directives = ['check']",
    )  # fmt: skip
    (step,) = plan(directory, lenient=False).steps()
    assert len(step.checks) == 1
    assert "hidden" not in capsys.readouterr().err
