"""`runbook report` writes the reports of a run again."""

from __future__ import annotations

from pathlib import Path

from tests.support.forked import run_module
from tests.support.guides import Guide, making


def test_a_report_can_be_written_again(guide: Guide) -> None:
    """With the exit status of the run."""
    guide.write(making("one"), making("two", "false"))
    assert guide.call("run").returncode == 1
    for name in ("junit.xml", "report.html"):
        (guide.results / name).unlink()
    done = guide.call("report")
    assert done.returncode == 1
    assert "failed" in done.stdout
    for name in ("junit.xml", "report.html"):
        assert (guide.results / name).stat().st_size > 0


def test_a_report_links_to_the_guide_and_embeds_recordings(guide: Guide) -> None:
    """To the document, and to the rendered page if there is one; not to missing recordings."""
    guide.call("run")
    rendered = guide.directory / "build/html/index.html"
    rendered.parent.mkdir()
    rendered.write_text('<section id="make-one">')
    (gone,) = guide.results.glob("recordings/index/make-two/*.cast")
    gone.unlink()
    assert guide.call("report").returncode == 0
    page = (guide.results / "report.html").read_text()
    assert '<a href="../../index.rst">index.rst:4</a>' in page
    assert '<a href="../html/index.html#make-one">' in page
    assert "index.html#make-two" not in page
    assert 'data-recording="0"' in page
    assert 'data-recording="1"' not in page


def test_a_report_without_a_run_is_an_error(guide: Guide) -> None:
    """It names the missing file."""
    done = guide.call("report")
    assert done.returncode == 3
    assert "no run is recorded" in done.stderr


def test_a_report_is_about_the_last_run_of_any_lab(guide: Guide) -> None:
    """It says which lab that was; a lab that is named has its own last run, or none."""
    guide.call("run")
    done = run_module("runbook", "report", guide.directory)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The last run: build/local, 20")
    assert "The last run" not in guide.call("report").stdout
    for command in ("report", "evidence", "accept"):
        done = run_module("runbook", command, guide.directory, "--lab", "container")
        assert done.returncode == 3
        assert "there are runs with --lab local" in done.stderr
    assert not (guide.directory / "build/container/junit.xml").exists()


def test_a_report_is_about_a_run_that_undid_the_guide(tmp_path: Path) -> None:
    """If that was the last one on the lab; a rehearsal is no run."""
    guide = Guide(tmp_path, making("one"), making("away", "rm PLACE/one", ":undo:"))
    guide.call("run")
    guide.call("run", "--undo")
    guide.call("rehearse")
    assert guide.call("report").stdout.startswith("The last run: build/local-undo, 20")
    guide.call("run")
    assert "The last run" not in guide.call("report").stdout
