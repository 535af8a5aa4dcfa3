"""`runbook serve`: the guide on the loopback, until somebody ends it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from attrs import field, frozen
from starlette.types import ASGIApp
from uvicorn.config import WS_PROTOCOLS

from runbook.errors import RunbookError
from runbook.following import FollowSession, open_following
from runbook.server.access import PARAMETER, Access, Role
from runbook.server.acting import Acting
from runbook.server.app import LivePages
from runbook.server.desk import Desk
from runbook.server.feed import Feed
from runbook.server.looking import Looking, watched_of
from runbook.server.messages import LARGEST
from runbook.server.pages import Pages
from runbook.server.questions import Questions
from runbook.server.rendering import render
from runbook.server.watching import StateWatch, Watched

_LOOPBACK: Final = "127.0.0.1"
_WEBSOCKETS: Final = "websockets-sansio" if "websockets-sansio" in WS_PROTOCOLS else "websockets"
_CONNECTIONS: Final = 256
_GRACE: Final = 3
"""Seconds in which pages take leave when the server ends."""


@frozen
class Served:
    """What is to be served: the guide in `guide`, and its lab of the kind `kind`.

    `host`, `inventory` and `chosen` are the options of that lab, as in `runbook run`. The checks
    are evaluated again every so many seconds while somebody looks, or only when they are asked for
    with `every` at 0. With `acting` the steps can be run.
    """

    guide: Path
    kind: str
    host: str | None = None
    inventory: Path | None = None
    chosen: Mapping[str, str] = field(factory=dict)
    port: int = 0
    every: float = 60.0
    acting: bool = False


def serve(asked: Served, tell: Callable[[str], None]) -> None:
    """Serve the guide until the process is interrupted; `tell` is given the lines to show.

    Raises:
        RunbookError: the guide or its lab is wrong, somebody else is at it, or the port is taken.

    """
    feed = Feed()
    with ExitStack() as stack:
        listening = stack.enter_context(_listening(asked.port))
        session = stack.enter_context(
            open_following(
                asked.guide,
                asked.kind,
                host=asked.host,
                inventory=asked.inventory,
                chosen=asked.chosen,
                log=tell,
                watching=feed.write,
                act=asked.acting,
            )
        )
        tell("The pages are built if they are missing or stale ...")
        pages = Pages(render(asked.guide))
        watched = watched_of(session, asked.chosen)
        feed.set({"guide": _about(asked, session, watched, pages)})
        watch = stack.enter_context(StateWatch(watched, feed))
        acting = Acting(session, feed, watch.again, Questions(feed))
        stack.callback(acting.close)
        acting.show()
        if asked.acting:
            acting.warm()
        looking = stack.enter_context(Looking(watch, asked.every, acting.show))
        deeds = acting.deeds() if asked.acting else {}
        desk = Desk(feed, {"look": looking.wish}, deeds, acting.took)
        access = Access(listening.getsockname()[1], asked.acting)
        app = LivePages(pages, feed, desk.answer, looking.looks).app(access)
        for line in _addresses(access):
            tell(line)
        # To interrupt the server is the way to end it.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(_config(app)).run(sockets=[listening])


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws=_WEBSOCKETS,
        ws_max_size=LARGEST,
        ws_per_message_deflate=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_GRACE,
        h11_max_incomplete_event_size=LARGEST,
    )


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    """Give a socket that listens on the loopback; a free port is taken for 0.

    Raises:
        RunbookError: somebody else listens there.

    """
    try:
        made = socket.create_server((_LOOPBACK, port))
    except OSError as error:
        raise RunbookError(
            f"--port: {_LOOPBACK}:{port} cannot be listened on: {error.strerror}; leave the option "
            "out for a free one"
        ) from error
    with made:
        yield made


def _addresses(access: Access) -> Iterator[str]:
    base = f"http://{_LOOPBACK}:{access.port}/?{PARAMETER}="
    if access.acting:
        yield f"To act:  {base}{access.token(Role.ACT)}"
    yield f"To look: {base}{access.token(Role.VIEW)}"
    yield "Whoever has an address may do that; end the server with Ctrl-C."


def _about(asked: Served, session: FollowSession, watched: Watched, pages: Pages) -> dict[str, Any]:
    """Return what pages are told of the guide, once."""
    cards = pages.steps()
    lab = session.setting.lab
    steps: dict[str, dict[str, Any]] = {}
    for name, own in watched.steps.items():
        for step in own:
            about = {"title": step.title, "address": cards.get(step.id, ""), "hosts": []}
            steps.setdefault(step.id, about)["hosts"].append(name)
    return {
        "lab": lab.name,
        "madeOf": lab.made_of,
        "acting": asked.acting,
        "who": session.who,
        "hosts": [host.name for host in lab.cluster.hosts],
        "steps": steps,
    }
