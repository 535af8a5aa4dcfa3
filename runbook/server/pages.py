"""Serves the rendered guide. What the server adds to a page is added on its way to the browser."""

from __future__ import annotations

import mimetypes
import re
from html import unescape
from pathlib import Path
from typing import Final

import anyio.to_thread
from attrs import define, field, frozen
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from runbook.server import policy
from runbook.server.gate import refusal
from runbook.server.rendering import Rendered

OWN: Final = "_runbook"
"""The first part of all addresses that are the server's own."""
STATIC: Final = Path(__file__).parent / "static"

_ADDED: Final = f"""\
<link rel="stylesheet" href="/{OWN}/static/third-party/xterm/xterm.css">
<link rel="stylesheet" href="/{OWN}/static/serve.css">
<script type="module" src="/{OWN}/static/main.js"></script>
"""
_HEAD_END: Final = re.compile(r"</head\s*>", re.IGNORECASE)
_CARD: Final = re.compile(r'<article\b(?=[^>]*\bclass="[^"]*\brunbook-step\b)[^>]*>')
_ATTRIBUTE: Final = re.compile(r'\b(id|data-step)="([^"]*)"')
_MOST: Final = 64
"""Pages that are kept in memory."""
_ICON: Final = "favicon.ico"


@frozen
class _Page:
    """A page as it is sent, and the hashes of the scripts that stand in it."""

    html: str
    scripts: tuple[str, ...]
    changed: int


@define
class Pages:
    """The files below the directory of the rendered guide, and those of this server."""

    rendered: Rendered
    _kept: dict[Path, _Page] = field(factory=dict)

    async def serve(self, request: Request) -> Response:
        """Answer the request for a file of the guide; `/` leads to its first page."""
        path = request.path_params["path"]
        if not path:
            return RedirectResponse(f"/{self.rendered.root}", 307, policy.EVERY_ANSWER)
        found = file_below(self.rendered.directory, path)
        if found is not None and found.is_dir():
            found = file_below(self.rendered.directory, f"{path.rstrip('/')}/index.html")
        if found is None or not found.is_file():
            # Browsers ask for this of themselves.
            return Response(status_code=204) if path == _ICON else await self._missing(request)
        if found.suffix == ".html":
            return await self._page(request, found, 200)
        return _file(found)

    async def serve_own(self, request: Request) -> Response:
        """Answer the request for a script or a style sheet of this server."""
        found = file_below(STATIC, request.path_params["path"])
        if found is None or not found.is_file():
            return refusal(404, "there is no such file")
        return _file(found)

    def steps(self) -> dict[str, str]:
        """Return the address of each step's card, from `/` on, by the step's id."""
        found: dict[str, str] = {}
        for path in sorted(self.rendered.directory.rglob("*.html")):
            address = path.relative_to(self.rendered.directory).as_posix()
            for card in _CARD.finditer(path.read_text(encoding="utf-8")):
                attributes = dict(_ATTRIBUTE.findall(card[0]))
                if "id" in attributes and "data-step" in attributes:
                    step = unescape(attributes["data-step"])
                    found.setdefault(step, f"/{address}#{unescape(attributes['id'])}")
        return found

    async def _missing(self, request: Request) -> Response:
        path = file_below(self.rendered.directory, "404.html")
        if path is None or not path.is_file():
            return refusal(404, "there is no such page")
        return await self._page(request, path, 404)

    async def _page(self, request: Request, path: Path, status: int) -> Response:
        page = await anyio.to_thread.run_sync(self._read, path)
        host = request.headers["host"]
        return HTMLResponse(page.html, status, policy.of_page(host, page.scripts))

    def _read(self, path: Path) -> _Page:
        changed = path.stat().st_mtime_ns
        kept = self._kept.get(path)
        if kept is not None and kept.changed == changed:
            return kept
        html = path.read_text(encoding="utf-8")
        page = _Page(with_ours(html), policy.inline_scripts(html), changed)
        while len(self._kept) >= _MOST:
            self._kept.pop(next(iter(self._kept)))
        self._kept[path] = page
        return page


def with_ours(html: str) -> str:
    """Return a page with our style sheet and script; one without a head stays as it is."""
    return _HEAD_END.sub(lambda found: f"{_ADDED}{found[0]}", html, count=1)


def file_below(directory: Path, path: str) -> Path | None:
    """Return the file at `path` below `directory`; `None` if that leads elsewhere, or is hidden.

    Hidden are names that begin with a point: what Sphinx keeps for itself.
    """
    parts = path.split("/")
    if any(part.startswith(".") or "\0" in part or "\\" in part for part in parts):
        return None
    if parts[0] == "" or len(path) > 1024:
        return None
    found = (directory / path).resolve()
    return found if found.is_relative_to(directory.resolve()) else None


def _file(path: Path) -> Response:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix in (".js", ".mjs"):
        kind = "text/javascript"
    return FileResponse(path, headers=policy.of_file(kind), media_type=kind)
