"""Pages of a directory in a browser; errors and warnings of the pages are recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]

ORIGIN = "http://localhost"
"""The origin of the pages. Nothing listens there: requests are intercepted, because Chromium aborts
them when a network of the machine changes, as it does during the tests of labs."""


class Visit:
    """A browser page; `complaints` has its errors, warnings and requests to other sites."""

    def __init__(
        self, browser: Browser, directory: Path, *, from_disk: bool = False, **about: Any
    ) -> None:
        self.directory = directory
        self.base = directory.as_uri() if from_disk else ORIGIN
        self.context = browser.new_context(**about)
        self.complaints: list[str] = []
        self.context.on("console", lambda m: self._console(m.type, m.text))
        self.context.on("weberror", lambda e: self.complaints.append(str(e.error)))
        self.context.on("request", lambda r: self._request(r.url))
        self.context.route(f"{ORIGIN}/**", self._answer)
        self.page: Page = self.context.new_page()

    def _answer(self, route: Route) -> None:
        """Answer like a server of the directory; a missing favicon is not an error."""
        path = unquote(urlsplit(route.request.url).path)
        file = self.directory / path.lstrip("/")
        if path == "/favicon.ico":
            route.fulfill(status=204)
        elif file.is_file():
            route.fulfill(path=file)
        else:
            route.fulfill(status=404)

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _request(self, url: str) -> None:
        if urlsplit(url).hostname not in (None, "localhost") and not url.startswith("data:"):
            self.complaints.append(f"asked {url}")

    def go(self, name: str) -> Page:
        """Open a page of the guide."""
        self.page.goto(f"{self.base}/{name}")
        return self.page
