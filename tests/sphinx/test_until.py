"""`:until:` names the later step that makes a check or a file false."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.model import FileContent
from runbook.sphinx.planning.plan import PlanError, build

GUIDE = """\
Data
====

.. step:: Make it the primary
   :on: gs1

   .. file:: /etc/role
      FILE

      primary

   .. check:: it is the primary
      CHECK

      assert host.file("/etc/role").content_string == "primary\\n"

.. step:: Switch over
   :on: gs1

   .. code-block:: console

      # echo standby > /etc/role

   .. check:: it is a standby

      assert host.file("/etc/role").content_string == "standby\\n"
"""


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """A directory for a guide."""
    (tmp_path / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    return tmp_path


def write(guide: Path, *, check: str = "", file: str = "") -> None:
    """Write the guide, with options of its first check and of its file."""
    text = GUIDE.replace("      FILE\n", f"      {file}\n" if file else "")
    (guide / "index.rst").write_text(
        text.replace("      CHECK\n", f"      {check}\n" if check else "")
    )


def errors(guide: Path) -> str:
    """What a plan of the guide is refused for."""
    with pytest.raises(PlanError) as error:
        build(guide, output=guide / "build")
    return str(error.value)


def test_a_check_and_a_file_end_with_a_later_step(guide: Path) -> None:
    """The plan has its id. Where it depends on the platform which step that is, it has several."""
    write(guide, check=":until: index/switch-over", file=":until: index/switch-over")
    step = next(build(guide, output=guide / "build").steps())
    (file,) = (action for action in step.actions if isinstance(action, FileContent))
    assert step.checks[0].until == file.until == ("index/switch-over",)
    write(guide, check=":until: index/switch-over index/swich-over")
    assert "there is no step 'index/swich-over'" in errors(guide)


@pytest.mark.parametrize(
    ("options", "line"),
    [({"check": ":until: index/swich-over"}, 14), ({"file": ":until: index/swich-over"}, 7)],
)
def test_a_step_that_does_not_exist_is_an_error(
    guide: Path, options: dict[str, str], line: int
) -> None:
    """A slip of the pen must not leave the promise standing, or end it in silence."""
    write(guide, **options)
    said = errors(guide)
    assert f"index.rst:{line}: until: there is no step 'index/swich-over'" in said
    assert "did you mean 'index/switch-over'?" in said


def test_a_step_that_does_not_come_after_is_an_error(guide: Path) -> None:
    """What it would make false has not been shown yet."""
    write(guide, check=":until: index/make-it-the-primary")
    assert "the step 'index/make-it-the-primary' does not come after this one" in errors(guide)


def test_the_id_must_be_whole(guide: Path) -> None:
    """As everywhere else where a step is named."""
    write(guide, check=":until: switch-over")
    assert "'switch-over' is not the full id of a step, such as storage/remove-it" in errors(guide)


def test_chapters_are_undone_from_the_last_to_the_first(guide: Path) -> None:
    """So what undoes an earlier chapter comes after what undoes a later one."""
    undo = (
        ".. step:: Undo {title}\n   :on: gs1\n   :undo:\n\n   .. code-block:: console\n\n"
        "      # true\n\n   .. check:: it is gone\n      {until}\n\n"
        "      assert not host.file('/x').exists\n"
    )
    toctree = ".. toctree::\n\n   first\n   second\n"
    (guide / "index.rst").write_text(f"Top\n===\n\n{toctree}")

    def chapters(first: str, second: str) -> None:
        for name, until in (("first", first), ("second", second)):
            text = undo.format(title=name, until=until)
            (guide / f"{name}.rst").write_text(f"{name}\n======\n\n{text}")

    chapters(":within: 1s", ":until: first/undo-first")
    assert len(list(build(guide, output=guide / "build").steps())) == 2
    chapters(":until: second/undo-second", ":within: 1s")
    assert "the step 'second/undo-second' does not come after this one" in errors(guide)
