"""A foreign guide is planned as far as it can be read, with a warning for the rest."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from runbook.model import Runbook
from runbook.sphinx.collect import document
from runbook.sphinx.planning.configuration import literals
from runbook.sphinx.planning.plan import PlanError, build
from tests.support.paths import SAMPLES

FOREIGN = SAMPLES / "foreign"
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
    """Write an extension with `source`, and a conf.py that lists it."""
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


def test_missing_extensions_are_named_with_the_option_lenient(guide: Path) -> None:
    """All of them at once."""
    write(guide, "", "extensions = ['not_there_one', 'not_there_two']")
    with pytest.raises(PlanError) as error:
        plan(guide, lenient=False)
    first, second = str(error.value).splitlines()
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
    with pytest.raises(PlanError) as error:
        plan(guide, lenient=False)
    (line,) = str(error.value).splitlines()
    assert why in line
    assert "--lenient" in line


def test_each_part_that_is_left_out_is_one_warning(
    guide: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the number and the first location."""
    shutil.copytree(FOREIGN, guide, dirs_exist_ok=True)
    build(guide, output=tmp_path / "plan", lenient=True)
    output = capsys.readouterr().err
    assert "conf.py does not run here (ModuleNotFoundError: No module named" in output
    assert "'an_extension_that_is_not_there' is left out" in output
    assert "WARNING: unknown directive 'tab-item' (2 times, first at titles.rst:8)\n" in output
    assert "unknown.rst:7: WARNING: unknown role 'nobodys-role'\n" in output
    assert output.count("'tab-item'") == 1
    build(guide, output=tmp_path / "plan", lenient=True)
    assert capsys.readouterr().err == output


def test_literal_assignments_of_a_conf_py_are_read_without_running_it() -> None:
    """Also concatenations of literals; other values are left out."""
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
    """Also if it crashes while documents are read; the next plan remembers it."""
    extension(guide, monkeypatch, crash)
    for _ in range(2):
        assert plan(guide) == ["systemctl start nginx"]
        output = capsys.readouterr().err
        assert "'made_for_a_test' is left out" in output
        assert "No module" not in output


def test_a_directive_that_crashes_is_skipped(
    guide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest of the page is read."""
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
    output = capsys.readouterr().err
    assert "index.rst:4: WARNING: the directive 'broken' fails: ZeroDivisionError" in output
    assert "index.rst:6: WARNING: the role 'wrong' fails: ZeroDivisionError" in output


def test_the_text_of_an_error_is_never_a_block(guide: Path) -> None:
    """Docutils shows what it could not parse as a literal block."""
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
def test_errors_in_a_foreign_guide_are_warnings(
    guide: Path, mistake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """They do not matter to the commands."""
    write(guide, mistake)
    assert "systemctl start nginx" in plan(guide, lenient=False)
    assert "rm -rf /" not in plan(guide, lenient=False)
    assert "ERROR" not in capsys.readouterr().err


def test_a_guides_own_directive_has_precedence_over_ours(
    guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other guides may define directives called `file` or `step`."""
    write(guide, ".. file::\n\n.. step:: x\n")
    extension(
        guide,
        monkeypatch,
        """
        from docutils.parsers.rst import Directive

        class OwnDirective(Directive):
            optional_arguments = 1
            def run(self):
                return []

        def setup(app):
            app.add_directive("file", OwnDirective)
            app.add_directive("step", OwnDirective)
        """,
    )
    assert plan(guide, lenient=False) == ["systemctl start nginx"]


def test_nothing_is_fetched_for_a_plan(guide: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Inventories of other projects do not matter to the commands."""
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
    """A missing extension may have made the toctree."""
    (guide / "another.rst").write_text("Another\n=======\n\n" + BLOCK, encoding="utf-8")
    found = build(guide, output=guide.parent / "plan", lenient=True)
    assert [chapter.document for chapter in found.chapters] == ["index", "another"]


def test_parallel_reading_makes_the_same_plan(tmp_path: Path) -> None:
    """The documents of all processes are merged."""
    guide = tmp_path / "guide"
    shutil.copytree(FOREIGN, guide)
    alone = build(guide, output=tmp_path / "one", lenient=True)
    assert build(guide, output=tmp_path / "four", lenient=True, jobs=4) == alone


def test_a_plan_after_an_edit_reads_one_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And repeats the warnings about the others."""
    guide = tmp_path / "guide"
    shutil.copytree(FOREIGN, guide)
    build(guide, output=tmp_path / "plan", lenient=True)
    seen: list[str] = []
    read = document.read_document

    def remember(app: object, docname: str, doctree: object) -> object:
        seen.append(docname)
        return read(app, docname, doctree)  # type: ignore[arg-type]

    monkeypatch.setattr(document, "read_document", remember)
    with (guide / "titles.rst").open("a", encoding="utf-8") as page:
        page.write("\nMore.\n")
    build(guide, output=tmp_path / "plan", lenient=True)
    assert seen == ["titles"]
