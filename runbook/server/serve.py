"""`runbook serve`: the guide on the loopback, until somebody ends it."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from attrs import define, field, frozen
from uvicorn.config import WS_PROTOCOLS

from runbook.commands.choices import refuse_unknown_choices
from runbook.commands.guide import planned
from runbook.commands.hosts import hosts_of, refuse_unknown_hosts
from runbook.commands.root import refuse_without_root
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution import shared_checks, values
from runbook.execution.selection import Selection, choices_of, forward, refused
from runbook.labs import Lab
from runbook.model import Runbook, Step
from runbook.redaction.known import KnownSecrets
from runbook.server.access import PARAMETER, Access, Role
from runbook.server.app import LivePages
from runbook.server.desk import Desk
from runbook.server.feed import Feed
from runbook.server.messages import LARGEST, Wish
from runbook.server.pages import Pages
from runbook.server.rendering import render
from runbook.server.watching import StateWatch, Watched

_LOOPBACK: Final = "127.0.0.1"
_WEBSOCKETS: Final = "websockets-sansio" if "websockets-sansio" in WS_PROTOCOLS else "websockets"
_CONNECTIONS: Final = 256
_GRACE: Final = 3
"""Seconds in which pages take leave when the server ends."""
_RECENT: Final = 10.0
"""Seconds in which what is known of all steps is not old."""


@frozen
class Served:
    """What is to be served: the guide in `guide`, and its `lab` of the kind `kind`.

    The checks are evaluated again every so many seconds while somebody looks, or only when they
    are asked for with `every` at 0. With `acting` the steps can be run.
    """

    guide: Path
    kind: str
    lab: Lab
    selection: Selection
    port: int = 0
    every: float = 60.0
    acting: bool = False


def serve(asked: Served, tell: Callable[[str], None]) -> None:
    """Serve the guide until the process is interrupted; `tell` is given the lines to show.

    Raises:
        RunbookError: the guide or its lab is wrong, or the port is taken.

    """
    whole = planned(asked.guide)
    runbook = forward(whole)
    refuse_unknown_hosts(runbook, asked.lab)
    refuse_unknown_choices(runbook, asked.selection.chosen, asked.lab.cluster)
    refuse_without_root(asked.lab)
    with ExitStack() as stack:
        listening = stack.enter_context(_listening(asked.port))
        tell("The pages are built if they are missing or stale ...")
        pages = Pages(render(asked.guide))
        known = stack.enter_context(known_secrets(asked.guide, asked.kind))
        feed = Feed()
        feed.set({"guide": _about(asked, runbook, pages)})
        watch = stack.enter_context(_watch(asked, runbook, feed, known))
        looking = stack.enter_context(_Looking(watch, asked.every))
        desk = Desk(feed, {"look": looking.wish}, {})
        access = Access(listening.getsockname()[1], asked.acting)
        app = LivePages(pages, feed, desk.answer, looking.looks).app(access)
        for line in _addresses(access):
            tell(line)
        config = uvicorn.Config(
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
        # To interrupt the server is the way to end it.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


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


def _about(asked: Served, runbook: Runbook, pages: Pages) -> dict[str, Any]:
    """Return what pages are told of the guide, once."""
    cards = pages.steps()
    return {
        "lab": asked.lab.name,
        "madeOf": asked.lab.made_of,
        "acting": asked.acting,
        "hosts": [host.name for host in asked.lab.cluster.hosts],
        "steps": {
            step.id: {
                "title": step.title,
                "address": cards.get(step.id, ""),
                "hosts": [host.name for host in asked.lab.cluster.select(step.on or ("all",))],
            }
            for step in _shown(asked, runbook)
        },
    }


def _shown(asked: Served, runbook: Runbook) -> list[Step]:
    return [
        step
        for step in runbook.steps()
        if not refused(step, asked.lab.cluster, asked.selection, {})
    ]


@contextmanager
def _watch(
    asked: Served, runbook: Runbook, feed: Feed, known: KnownSecrets
) -> Iterator[StateWatch]:
    """Give what evaluates the checks of the lab's hosts, by connections of its own."""
    cluster = asked.lab.cluster
    captures = values.Captures()
    steps: dict[str, list[Step]] = {host.name: [] for host in cluster.hosts}
    for step in _shown(asked, runbook):
        captures.declare(step)
        for host in cluster.select(step.on or ("all",)):
            steps[host.name].append(step)
    watched = Watched(
        hosts_of(asked.lab, known=known),
        {name: tuple(own) for name, own in steps.items()},
        choices_of(cluster, asked.selection),
        shared_checks.load(asked.guide),
        captures.fill_in,
        known.redact,
    )
    with StateWatch(watched, feed) as watch:
        yield watch


@define
class _Looking:
    """Has the checks evaluated while somebody looks; a context manager."""

    watch: StateWatch
    every: float
    _asked: float = -math.inf
    _present: threading.Event = field(factory=threading.Event)
    _ended: threading.Event = field(factory=threading.Event)

    def __enter__(self) -> _Looking:
        threading.Thread(target=self._again, name="every so often", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._present.set()

    def looks(self, steps: Sequence[str], count: int) -> None:
        """Take in that somebody looks at `steps`, and that `count` look at all."""
        if not count:
            self._present.clear()
            return
        self._present.set()
        if time.monotonic() - self._asked > max(self.every, _RECENT):
            self._ask(steps)
        elif steps:
            # Whoever turns to another page sees it as it is now.
            self.watch.ask(steps, first=steps)

    def _ask(self, first: Sequence[str] = ()) -> None:
        self._asked = time.monotonic()
        self.watch.ask(first=first)

    def wish(self, who: str, wish: Wish) -> None:
        """Have the checks of a step, or of all, evaluated again."""
        del who
        step = wish.text("step")
        self.watch.ask([step] if step else None)

    def _again(self) -> None:
        while not self._ended.is_set():
            self._present.wait()
            if self._ended.wait(self.every or None):
                return
            if self._present.is_set():
                self._ask()
