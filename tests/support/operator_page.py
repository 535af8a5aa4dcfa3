"""Somebody at a browser who follows a guide that `runbook serve` shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.support.serving import Serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_TRIES = 6
_LIVE = 20_000
"""Milliseconds in which a page is live, unless its scripts were not loaded."""


class Operator:
    """Somebody at a browser of their own, who uses only the keyboard."""

    def __init__(self, browser: Browser, served: Serving, port: int, role: str = "act") -> None:
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900})
        self.complaints: list[str] = []
        self.context.on("weberror", lambda e: self.complaints.append(str(e.error)))
        self.context.on("console", lambda m: self._console(m.type, m.text))
        self.page: Page = self.context.new_page()
        self.base = f"http://127.0.0.1:{port}"
        self.open(f"?token={served.token(role)}")
        assert self.page.url == f"{self.base}/index.html"
        self.open("one.html")

    def open(self, address: str) -> None:
        """Open a page, and wait until it is live."""
        self._arrive(lambda: self.page.goto(f"{self.base}/{address}"))

    def reload(self) -> None:
        """Load the page once more, and wait until it is live."""
        self._arrive(self.page.reload)

    def _arrive(self, load: Callable[[], object]) -> None:
        """Load a page until it is live.

        Chromium gives up what it is loading when a network of the machine changes, as it does
        during the tests of labs.
        """
        from playwright.sync_api import Error

        for left in reversed(range(_TRIES)):
            try:
                load()
                self.page.locator("[data-connection=connected]").wait_for(timeout=_LIVE)
            except Error:
                if not left:
                    raise
            else:
                return

    def _console(self, kind: str, text: str) -> None:
        # Chromium says so itself when a connection is cut.
        cut = ("WebSocket connection", "ERR_NETWORK_CHANGED")
        if kind == "error" and not any(one in text for one in cut):
            self.complaints.append(text)

    def press(self, name: str) -> None:
        """Press the button of that name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        button.focus()
        self.page.keyboard.press("Enter")

    def take(self, name: str, over: bool = False) -> None:
        """Take the seat of who acts."""
        self.press("Take over" if over else "Act here")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(f"{name}\n")
        self.page.get_by_role("button", name="Stop acting").wait_for()

    def said(self, step: str, kind: str = "good") -> str:
        """Return what came of a step, once that is known."""
        found = self.page.locator(f"#{step} [data-job={kind}]")
        found.wait_for(timeout=60_000)
        return found.inner_text()

    def terminal(self, host: str) -> str:
        """Return what the terminal of a host shows."""
        return self.page.locator(f"[data-host={host}] .xterm-rows").inner_text()
