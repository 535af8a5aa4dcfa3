"""Secrets in blocks: one reference, however they are written, and a place to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runbook.model import Capture, Command, FileContent
from tests.support import needs
from tests.support.browsing import Visit
from tests.support.extended import CHECKED, html, plan, writer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LACKING = needs.lacking_for_browsers()
STEP = rf"""
.. step:: Log in
   :on: box
   :capture: token secret token: (\S+)

   .. code-block:: console

      # login <<< :secret:`admin`

   .. parsed-literal::

      # cat <<< **x**\ :secret:`admin`

   .. file:: /etc/login

      password=<secret:admin>
{CHECKED}"""


def test_a_role_in_a_block_is_a_reference(tmp_path: Path) -> None:
    """In a parsed block as well, and in a file; a capture says that it is secret."""
    step = next(iter(plan(writer(tmp_path)(STEP, "runbook.sphinx")).steps()))
    texts = [one.text for one in step.actions if isinstance(one, Command | FileContent)]
    assert texts == [
        "login <<< <secret:admin>",
        "cat <<< x<secret:admin>",
        "password=<secret:admin>\n",
    ]
    assert step.capture == Capture("token", r"token: (\S+)", secret=True)


def test_a_page_marks_where_the_reader_fills_in_a_secret(tmp_path: Path) -> None:
    """In commands and in files."""
    page = html(writer(tmp_path)(STEP, "runbook.sphinx"))
    assert page.count('class="runbook-fill" title="Your own value of the secret admin"') == 2
    # The block with other markup is no card.
    assert page.count('<span class="runbook-fill">') == 1


@pytest.mark.browser
@pytest.mark.skipif(bool(LACKING), reason=LACKING)
def test_the_copy_button_says_what_is_left_to_fill_in(browser: Browser, tmp_path: Path) -> None:
    """Nobody takes the reference for the value."""
    html(writer(tmp_path)(STEP, "runbook.sphinx"))
    visit = Visit(browser, tmp_path / "html")
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.go("index.html")
    button = page.locator(".runbook-console .runbook-copy").first
    button.click()
    told = "Copied the commands; put your own values in the place of <secret:admin>"
    page.locator("[role=status]", has_text=told).wait_for(state="attached")
    assert button.inner_text() == "Fill it in"
    assert page.evaluate("navigator.clipboard.readText()") == "login <<< <secret:admin>"
    visit.context.close()
    assert visit.complaints == []
