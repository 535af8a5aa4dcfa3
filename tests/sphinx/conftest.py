"""A browser for the tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support import needs
from tests.support.browsing import QUIET

if TYPE_CHECKING:
    from playwright.sync_api import Browser


# Its driver keeps an event loop running in this process, in which tests of other files could
# start none of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=str(needs.CHROMIUM), args=QUIET)
        yield found
        found.close()
