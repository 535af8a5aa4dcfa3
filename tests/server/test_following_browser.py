"""A chapter is followed in a browser on ssh hosts: by keyboard, reloaded, cut off, taken over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import needs
from tests.support.operator_page import Operator
from tests.support.paths import ROOT
from tests.support.relay import Relay
from tests.support.secret_search import files_with
from tests.support.serving import Serving, making, write_guide
from tests.support.sshd import Server
from tests.support.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LACKING = needs.lacking_for_browsers() or needs.lacking_for_ssh()
pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(LACKING), reason=LACKING or "-")]

SHOTS = ROOT / "build" / "screenshots"
SECRET = "sesame-open-4711"
STEPS = """
.. step:: Look at it
   :on: gs1

   .. manual::

      Look at the front of the machine.

   .. code-block:: console

      # touch ~/looked

   .. check:: it was looked at

      assert host.run("test -e ~/looked").rc == 0

.. step:: Store the key
   :on: gs1

   .. code-block:: console

      # echo :secret:`door-key` > ~/key; echo "the key is :secret:`door-key`"

   .. check:: it is stored

      assert host.run("test -s ~/key").rc == 0

.. step:: Remove it
   :on: gs1

   .. code-block:: console

      # rm -rf ~/once ~/gs1-only
      # touch ~/removed

   .. check:: it is gone

      assert host.run("test -e ~/removed").rc == 0

.. step:: Clean up
   :on: all
   :undo:

   .. code-block:: console

      # rm -f ~/both ~/slow

   .. check:: nothing is left

      assert host.run("test -e ~/both").rc == 1
"""


@pytest.fixture(scope="module")
def acted(
    tmp_path_factory: pytest.TempPathFactory, servers: dict[str, Server]
) -> Iterator[Serving]:
    """A guide that is served to act on."""
    slow = "echo begun >> ~/once\nfor n in $(seq 40); do echo line $n; sleep 0.1; done"
    steps = making("both") + making("slow", ("gs1",), slow) + STEPS
    guide = write_guide(tmp_path_factory.mktemp("acted"), servers, steps)
    with Serving(guide, "--allow-run") as serving:
        yield serving


@pytest.fixture(scope="module")
def relay(acted: Serving) -> Iterator[Relay]:
    """A tunnel to the server."""
    with Relay(acted.port or 0) as relay:
        yield relay


@pytest.fixture(scope="module")
def ann(browser: Browser, acted: Serving, relay: Relay) -> Iterator[Operator]:
    """Somebody who acts."""
    operator = Operator(browser, acted, relay.port)
    yield operator
    operator.context.close()
    assert operator.complaints == []


@pytest.fixture(scope="module")
def bob(browser: Browser, acted: Serving) -> Iterator[Operator]:
    """Somebody else, who comes later."""
    operator = Operator(browser, acted, acted.port or 0)
    yield operator
    operator.context.close()
    assert operator.complaints == []


def test_a_step_is_run_on_one_host_first(ann: Operator, home: dict[str, Path]) -> None:
    """Then where it is left; its card shows how far it came and whether its checks hold."""
    ann.take("ann")
    ann.page.get_by_label("Hosts for Make both").select_option("gs2")
    ann.press("Run: Make both")
    assert ann.said("make-both") == "ann: run. gs2: proven"
    assert (home["gs2"] / "both").exists()
    assert not (home["gs1"] / "both").exists()
    ann.page.get_by_label("Hosts for Make both").select_option("")
    ann.press("Run: Make both")
    ann.page.get_by_text("ann: run. gs1: proven").wait_for()
    for host in ("gs1", "gs2"):
        held = f"#make-both [data-host={host}][data-state=holds][data-far=done]"
        ann.page.locator(held).wait_for()
    assert "$ touch ~/both" in ann.terminal("gs1")
    assert ann.page.get_by_label("Done: Make both").is_checked()


def test_a_reload_and_a_lost_connection_lose_and_repeat_nothing(
    ann: Operator, bob: Operator, relay: Relay, home: dict[str, Path]
) -> None:
    """The step runs on meanwhile, once, and the terminal has every line."""
    ann.press("Run: Make slow")
    ann.page.locator("[data-host=gs1] .xterm-rows").get_by_text("line 3").first.wait_for()
    ann.reload()
    ann.page.get_by_role("button", name="Stop acting").wait_for()
    ann.page.locator("#make-slow [data-job=running]").wait_for()
    relay.cut()
    ann.page.locator("[data-connection=lost]").wait_for()
    assert relay.cuts
    relay.mend()
    ann.page.locator("[data-connection=connected]").wait_for()
    assert "gs1: proven" in ann.said("make-slow")
    assert (home["gs1"] / "once").read_text() == "begun\n"
    shown = ann.page.locator("[data-host=gs1] .xterm-rows")
    shown.get_by_text("line 40").wait_for()
    lines = [line.strip() for line in ann.terminal("gs1").splitlines()]
    numbers = [int(line[5:]) for line in lines if line.startswith("line ")]
    assert numbers == list(range(numbers[0], 41))
    # Who only looks on has seen the same.
    assert "gs1: proven" in bob.said("make-slow")
    assert bob.page.get_by_role("button", name="Run: Make slow", exact=True).count() == 0


def test_a_wish_that_was_cut_off_is_fulfilled_once(ann: Operator, relay: Relay) -> None:
    """It is sent again with its own number when the connection is back."""
    relay.cut()
    ann.page.locator("[data-connection=lost]").wait_for()
    ann.page.get_by_role("button", name="Look again").focus()
    ann.page.keyboard.press("Enter")
    kept = json.loads(ann.page.evaluate("sessionStorage.getItem('runbook-serve:wishes')"))
    assert [one["verb"] for one in kept] == ["look"]
    relay.mend()
    until(lambda: ann.page.evaluate("sessionStorage.getItem('runbook-serve:wishes')") == "[]")


def test_a_manual_task_is_taken_over_and_answered_in_the_terminal(
    ann: Operator, bob: Operator
) -> None:
    """The one who took over is asked, and the other one only looks on."""
    ann.press("Run: Look at it")
    ann.page.get_by_role("button", name="It is done").wait_for()
    bob.take("bob", over=True)
    bob.page.get_by_role("button", name="It is done").wait_for()
    ann.page.get_by_role("button", name="It is done").wait_for(state="hidden")
    ann.page.get_by_role("button", name="Take over").wait_for()
    bob.page.locator("[data-host=gs1] .xterm-rows").get_by_text("Is it done?").wait_for()
    bob.page.keyboard.type("y\n")
    assert "gs1: proven" in bob.said("look-at-it")
    ann.take("ann", over=True)


def test_a_secret_is_typed_in_the_terminal_and_stored_nowhere(
    ann: Operator, acted: Serving, home: dict[str, Path]
) -> None:
    """Not in the browser, not in a file of the guide, and not on the terminal."""
    ann.press("Run: Store the key")
    ann.page.locator("[data-host=gs1] .xterm-rows").get_by_text("The secret door-key:").wait_for()
    ann.page.keyboard.type(f"{SECRET}\n")
    assert "gs1: proven" in ann.said("store-the-key")
    assert (home["gs1"] / "key").read_text() == f"{SECRET}\n"
    ann.page.locator("[data-host=gs1] .xterm-rows").get_by_text("the key is [secret]").wait_for()
    assert SECRET not in ann.page.content()
    for store in ("sessionStorage", "localStorage"):
        assert SECRET not in ann.page.evaluate(f"JSON.stringify({store})")
    assert files_with(acted.guide, SECRET) == []


def test_what_may_destroy_something_wants_the_names_of_the_hosts(
    ann: Operator, home: dict[str, Path]
) -> None:
    """Another name does not do; the refusal is said."""
    ann.press("Run: Remove it")
    dialog = ann.page.get_by_role("dialog", name="Do you mean these hosts?")
    dialog.wait_for()
    ann.page.keyboard.type("gs2\n")
    dialog.get_by_text("These were not the names.").wait_for()
    assert not (home["gs1"] / "removed").exists()
    ann.page.keyboard.type("gs1\n")
    assert "gs1: proven" in ann.said("remove-it")
    assert not (home["gs1"] / "once").exists()


def violations(page: Page, *rules: str) -> list[str]:
    """Return what axe-core finds of serious problems, of these `rules` or of all."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": list(rules)} if rules else {}
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
        for one in Axe().run(page, options=options).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_pages_that_act_have_no_serious_accessibility_problem(ann: Operator) -> None:
    """According to axe-core, with terminals and a dialog open; light, dark, and on a phone."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page = ann.page
    for name in ("one.html", "proven.html"):
        ann.open(name)
        page.locator("[data-state=holds]").first.wait_for()
        page.screenshot(path=SHOTS / f"serve-{name.removesuffix('.html')}.png")
        assert violations(page) == []
    page.get_by_text("Everything that was looked at is as the guide says.").wait_for()
    ann.open("one.html")
    ann.press("What it will do: Make both")
    dialog = page.get_by_role("dialog", name="Make both")
    dialog.wait_for()
    page.screenshot(path=SHOTS / "serve-dialog.png")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, "color-contrast") == []
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert violations(page, "color-contrast") == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=SHOTS / "serve-phone.png")
    assert violations(page, "color-contrast", "scrollable-region-focusable") == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_chapter_is_undone_and_everything_stands_in_the_record(
    ann: Operator, acted: Serving, home: dict[str, Path]
) -> None:
    """With who did it."""
    ann.open("one.html")
    ann.page.locator("#make-both summary", has_text="More").click()
    ann.press("Undo: Make both")
    ann.page.locator("#make-both").get_by_role("button", name="Run it").focus()
    ann.page.keyboard.press("Enter")
    dialog = ann.page.get_by_role("dialog", name="Do you mean these hosts?")
    if dialog.is_visible():
        ann.page.keyboard.type("gs1 gs2\n")
    assert "gs1: proven" in ann.said("clean-up")
    assert not (home["gs2"] / "both").exists()
    journals = [path.read_text() for path in acted.guide.rglob("journal.jsonl")]
    told = "".join(journals)
    for words in ('"attested"', '"confirmed"', '"bob"', '"ann"', '"refused"'):
        assert words in told
