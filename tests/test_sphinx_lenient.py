"""Somebody else's guide is planned as far as it can be read, and what cannot be is said."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from runbook.model import Runbook
from runbook.sphinx import document
from runbook.sphinx.configuration import literals
from runbook.sphinx.plan import PlanError, build

FOREIGN = Path(__file__).parent / "samples" / "foreign"
BLOCK = "::\n\n   # systemctl start nginx\n"


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """Return the directory of a guide of one page with one block."""
    write(tmp_path / "guide", "")
    return tmp_path / "guide"


def write(guide: Path, text: str, conf: str = "") -> None:
    """Make `text` and a block the guide's one page."""
    guide.mkdir(exist_ok=True)
    (guide / "conf.py").write_text(textwrap.dedent(conf), encoding="utf-8")
    (guide / "index.rst").write_text(f"Top\n===\n\n{text}\n\n{BLOCK}", encoding="utf-8")


def extension(guide: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """Make an extension of `source`, and the guide's conf.py name it."""
    (guide / "made_for_a_test.py").write_text(textwrap.dedent(source), encoding="utf-8")
    (guide / "conf.py").write_text("extensions = ['made_for_a_test']\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(guide))
    monkeypatch.delitem(sys.modules, "made_for_a_test", raising=False)


def commands(runbook: Runbook) -> list[str]:
    """Return the commands of all blocks."""
    return [c for chapter in runbook.chapters for b in chapter.blocks for c in b.commands]


def plan(guide: Path, *, lenient: bool = True, jobs: int = 1) -> list[str]:
    """Return the commands of the guide's plan."""
    return commands(build(guide, output=guide.parent / "plan", lenient=lenient, jobs=jobs))


def test_what_is_missing_is_named_with_the_way_to_do_without(guide: Path) -> None:
    """All of it at once."""
    write(guide, "", "extensions = ['not_there_one', 'not_there_two']")
    with pytest.raises(PlanError) as told:
        plan(guide, lenient=False)
    first, second = str(told.value).splitlines()
    assert "'not_there_one'" in first
    assert "'not_there_two'" in second
    assert "--lenient" in first


@pytest.mark.parametrize(
    ("conf", "why"),
    [
        ("import not_there", "No module named 'not_there'"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "sys.exit()"),
    ],
)
def test_a_conf_py_that_does_not_run_says_why_in_one_line(guide: Path, conf: str, why: str) -> None:
    """Without a traceback."""
    write(guide, "", conf)
    with pytest.raises(PlanError) as told:
        plan(guide, lenient=False)
    (line,) = str(told.value).splitlines()
    assert why in line
    assert "--lenient" in line


def test_what_is_done_without_is_said_once_each(
    guide: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, with the number and the first place."""
    shutil.copytree(FOREIGN, guide, dirs_exist_ok=True)
    build(guide, output=tmp_path / "plan", lenient=True)
    told = capsys.readouterr().err
    assert "conf.py does not run here (ModuleNotFoundError: No module named" in told
    assert "'an_extension_that_is_not_there' is left out" in told
    assert "WARNING: unknown directive 'tab-item' (2 times, first at titles.rst:8)\n" in told
    assert "unknown.rst:7: WARNING: unknown role 'nobodys-role'\n" in told
    assert told.count("'tab-item'") == 1
    build(guide, output=tmp_path / "plan", lenient=True)
    assert capsys.readouterr().err == told


def test_the_plain_values_of_a_conf_py_are_known_without_running_it() -> None:
    """Also those that are put together of known ones; what is not known is left out."""
    known = literals(
        textwrap.dedent("""
            import nothing
            project = "A" + "b"
            extensions = ["one", nothing.two]
            extensions += ["three"]
            extensions.append("four")
            extensions.extend(["five"])
            release = nothing.release
            copy = project
            exclude: list[str] = ["x"]
            if project:
                extensions = []
        """)
    )
    assert known == {
        "project": "Ab",
        "extensions": ["one", "three", "four", "five"],
        "copy": "Ab",
        "exclude": ["x"],
    }


@pytest.mark.parametrize(
    "crash",
    [
        "def setup(app):\n    1 / 0",
        "def setup(app):\n    app.connect('source-read', lambda *_: 1 / 0)",
        "def setup(app):\n    app.connect('doctree-read', lambda *_: 1 / 0)",
        "def setup(app):\n    app.connect('env-updated', lambda *_: 1 / 0)",
    ],
)
def test_an_extension_that_crashes_is_left_out(
    guide: Path,
    crash: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Also if that shows only when documents are read; the next plan remembers it."""
    extension(guide, monkeypatch, crash)
    for _ in range(2):
        assert plan(guide) == ["systemctl start nginx"]
        told = capsys.readouterr().err
        assert "'made_for_a_test' is left out" in told
        assert "No module" not in told


def test_a_directive_that_crashes_costs_no_more_than_itself(
    guide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What follows it is read."""
    write(
        guide,
        ".. broken::\n\nA :wrong:`role`.",
        """
        from docutils.parsers.rst import Directive

        class Broken(Directive):
            def run(self):
                return 1 / 0

        def setup(app):
            app.add_directive("broken", Broken)
            app.add_role("wrong", lambda *_, **__: 1 / 0)
        """,
    )
    assert plan(guide) == ["systemctl start nginx"]
    told = capsys.readouterr().err
    assert "index.rst:4: WARNING: the directive 'broken' fails: ZeroDivisionError" in told
    assert "index.rst:6: WARNING: the role 'wrong' fails: ZeroDivisionError" in told


def test_the_text_of_an_error_is_never_a_block(guide: Path) -> None:
    """Docutils shows what it could not read as a literal block."""
    write(guide, ".. image::\n\n   $ rm -rf /\n\n.. note::\n\n=\n\n`\n")
    assert plan(guide) == ["systemctl start nginx"]


@pytest.mark.parametrize(
    "mistake",
    [
        "See :ref:`nowhere` and nowhere_ and |nothing|.",
        "====  ===\na  bcd\n====  ===",
        ".. nonsense::\n\n   # rm -rf /",
        "Short\n-\n\n`open",
        ".. code-block:: console\n   :lines: 3\n\n   $ true",
    ],
)
def test_mistakes_in_somebody_elses_guide_are_warnings(
    guide: Path, mistake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They do not matter to whoever wants to know the commands."""
    write(guide, mistake)
    assert "systemctl start nginx" in plan(guide, lenient=False)
    assert "rm -rf /" not in plan(guide, lenient=False)
    assert "ERROR" not in capsys.readouterr().err


def test_a_guides_own_directive_has_precedence_over_ours(
    guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other guides mean something else by `file` or `step`."""
    write(guide, ".. file::\n\n.. step:: x\n")
    extension(
        guide,
        monkeypatch,
        """
        from docutils.parsers.rst import Directive

        class Own(Directive):
            optional_arguments = 1
            def run(self):
                return []

        def setup(app):
            app.add_directive("file", Own)
            app.add_directive("step", Own)
        """,
    )
    assert plan(guide, lenient=False) == ["systemctl start nginx"]


def test_nothing_is_fetched_for_a_plan(guide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Inventories of other projects say nothing of commands."""
    write(
        guide,
        "",
        """
        extensions = ["sphinx.ext.intersphinx"]
        intersphinx_mapping = {"python": ("http://192.0.2.1/", None)}
        """,
    )
    assert plan(guide, lenient=False) == ["systemctl start nginx"]
    assert capsys.readouterr().err == ""


def test_documents_that_no_toctree_lists_come_last(guide: Path) -> None:
    """A foreign toctree may be of a kind that is not there."""
    (guide / "another.rst").write_text("Another\n=======\n\n" + BLOCK, encoding="utf-8")
    found = build(guide, output=guide.parent / "plan", lenient=True)
    assert [chapter.document for chapter in found.chapters] == ["index", "another"]


def test_many_processes_find_the_same(tmp_path: Path) -> None:
    """What a process reads comes to the one that plans."""
    guide = tmp_path / "guide"
    shutil.copytree(FOREIGN, guide)
    alone = build(guide, output=tmp_path / "one", lenient=True)
    assert build(guide, output=tmp_path / "four", lenient=True, jobs=4) == alone


def test_a_plan_after_an_edit_reads_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says again what it said of the others."""
    guide = tmp_path / "guide"
    shutil.copytree(FOREIGN, guide)
    build(guide, output=tmp_path / "plan", lenient=True)
    seen: list[str] = []
    read = document.read

    def remember(app: object, docname: str, doctree: object) -> object:
        seen.append(docname)
        return read(app, docname, doctree)  # type: ignore[arg-type]

    monkeypatch.setattr(document, "read", remember)
    with (guide / "titles.rst").open("a", encoding="utf-8") as page:
        page.write("\nMore.\n")
    build(guide, output=tmp_path / "plan", lenient=True)
    assert seen == ["titles"]
