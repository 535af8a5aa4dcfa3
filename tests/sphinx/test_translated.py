"""A translated guide shows steps and checks as the original does, in every builder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.forked import run_module

GUIDE = """\
Guide
=====

.. step:: Start the *server*
   :on: box

   .. code-block:: console

      # touch /tmp/server

   .. check:: the server is there

      assert host.file("/tmp/server").exists
"""
CATALOG = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Start the *server*"
msgstr "启动 *服务器*"

msgid "the server is there"
msgstr "服务器在那里"
"""


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """A guide with a catalogue in Chinese."""
    catalog = tmp_path / "guide/locale/zh_CN/LC_MESSAGES/index.po"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(CATALOG, encoding="utf-8")
    (tmp_path / "guide/conf.py").write_text(
        'extensions = ["runbook.sphinx"]\nlocale_dirs = ["locale"]\nproject = "x"\n'
    )
    (tmp_path / "guide/index.rst").write_text(GUIDE)
    return tmp_path / "guide"


def built(guide: Path, builder: str, language: str) -> str:
    """What the builder writes of the guide."""
    output = guide.parent / f"{builder}-{language}"
    done = run_module(
        *("sphinx", "-q", "-W", "-E", "-b", builder, "-D", f"language={language}"),
        *(guide, output),
    )
    assert (done.returncode, done.stderr) == (0, "")
    return "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(output.iterdir())
        if path.suffix in (".txt", ".1", ".html")
    )


@pytest.mark.parametrize(
    ("builder", "title", "check"),
    [
        ("text", "**{}**", "**Check:** {}"),
        ("man", "\\fB{}\\fP", "\\fBCheck:\\fP {}"),
    ],
)
def test_the_marks_of_steps_and_checks_stay(
    guide: Path, builder: str, title: str, check: str
) -> None:
    """Bold titles, and a label before what a check says."""
    english, chinese = (built(guide, builder, language) for language in ("en", "zh_CN"))
    assert check.format("the server is there") in english
    assert check.format("服务器在那里") in chinese
    bold = title.partition("{}")[0]
    assert f"{bold}Start the" in english
    assert f"{bold}启动" in chinese


def test_the_card_of_a_step_is_translated(guide: Path) -> None:
    """Its title and the sentences of its checks are those of the catalogue."""
    page = built(guide, "html", "zh_CN")
    assert "启动 <em>服务器</em>" in page
    assert "服务器在那里" in page
    assert "the server is there" not in page
