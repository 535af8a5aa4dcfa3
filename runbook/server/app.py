"""The server's addresses: the pages of the guide, its own files, and the socket of live pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import define
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from runbook.server.access import Access
from runbook.server.feed import Feed
from runbook.server.gate import Gate, role_of
from runbook.server.messages import Hello
from runbook.server.pages import OWN, Pages
from runbook.server.viewer import Answer, Viewer

Looks = Callable[[Sequence[str], int], None]
"""Told when somebody begins or ceases to look: at which steps, and how many now look."""


@define
class LivePages:
    """What the addresses need: pages, what is live on them, and who does what is wished."""

    pages: Pages
    feed: Feed
    answer: Answer
    looks: Looks
    _open: int = 0

    def app(self, access: Access) -> ASGIApp:
        """Return the program that answers requests, by the protocol of ASGI."""
        routes = [
            Route(f"/{OWN}/static/{{path:path}}", self._own),
            Route(f"/{OWN}/{{path:path}}", self._nothing),
            Route("/{path:path}", self._page),
            WebSocketRoute(f"/{OWN}/socket", self._socket),
        ]
        return Gate(Starlette(routes=routes), access)

    async def _page(self, request: Request) -> Response:
        return await self.pages.serve(request)

    async def _own(self, request: Request) -> Response:
        return await self.pages.serve_own(request)

    async def _nothing(self, request: Request) -> Response:
        del request
        return Response(status_code=404)

    async def _socket(self, socket: WebSocket) -> None:
        def joined(hello: Hello) -> None:
            self.looks(hello.steps, self._open)

        self._open += 1
        try:
            await Viewer(socket, role_of(socket.scope), self.feed, self.answer, joined).serve()
        finally:
            self._open -= 1
            self.looks((), self._open)
