"""Step cards in the themes that guides use, in a browser: wide and narrow, light and dark."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.support import needs, pages
from tests.support.browsing import Visit
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LACKING = needs.lacking_for_browsers()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

# Both follow what the reader prefers; without a mode the PyData theme complains in the console.
AUTO = 'html_context = {"default_mode": "auto"}\n'
THEMES = {
    "alabaster": "",
    "furo": "",
    "pydata_sphinx_theme": AUTO,
    "sphinx_book_theme": AUTO,
    "sphinx_rtd_theme": "",
}
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
SHOTS = ROOT / "build" / "screenshots"
OURS = {
    "include": [[".runbook-step"], [".runbook-panel"], [".runbook-tablist"], [".runbook-scroll"]],
    "exclude": [[".highlight"], [".runbook-scroll a"]],
}
"""What we add to a page; the contrast of the rest is the theme's own matter."""


@pytest.fixture(scope="module", params=sorted(THEMES))
def theme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample guide's pages in a theme; their directory has its name."""
    name = str(request.param)
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"needs {name} (dependency group browser)")
    guide = pages.guide(tmp_path_factory.mktemp("themes") / name)
    conf = guide / "conf.py"
    conf.write_text(conf.read_text().replace('"furo"', f'"{name}"') + THEMES[name])
    built = pages.build(guide)
    return built.rename(built.with_name(name))


@pytest.mark.parametrize("size", list(SIZES))
def test_cards_fit_into_every_theme(browser: Browser, theme: Path, size: str) -> None:
    """No page is wider than the window; titles, facts and blocks are where they belong."""
    visit = visiting(browser, theme, size)
    for name in ("store.html", "other.html", "proven.html"):
        page = visit.go(name)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is wider than the window"
    page = visit.go("store.html")
    card = box(page, "#write-it-down")
    for part in (
        ".runbook-step-number", ".runbook-step-title", ".runbook-badge", ".runbook-done",
        ".runbook-facts", ".runbook-host", ".runbook-console", ".runbook-copy", ".runbook-file",
        ".runbook-checks", ".runbook-evidence",
    ):  # fmt: skip
        x, y, width, height = box(page, f"#write-it-down {part}")
        assert width > 0, part
        assert height > 0, part
        assert card[0] <= x, part
        assert card[1] <= y, part
        assert x + width <= card[0] + card[2] + 1, part
        assert y + height <= card[1] + card[3] + 1, part
    title, head = ".runbook-step-title", page.locator("#write-it-down .runbook-step-title")
    assert box(page, f"#write-it-down {title}")[3] < 40, "the title is one line of modest size"
    assert head.evaluate("e => getComputedStyle(e).fontSize") == "18px"
    items = page.locator("#write-it-down .runbook-facts > li").first
    assert items.evaluate("e => getComputedStyle(e).listStyleType") == "none"
    lines = page.locator("#write-it-down .runbook-file pre")
    assert lines.inner_text().splitlines()[0] == "server = 10.9.8.1"
    assert page.locator(".runbook-panel").is_visible()
    visit.context.close()
    assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_we_add_is_legible_in_every_theme(browser: Browser, theme: Path, scheme: Any) -> None:
    """Also for readers who prefer dark pages, whether or not the theme has any."""
    from axe_playwright_python.sync_playwright import Axe

    SHOTS.mkdir(parents=True, exist_ok=True)
    # Only colours differ in dark mode.
    for size in SIZES if scheme == "light" else ["desktop"]:
        visit = visiting(browser, theme, size, scheme)
        for name in ("store.html", "other.html", "proven.html"):
            page = visit.go(name)
            for check in page.locator(".runbook-check").all():
                check.evaluate("e => { e.open = true; }")
            # Axe refuses a selector that matches nothing.
            there = [one for one in OURS["include"] if page.locator(one[0]).count()]
            context = {"include": there, "exclude": OURS["exclude"]}
            found = Axe().run(page, context=context, options={"runOnly": ["color-contrast"]})
            said = [
                f"{name}: {node['html'][:150]} {node['failureSummary']}"
                for one in found.response["violations"]
                for node in one["nodes"]
            ]
            assert said == []
            shot = f"{theme.name}-{Path(name).stem}-{size}-{scheme}.png"
            page.screenshot(path=SHOTS / shot, full_page=True)
        visit.context.close()


def test_buttons_and_tabs_work_in_every_theme(browser: Browser, theme: Path) -> None:
    """Copying, choosing an alternative, and ticking a step off, also in the contents."""
    visit = visiting(browser, theme, "desktop")
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.go("store.html")
    page.locator("#set-the-store-up .runbook-copy").click()
    page.wait_for_function("navigator.clipboard.readText().then(t => t == 'store-setup')")
    page.get_by_label("Done: Write it down").check()
    assert "1 of 3 steps done" in page.locator(".runbook-progress").inner_text()
    assert page.locator('a.runbook-toc-done[href="#write-it-down"]').count() >= 1
    page = visit.go("other.html")
    assert not page.locator("#install-with-dnf").is_visible()
    page.get_by_role("tab", name="el9").click()
    assert page.locator("#install-with-dnf").is_visible()
    assert not page.locator("#install-with-apt").is_visible()
    visit.context.close()
    assert visit.complaints == []


def visiting(
    browser: Browser, theme: Path, size: str, scheme: Literal["light", "dark"] = "light"
) -> Visit:
    """Return a visit with a window of that size."""
    width, height = SIZES[size]
    return Visit(
        browser, theme, viewport={"width": width, "height": height}, color_scheme=scheme,
        reduced_motion="reduce",
    )  # fmt: skip


def box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Return where the first element that matches is: left, top, width, height."""
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return found["x"], found["y"], found["width"], found["height"]
