"""A site in two languages in a browser: switch, page of arrival, search, and Chinese pages."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.sphinx.test_translated import CLUSTER, GUIDE, WORDS, catalogue
from tests.support import needs, pages
from tests.support.browsing import ORIGIN, Visit
from tests.support.forked import run_module
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LACKING = needs.lacking_for_browsers()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
SHOTS = ROOT / "build" / "screenshots"
SEARCHED = {
    "存储域": "storage/domains",
    "脑裂": "storage/gluster",
    "快照": "machines/operating",
    "证书": "operations/certificates",
    "虚拟机": "machines/creating",
    "网桥": "networks/management",
    "迁移": "machines/operating",
    "备份": "operations/backup",
    "密码": "administration/passwords",
    "引擎": "engine/standalone",
}
"""Ten words, each with a page that an operator expects among the results."""


def built(guide: Path, output: Path, language: str) -> None:
    """Build the pages of a guide in one language."""
    doctrees = output.parent / f"doctrees-{language}"
    done = run_module(
        *("sphinx", "-q", "-W", "-b", "html", "-D", f"language={language}", "-d", doctrees),
        *(guide, output),
        timeout=900,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small guide in English and Chinese."""
    guide = tmp_path_factory.mktemp("site")
    (guide / "lab").mkdir()
    (guide / "lab/cluster.yaml").write_text(CLUSTER)
    (guide / "conf.py").write_text(
        'extensions = ["runbook.sphinx"]\nproject = "x"\nroot_doc = "start"\n'
        'locale_dirs = ["locale"]\nhtml_theme = "furo"\nexclude_patterns = ["site"]\n'
        'runbook_languages = {"en": "English", "zh_CN": "简体中文"}\n',
        encoding="utf-8",
    )
    text = GUIDE.replace(
        "first; :step:", "first;\n\n" + "\n\n".join(["Lines."] * 60) + "\n\n:step:"
    )
    (guide / "start.rst").write_text(text)
    po = guide / "locale/zh_CN/LC_MESSAGES/start.po"
    po.parent.mkdir(parents=True)
    po.write_text(catalogue(WORDS), encoding="utf-8")
    built(guide, guide / "site", "en")
    built(guide, guide / "site/zh_CN", "zh_CN")
    return guide / "site"


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the project's own guide in Chinese, at their place in the site."""
    guide = pages.copy_own_guide(tmp_path_factory.mktemp("guide"))
    if not (guide / "docs/locale").is_dir():
        shutil.copytree(ROOT / "docs/locale", guide / "docs/locale")
    built(guide, guide / "build/html/zh_CN", "zh_CN")
    return guide / "build/html"


def visit(browser: Browser, directory: Path, **about: Any) -> Visit:
    """A visit with a desktop browser, unless it is said otherwise."""
    return Visit(browser, directory, **{"viewport": {"width": 1280, "height": 900}} | about)


def test_the_switch_opens_the_same_step_and_is_remembered(browser: Browser, site: Path) -> None:
    """There and back; from then on the page of arrival leads to the language that was chosen."""
    made = visit(browser, site, locale="en-US")
    page = made.go("index.html")
    page.wait_for_url("**/start.html")
    page.locator("#start-the-server").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('start-the-server').scrollIntoView()")
    page.get_by_role("link", name="简体中文").evaluate("link => link.click()")
    page.wait_for_url("**/zh_CN/start.html#start-the-server*")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("#start-the-server").bounding_box() is not None
    page.goto(f"{ORIGIN}/index.html")
    page.wait_for_url("**/zh_CN/start.html")
    page.get_by_role("link", name="English").click()
    page.wait_for_url("**/start.html")
    assert "/zh_CN/" not in page.url
    assert made.complaints == []
    made.context.close()


@pytest.mark.parametrize(
    ("locale", "place"), [("zh-CN", "zh_CN/start.html"), ("zh-TW", "zh_CN/start.html"),
                          ("de-DE", "start.html"), ("en-GB", "start.html")],
)  # fmt: skip
def test_the_language_of_the_browser_decides_on_arrival_only(
    browser: Browser, site: Path, locale: str, place: str
) -> None:
    """A link to a page stays in its language; without scripts there are links."""
    made = visit(browser, site, locale=locale)
    page = made.go("index.html")
    page.wait_for_url(f"{ORIGIN}/{place}")
    page.goto(f"{ORIGIN}/start.html")
    assert page.url == f"{ORIGIN}/start.html"
    made.context.close()
    quiet = visit(browser, site, locale=locale, java_script_enabled=False)
    page = quiet.go("index.html")
    page.get_by_role("link", name="简体中文").click()
    assert page.url.endswith("/zh_CN/start.html")
    quiet.context.close()


def test_buttons_speak_chinese_and_copy_what_is_typed(browser: Browser, site: Path) -> None:
    """A remark is translated in the block, and is not copied."""
    made = visit(browser, site)
    made.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = made.go("zh_CN/start.html")
    assert "# 先建立文件" in page.locator(".runbook-console").first.inner_text()
    page.get_by_role("button", name="复制 这些命令").first.click()
    page.locator("[role=status]", has_text="已复制 这些命令").wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == "touch /tmp/server   # not a remark"
    assert page.locator("label.runbook-done").inner_text().strip() == "已完成"
    page.get_by_label("已完成：启动 服务器").check()
    assert "已完成 1 步，共 1 步" in page.locator(".runbook-panel").inner_text()
    assert made.complaints == []
    made.context.close()


def test_ten_words_are_found(browser: Browser, chinese: Path) -> None:
    """Chinese has no spaces between words, and an operator types one."""
    made = visit(browser, chinese)
    for word, wanted in SEARCHED.items():
        page = made.go(f"zh_CN/search.html?q={word}")
        # Results come one after the other.
        link = page.locator(f'#search-results li a[href*="docs/{wanted}.html"]').first
        link.wait_for(state="attached")
    made.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_chinese_pages_fit(browser: Browser, chinese: Path, width: str) -> None:
    """Nothing is wider than the screen; screenshots are kept to be looked at, also for print."""
    size = WIDTHS[width]
    made = visit(browser, chinese, viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    for name in ("docs/storage/nfs", "docs/engine/standalone", "docs/proven", "docs/glossary"):
        page = made.go(f"zh_CN/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"zh-{Path(name).name}-{width}.png")
    page = made.go("zh_CN/docs/storage/nfs.html")
    page.emulate_media(media="print")
    assert not page.locator(".runbook-languages").is_visible()
    made.context.close()
