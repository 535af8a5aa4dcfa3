"""A browser on pages that this machine serves; what a page complains of is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


class _Quiet(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer; browsers ask for an icon that the guide does not have."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve a directory, and give the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(directory))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class Visit:
    """A page that is looked at; whatever it complains of or fetches from afar is kept."""

    def __init__(self, browser: Browser, base: str, **about: Any) -> None:
        self.base = base
        self.context = browser.new_context(**about)
        self.complaints: list[str] = []
        self.context.on("console", lambda m: self._console(m.type, m.text))
        self.context.on("weberror", lambda e: self.complaints.append(str(e.error)))
        self.context.on("request", lambda r: self._request(r.url))
        self.page: Page = self.context.new_page()

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _request(self, url: str) -> None:
        if urlsplit(url).hostname not in (None, "127.0.0.1") and not url.startswith("data:"):
            self.complaints.append(f"asked {url}")

    def go(self, name: str) -> Page:
        """Open a page of the guide."""
        self.page.goto(f"{self.base}/{name}")
        return self.page
