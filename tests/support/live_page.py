"""A page of `runbook serve` without a browser, for the tests of what it is sent."""

from __future__ import annotations

import json
import struct
import time
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.support.serving import Serving


class Page:
    """A page without a browser: it keeps what it was sent, as the script of pages does."""

    def __init__(self, served: Serving, role: str = "look", client: str = "page") -> None:
        self.served, self.role, self.client = served, role, client
        self.feed, self.seen = "", 0
        self.values: dict[str, Any] = {}
        self.changes: list[tuple[int, list[str]]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.output: list[tuple[str, int, bytes]] = []
        self.shows = True

    def __enter__(self) -> Page:
        """Open the socket, and say who this is and what it has seen."""
        self._stack = ExitStack()
        opening: Any = connect(
            self.served.socket,
            additional_headers=self.served.headers(self.role),
            origin=Origin(self.served.base),
            compression=None,
            max_size=None,
            # What nobody takes must not hold up the end of the connection.
            max_queue=None,
            ping_interval=None,
        )
        self.link: ClientConnection = self._stack.enter_context(opening)
        self.send(type="hello", client=self.client, feed=self.feed, seen=self.seen,
                  terminals=self.terminals(), steps=[])  # fmt: skip
        return self

    def terminals(self) -> dict[str, int]:
        """Return how far each terminal was shown."""
        return {name: at + len(data) for name, at, data in self.output}

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def send(self, **message: Any) -> None:
        """Send a message."""
        self.link.send(json.dumps(message))

    def until(self, name: str, *wanted: Any, seconds: float = 20) -> Any:
        """Receive until a value is one of those wanted, or any if none is, and return it."""
        end = time.monotonic() + seconds
        while (value := self.values.get(name)) is None or (wanted and value not in wanted):
            self.receive(end - time.monotonic())
        return value

    def receive(self, seconds: float = 20) -> None:
        """Take in one message."""
        message = self.link.recv(max(0.0, seconds))
        if isinstance(message, bytes):
            at, length = struct.unpack("!QH", message[:10])
            name, data = message[10 : 10 + length].decode(), message[10 + length :]
            self.output.append((name, at, data))
            if self.shows:
                self.send(type="seen", terminals={name: at + len(data)})
            return
        data = json.loads(message)
        match data["type"]:
            case "welcome":
                self.feed, self.seen = data["feed"], data["seen"]
            case "values":
                assert data["seen"] > self.seen
                self.changes.append((data["seen"], list(data["set"])))
                self.seen = data["seen"]
                self.values.update(data["set"])
            case "answer":
                self.answers[data["id"]] = data

    def wish(self, id_: str, verb: str, **given: Any) -> dict[str, Any]:
        """Wish something, and return the answer."""
        self.send(type="wish", id=id_, verb=verb, **given)
        while id_ not in self.answers:
            self.receive()
        return self.answers.pop(id_)
