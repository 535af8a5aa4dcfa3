"""Steps name source notes; pages show them, and one that nobody wrote is an error."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runbook.model.node import YamlError
from runbook.sphinx.planning.plan import PlanError
from runbook.sphinx.planning.plan import build as plan
from tests.support import pages

NOTES = """\
program: engine
release: 4.5.7
repository: someone/engine
tag: engine-4.5.7
notes:
  mode:
    file: setup/mode.py
    says: it asks "Mode [Virt]"
    ran: the genuine setup on gs1
  ports: {file: setup/ports.py, says: it listens on 443}
"""
ALL_NOTES = "Sources\n=======\n\n.. source-notes::\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A guide of which one step names a note."""
    guide = pages.guide(tmp_path_factory.mktemp("notes"))
    with (guide / "conf.py").open("a") as conf:
        conf.write('runbook_sources = "notes"\n')
        conf.write('suppress_warnings = ["runbook.unsourced", "runbook.unused-source"]\n')
    (guide / "notes").mkdir()
    (guide / "notes/engine-4.5.7.yaml").write_text(NOTES)
    (guide / "sources.rst").write_text(ALL_NOTES)
    index = guide / "index.rst"
    index.write_text(index.read_text().replace("   proven\n", "   proven\n   sources\n"))
    name_note(guide, "engine-4.5.7/mode")
    other = guide / "other.rst"
    other.write_text(f"{other.read_text()}\n.. source-notes:: engine-4.5.7/ports\n")
    pages.build(guide)
    return guide


@pytest.fixture
def guide(written: Path, tmp_path: Path) -> Path:
    """A copy of the guide that may be changed."""
    return shutil.copytree(written, tmp_path / "guide")


def name_note(guide: Path, ids: str) -> None:
    """Let the step on the line 11 of the page 'store' name these notes, and no other."""
    path = guide / "store.rst"
    lines = [line for line in path.read_text().splitlines() if ":sources:" not in line]
    number = lines.index(".. step:: Write it down")
    lines.insert(number + 1, f"   :sources: {ids}")
    path.write_text("\n".join(lines) + "\n")


def page(guide: Path, name: str) -> str:
    """The HTML of a page."""
    return (guide / f"build/html/{name}.html").read_text()


def test_the_plan_has_the_notes_and_its_steps_name_them(written: Path) -> None:
    """The notes stand in it once, however many steps name them."""
    made = plan(written, output=written / "build/plan", strict=True)
    assert [note.id for note in made.sources] == ["engine-4.5.7/mode", "engine-4.5.7/ports"]
    assert made.sources[0].location.document == "notes/engine-4.5.7.yaml"
    named = {step.id: step.sources for step in made.steps() if step.sources}
    assert named == {"store/write-it-down": ("engine-4.5.7/mode",)}


def test_a_card_says_where_its_facts_are_from(written: Path) -> None:
    """Program, release, file and what it says, folded; a step without notes has no fold."""
    text = page(written, "store")
    assert text.count("Facts from") == 1
    fold = text[text.index('<details class="runbook-sources"') :]
    fold = fold[: fold.index("</details>")]
    assert "<strong>engine 4.5.7</strong>" in fold
    assert 'href="https://github.com/someone/engine/blob/engine-4.5.7/setup/mode.py"' in fold
    assert "it asks &quot;Mode [Virt]&quot;" in fold or 'it asks "Mode [Virt]"' in fold
    assert "Compared with the genuine setup on gs1." in fold
    assert "runbook-value" not in fold


def test_prose_names_notes_as_well(written: Path) -> None:
    """They are shown where it stands, in every format."""
    fold = page(written, "other").partition('<details class="runbook-sources"')[2]
    assert "it listens on 443" in fold.partition("</details>")[0]
    made = plan(written, output=written / "build/plan", strict=True)
    assert [(one.note, one.location.document) for one in made.cited] == [
        ("engine-4.5.7/ports", "other.rst")
    ]
    text = (pages.build(written, "text") / "other.txt").read_text()
    assert "Facts from:" in text
    assert "engine 4.5.7" in text
    assert "it listens on 443" in text


def test_prose_that_names_a_note_which_nobody_wrote_is_an_error(guide: Path) -> None:
    """At the line of the directive."""
    other = guide / "other.rst"
    other.write_text(other.read_text().replace("4.5.7/ports", "4.5.7/port"))
    line = other.read_text().splitlines().index(".. source-notes:: engine-4.5.7/port") + 1
    with pytest.raises(PlanError) as caught:
        plan(guide, output=guide / "build/plan")
    assert (
        f"other.rst:{line}: sources: there is no source note 'engine-4.5.7/port'; "
        "did you mean 'engine-4.5.7/ports'?"
    ) in str(caught.value)


def test_a_page_lists_all_notes_with_the_steps_that_they_serve(written: Path) -> None:
    """Also a note that serves none."""
    text = page(written, "sources")
    assert "engine 4.5.7" in text
    assert 'href="store.html#write-it-down"' in text
    assert "it listens on 443" in text


def test_a_changed_note_rewrites_the_pages_that_show_it(guide: Path) -> None:
    """And no other chapter."""
    pages.build(guide)
    names = ("store", "other", "proven", "sources")
    before = {name: (guide / f"build/html/{name}.html").stat().st_mtime_ns for name in names}
    path = guide / "notes/engine-4.5.7.yaml"
    path.write_text(path.read_text().replace("Mode [Virt]", "Mode [Both]"))
    pages.build(guide)
    after = {name: (guide / f"build/html/{name}.html").stat().st_mtime_ns for name in names}
    changed = [name for name in names if before[name] != after[name]]
    assert "other" not in changed
    assert {"store", "sources"} <= set(changed)
    assert "Mode [Both]" in page(guide, "store")
    assert "Mode [Both]" in page(guide, "sources")


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (
            "engine-4.5.7/mod",
            "store.rst:11: sources: there is no source note 'engine-4.5.7/mod'; "
            "did you mean 'engine-4.5.7/mode'?",
        ),
        ("xyz/abc", "store.rst:11: sources: there is no source note 'xyz/abc'"),
        ("mode", "'mode' is not the id of a source note, such as engine-4.5.7/mode"),
    ],
)
def test_a_note_that_nobody_wrote_is_an_error(guide: Path, ids: str, message: str) -> None:
    """With file and line, and with what was probably meant."""
    name_note(guide, ids)
    with pytest.raises(PlanError) as caught:
        plan(guide, output=guide / "build/plan")
    assert message in str(caught.value)


def test_without_a_directory_of_notes_the_error_names_the_setting(guide: Path) -> None:
    """A writer who has seen the option in another guide looks there."""
    conf = guide / "conf.py"
    conf.write_text(conf.read_text().replace('runbook_sources = "notes"\n', ""))
    with pytest.raises(PlanError, match=r"the setting .runbook_sources. of conf\.py"):
        plan(guide, output=guide / "build/plan")


def test_a_mistake_in_a_file_of_notes_is_named_with_its_line(guide: Path) -> None:
    """In a plan as in the build of pages."""
    path = guide / "notes/engine-4.5.7.yaml"
    path.write_text(NOTES.replace("says: it listens", "say: it listens"))
    with pytest.raises(YamlError, match=r"engine-4\.5\.7\.yaml:10: .*did you mean 'says'"):
        plan(guide, output=guide / "build/plan")
