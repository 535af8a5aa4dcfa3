"""The gate before everything: no request passes that does not know the secret of this server."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from attrs import frozen
from starlette.datastructures import Headers, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from runbook.server import policy
from runbook.server.access import PARAMETER, Access, Role, is_loopback, is_own_origin

ROLE: Final = "runbook.role"
"""Where the scope of a request has the role of who asks."""

_SAFE: Final = frozenset({"GET", "HEAD"})
_LONGEST: Final = 8192
"""Characters of a path and its parameters."""


@frozen
class Gate:
    """Lets through to `app` only who may ask; a program by the protocol of ASGI.

    It refuses other names of this machine, other origins, and whoever has neither token nor
    cookie. Methods other than GET and HEAD reach nothing: what acts comes by the socket.
    """

    app: ASGIApp
    access: Access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = self._answer(scope)
        if answer is None:
            await self.app(scope, receive, send)
        else:
            await answer(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        """Return the answer to who may not pass yet, or `None`; it puts the role into `scope`."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_loopback(hosts[0]):
            return refusal(421, "this server answers only to the names of the loopback")
        origins = headers.getlist("origin")
        if any(not is_own_origin(origin, hosts[0]) for origin in origins):
            return refusal(403, "this page belongs to another site")
        socket = scope["type"] == "websocket"
        if socket and len(origins) != 1:
            return refusal(403, "only a page of this server may open its socket")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return refusal(403, "this was asked for by another site")
        if not socket and scope["method"] not in _SAFE:
            return refusal(405, "nothing is changed this way", Allow="GET, HEAD")
        if len(scope["path"]) + len(scope["query_string"]) > _LONGEST:
            return refusal(414, "this address is too long")
        given = QueryParams(scope["query_string"])
        if not socket and PARAMETER in given:
            return self._welcome(scope["path"], given)
        cookie = HTTPConnection(scope).cookies.get(self.access.cookie, "")
        role = self.access.role_of_cookie(cookie)
        if role is None:
            return refusal(
                403, "Open the address that `runbook serve` has printed, with its token."
            )
        scope[ROLE] = role
        return None

    def _welcome(self, path: str, given: QueryParams) -> Response:
        """Exchange the token for a cookie, so that it is in no history and no address."""
        role = self.access.role_of_token(given[PARAMETER])
        if role is None:
            return refusal(403, "This is not the token of this server: it may have been restarted.")
        rest = urlencode(
            [(name, value) for name, value in given.multi_items() if name != PARAMETER]
        )
        # A path with two slashes would be another machine's.
        where = "/" + path.lstrip("/\\")
        answer = RedirectResponse(f"{where}?{rest}" if rest else where, 303, policy.EVERY_ANSWER)
        answer.set_cookie(
            self.access.cookie, self.access.cookie_for(role), httponly=True, samesite="strict"
        )
        return answer


def role_of(scope: Scope) -> Role:
    """Return the role of who was let through."""
    role: Role = scope[ROLE]
    return role


def refusal(status: int, why: str, **headers: str) -> Response:
    """Return the answer to a request that is refused."""
    return PlainTextResponse(
        f"{why}\n", status, {**policy.of_file("text/plain"), "Cache-Control": "no-store", **headers}
    )
