"""A translated guide shows what its catalogue has, in every builder, and plans as the original."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.forked import run_module

GUIDE = """\
Guide
=====

Read |server-name| first; :step:`the step <start-the-server>` follows.

.. glossary::

   Engine
      It runs.

   Host
      It hosts.

.. step:: Start the *server*
   :on: box

   Wait for |server-name|.

   .. code-block:: bash

      # Make the file first
      touch /tmp/server   # not a remark

   .. code-block:: console
      :caption: Ask for it

      # passwd bob
      New password:

   .. answers::

      :New password\\:: :secret:`bob`, sometimes: only on a Monday

   .. manual::

      Press the red button.

   .. check:: the server is there
      :within: 2m

      assert host.file("/tmp/server").exists
"""
CLUSTER = """\
name: test
network: 192.0.2.0/24
domain: example.com
platform: debian12
hosts:
  box: {address: 192.0.2.1}
values:
  server-name: web.example.com
"""
WORDS = {
    "Guide": "指南",
    "Read |server-name| first; :step:`the step <start-the-server>` follows.": (
        "先读 |server-name| ；随后是 :step:`这一步 <start-the-server>`。"
    ),
    "Engine": "引擎 (Engine)",
    "Host": "主机 (Host)",
    "Start the *server*": "启动 *服务器*",
    "Wait for |server-name|.": "等待 |server-name|。",
    "Make the file first": "先建立文件",
    "Ask for it": "询问",
    "New password:": "New password:（新密码）",
    "sometimes: only on a Monday": "不一定会问：只在星期一",
    "Press the red button.": "按下红色按钮。",
    "the server is there": "服务器在那里",
}


def catalogue(words: dict[str, str]) -> str:
    """A catalogue as text."""
    quoted = ((json.dumps(one, ensure_ascii=False) for one in pair) for pair in words.items())
    messages = "\n".join(f"msgid {original}\nmsgstr {text}\n" for original, text in quoted)
    return f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n{messages}'


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """A guide with a catalogue in Chinese."""
    catalog = tmp_path / "guide/locale/zh_CN/LC_MESSAGES/index.po"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(catalogue(WORDS), encoding="utf-8")
    (tmp_path / "guide/lab").mkdir()
    (tmp_path / "guide/lab/cluster.yaml").write_text(CLUSTER)
    (tmp_path / "guide/conf.py").write_text(
        'extensions = ["runbook.sphinx"]\nlocale_dirs = ["locale"]\nproject = "x"\n'
        'copyright = version = "1"\nhtml_copy_source = False\n'
    )
    (tmp_path / "guide/index.rst").write_text(GUIDE)
    return tmp_path / "guide"


def built(guide: Path, builder: str, language: str, *more: str) -> str:
    """What the builder writes of the guide."""
    output = guide.parent / f"{builder}-{language}"
    done = run_module(
        *("sphinx", "-q", "-W", "-E", "-b", builder, "-D", f"language={language}", *more),
        *("-d", guide.parent / f"doctrees-{builder}-{language}", guide, output),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(output.rglob("*"))
        if path.name.startswith(("index", "x")) and path.suffix in (".txt", ".1", ".tex", ".html")
    ) + "".join(one.read_text("utf-8") for one in sorted(output.rglob("*.xhtml")))


@pytest.mark.parametrize(
    ("builder", "title", "check"),
    [
        ("text", "**{}**", "**{}:** {}"),
        ("man", "\\fB{}\\fP", "\\fB{}:\\fP {}"),
    ],
)
def test_the_marks_of_steps_and_checks_stay(
    guide: Path, builder: str, title: str, check: str
) -> None:
    """Bold titles, and a label before what a check says, which is in the language as well."""
    english, chinese = (built(guide, builder, language) for language in ("en", "zh_CN"))
    assert check.format("Check", "the server is there") in english
    assert check.format("检查", "服务器在那里").replace(":", "：", 1) in chinese
    bold = title.partition("{}")[0]
    assert f"{bold}Start the" in english
    assert f"{bold}启动" in chinese


@pytest.mark.parametrize(
    "builder", ["html", "dirhtml", "singlehtml", "text", "man", "latex", "epub"]
)
def test_all_that_is_said_is_translated_in_every_builder(guide: Path, builder: str) -> None:
    """Titles, sentences, remarks in code, captions, answers and manual tasks; never what is typed.

    Values stand in translations, and a question beside its meaning.
    """
    shown = " ".join(built(guide, builder, "zh_CN").split())
    for word in (
        "启动",
        "服务器在那里",
        "先建立文件",
        "新密码",
        "只在星期一",
        "按下红色按钮",
        "询问",
    ):
        assert word in shown, word
    for word in ("Start the", "the server is there", "Make the file", "on a Monday", "red button"):
        assert word not in shown, word
    assert "touch" in shown
    assert "not a remark" in shown
    assert "web.example.com" in shown
    assert "|server-name|" not in shown


def test_a_card_is_in_the_language_of_its_page(guide: Path) -> None:
    """Its own words too, in the scripts as well, and durations; copying leaves remarks out."""
    page = built(guide, "html", "zh_CN")
    assert "启动 <em>服务器</em>" in page
    assert "如何确认成功" in page
    assert "2 分钟" in page
    assert '<span class="runbook-comment"># 先建立文件</span>' in page
    assert "runbook-words.js" in page
    words = (guide.parent / "html-zh_CN/_static/runbook-words.js").read_text(encoding="utf-8")
    assert '"Copy": "复制"' in words
    assert "runbook-words.js" not in built(guide, "html", "en")


def test_anchors_and_names_are_the_same_in_all_languages(guide: Path) -> None:
    """A link to a step or a check leads to the same place in each."""
    pages = [built(guide, "html", language) for language in ("en", "zh_CN")]
    anchors = [sorted(_anchors(page)) for page in pages]
    assert anchors[0] == anchors[1]
    assert "start-the-server-the-server-is-there" in anchors[0]
    inventories = [
        run_module("sphinx.ext.intersphinx", guide.parent / f"html-{language}/objects.inv").stdout
        for language in ("en", "zh_CN")
    ]
    names = [{word for word in found.split() if word.startswith("index/")} for found in inventories]
    assert names[0] == names[1]
    assert any("start-the-server/the-server-is-there" in name for name in names[0])


def _anchors(page: str) -> set[str]:
    return {part.partition('"')[0] for part in page.split(' id="')[1:]}


def test_a_glossary_is_sorted_by_the_words_of_the_language(guide: Path) -> None:
    """In Chinese by pronunciation: yinqing comes after zhuji in no list."""
    page = built(guide, "text", "zh_CN")
    assert page.index("引擎 (Engine)") < page.index("主机 (Host)")
    assert page.index("主机 (Host)") > 0


def planned(guide: Path, *options: str) -> dict[str, Any]:
    """The plan of the guide."""
    done = run_module("runbook", "plan", "--json", *options, guide)
    assert done.returncode == 0, done.stderr
    plan: dict[str, Any] = json.loads(done.stdout)
    return plan


def without_words(data: Any) -> Any:
    """A plan without titles and sentences."""
    if isinstance(data, dict):
        return {k: without_words(v) for k, v in data.items() if k not in ("title", "sentence")}
    return [without_words(one) for one in data] if isinstance(data, list) else data


def test_a_plan_in_another_language_does_the_same(guide: Path) -> None:
    """Steps, commands, answers, files, checks; its titles and sentences are translated.

    Nothing that a catalogue says can change what is typed.
    """
    english, chinese = planned(guide), planned(guide, "--language", "zh_CN")
    assert without_words(english) == without_words(chinese)
    (step,) = chinese["chapters"][0]["steps"]
    assert (step["title"], step["checks"][0]["sentence"]) == ("启动 服务器", "服务器在那里")
    (po,) = (guide / "locale").rglob("*.po")
    wrong = WORDS | {one: "``rm -rf /``" for one in WORDS if one not in ("Engine", "Host")}
    wrong |= {"# passwd bob\nNew password:": "# passwd eve", "touch /tmp/server": "rm -rf /"}
    po.write_text(catalogue(wrong), encoding="utf-8")
    assert without_words(planned(guide, "--language", "zh_CN")) == without_words(english)


def test_what_changed_since_it_was_translated_is_shown_as_such(guide: Path) -> None:
    """The page has the new English text, with a mark; the outdated translation may be wrong."""
    (po,) = (guide / "locale").rglob("*.po")
    outdated = '#, fuzzy\n#| msgid "Press the blue button."\nmsgid "Press the red button."'
    po.write_text(
        catalogue(WORDS).replace('msgid "Press the red button."', outdated), encoding="utf-8"
    )
    page = built(guide, "html", "zh_CN")
    assert "按下红色按钮" not in page
    assert "Press the red button. <span" in page
    assert "英文原文在翻译之后有改动" in page


def test_a_language_can_be_added_by_a_translator_alone(guide: Path) -> None:
    """The interface's words come from a catalogue in the guide's own directory of catalogues."""
    done = run_module("runbook", "translations", "--language", "fr", guide)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    words = guide / "locale/fr/LC_MESSAGES/sphinx_runbook.po"
    text = words.read_text(encoding="utf-8")
    for original, french in (("How to tell it worked", "Comment savoir"), ("Copy", "Copier")):
        text = text.replace(
            f'msgid "{original}"\nmsgstr ""', f'msgid "{original}"\nmsgstr "{french}"'
        )
    words.write_text(text, encoding="utf-8")
    page = built(guide, "html", "fr")
    assert "Comment savoir" in page
    script = (guide.parent / "html-fr/_static/runbook-words.js").read_text(encoding="utf-8")
    assert '"Copy": "Copier"' in script


def test_pages_lead_to_their_translations(guide: Path) -> None:
    """For readers and for programs; a page at the root chooses by the browser's language."""
    (guide / "index.rst").rename(guide / "start.rst")
    (po,) = (guide / "locale").rglob("*.po")
    po.rename(po.with_name("start.po"))
    conf = guide / "conf.py"
    conf.write_text(
        conf.read_text() + 'root_doc = "start"\n'
        'runbook_languages = {"en": "English", "zh_CN": "简体中文"}\n',
        encoding="utf-8",
    )
    built(guide, "html", "en")
    site = guide.parent / "html-en"
    done = run_module("sphinx", "-q", "-W", "-D", "language=zh_CN", guide, site / "zh_CN")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    english = (site / "start.html").read_text(encoding="utf-8")
    chinese = (site / "zh_CN/start.html").read_text(encoding="utf-8")
    assert '<link rel="alternate" hreflang="zh-CN" href="zh_CN/start.html">' in english
    assert 'href="zh_CN/start.html" lang="zh-CN" hreflang="zh-CN"' in english
    assert 'href="../start.html" lang="en" hreflang="en"' in chinese
    assert '<html lang="zh-CN"' in chinese
    heading = re.search(r"<h1>(.*?)<", chinese)
    assert heading is not None
    search = (site / "zh_CN/search.html").read_text(encoding="utf-8")
    assert heading[1] in search, "the site is called by its translated title on all pages"
    landing = (site / "index.html").read_text(encoding="utf-8")
    assert '<a href="zh_CN/start.html" lang="zh-CN"' in landing
    assert not (site / "zh_CN/index.html").exists()
