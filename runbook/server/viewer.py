"""One page that is open in a browser: it is sent what it has not seen, as fast as it can take it.

Nothing is kept for a page but what it has seen: one that is slow, or gone, costs no memory and
holds up nobody. It is sent further output of a terminal only when it has shown what it got.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import struct
import time
from collections.abc import Callable
from typing import Any, Final

from attrs import define, field
from starlette.websockets import WebSocket, WebSocketDisconnect

from runbook.errors import RunbookError
from runbook.server.access import Role
from runbook.server.feed import Feed
from runbook.server.messages import Hello, MessageError, Seen, Wish, read

_FIRST: Final = 10.0
"""Seconds in which a page must say who it is."""
_STUCK: Final = 60.0
"""Seconds after which a page that takes nothing at all is given up; it may come back."""
WINDOW: Final = 262_144
"""Bytes of a terminal that may be on their way to a page."""
_PIECE: Final = 65_536
_PAUSE: Final = 0.015
"""Seconds between two looks, so that many small changes are one message."""
_CLOSE: Final = 5.0
_AT_ONCE: Final = 32
"""Wishes of one page that are being fulfilled; a person has one or two."""
_REFUSED: Final = 1008

Answer = Callable[[str, Role, Wish], Any]
"""Does what somebody wishes: given who, in which role. Called in a thread of its own."""


@define
class Viewer:
    """The page behind a socket; `answer` does what it wishes, `joined` is told of its hello."""

    socket: WebSocket
    role: Role
    feed: Feed
    answer: Answer
    joined: Callable[[Hello], None]
    _client: str = ""
    _seen: int = 0
    _sent: dict[str, int] = field(factory=dict)
    _shown: dict[str, int] = field(factory=dict)
    _woken: asyncio.Event = field(factory=asyncio.Event)
    _sending: asyncio.Lock = field(factory=asyncio.Lock)
    _busy: set[asyncio.Task[None]] = field(factory=set)

    async def serve(self) -> None:
        """Serve the page until it or the server ends."""
        await self.socket.accept()
        try:
            hello = read(await asyncio.wait_for(self.socket.receive_text(), _FIRST))
            if not isinstance(hello, Hello):
                raise MessageError("the first message says who you are")
            await self._begin(hello)
            self.feed.watch(self._woken)
            sending = asyncio.create_task(self._send())
            receiving = asyncio.create_task(self._receive())
            done, left = await asyncio.wait(
                (sending, receiving), return_when=asyncio.FIRST_COMPLETED
            )
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            for task in done:
                task.result()
        except (MessageError, KeyError, TimeoutError) as error:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, OSError, TimeoutError):
                closing = self.socket.close(_REFUSED, str(error)[:100] or "too slow")
                await asyncio.wait_for(closing, _CLOSE)
        except (WebSocketDisconnect, RuntimeError, OSError):
            pass  # the page is gone; it comes back with what it has seen
        finally:
            self.feed.forget(self._woken)

    async def _begin(self, hello: Hello) -> None:
        """Take in what the page has seen, if that was of this very feed."""
        self._client = hello.client
        if hello.feed == self.feed.identity:
            self._seen = min(hello.seen, self.feed.number)
            self._sent = dict(hello.terminals)
            self._shown = dict(hello.terminals)
        await self._say(
            {
                "type": "welcome",
                "feed": self.feed.identity,
                "role": self.role.value,
                "you": badge(hello.client),
                "seen": self._seen,
            }
        )
        self.joined(hello)

    async def _receive(self) -> None:
        while True:
            match read(await self.socket.receive_text()):
                case Seen() as seen:
                    self._shown.update(
                        (name, min(at, self._sent.get(name, 0)))
                        for name, at in seen.terminals.items()
                        if name in self._sent
                    )
                    self._woken.set()
                case Wish() if len(self._busy) >= _AT_ONCE:
                    raise MessageError("these are too many wishes at once")
                case Wish() as wish:
                    # Waits for nothing: another one may be the answer to what this one asks.
                    task = asyncio.create_task(self._fulfil(wish))
                    self._busy.add(task)
                    task.add_done_callback(self._busy.discard)
                case Hello():
                    raise MessageError("you have said who you are")

    async def _fulfil(self, wish: Wish) -> None:
        try:
            said = await asyncio.to_thread(self.answer, self._client, self.role, wish)
            answer = {"ok": True, "said": said}
        except RunbookError as error:
            answer = {"ok": False, "said": str(error)}
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            await self._say({"type": "answer", "id": wish.id, **answer})

    async def _send(self) -> None:
        """Send what the page has not seen, whenever there is something."""
        while True:
            began = time.monotonic()
            self._woken.clear()
            if not await self._send_values() and not await self._send_output():
                await self._woken.wait()
                continue
            await asyncio.sleep(max(0.0, _PAUSE - (time.monotonic() - began)))

    async def _send_values(self) -> bool:
        changes = self.feed.since(self._seen)
        if not changes:
            return False
        await self._say(
            {
                "type": "values",
                "seen": changes[-1].number,
                "set": {change.name: change.value for change in changes},
            }
        )
        self._seen = changes[-1].number
        return True

    async def _send_output(self) -> bool:
        """Send some output of each terminal; false if there is none that the page can take."""
        any_sent = False
        for name, scrollback in self.feed.terminals():
            sent = self._sent.setdefault(name, 0)
            self._shown.setdefault(name, sent)
            room = WINDOW - (sent - self._shown[name])
            if room <= 0 or sent == scrollback.end:
                continue
            at, data = scrollback.read(sent, min(room, _PIECE))
            if not data and at == sent:
                continue
            label = name.encode()
            head = struct.pack("!QH", at, len(label))
            async with self._sending:
                await asyncio.wait_for(self.socket.send_bytes(head + label + data), _STUCK)
            if at != sent:
                # What was dropped will never be shown.
                self._shown[name] = max(self._shown[name], at)
            self._sent[name] = at + len(data)
            any_sent = True
        return any_sent

    async def _say(self, message: dict[str, Any]) -> None:
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        async with self._sending:
            await asyncio.wait_for(self.socket.send_text(text), _STUCK)


def badge(client: str) -> str:
    """Return what others see of a page: who it is, but not the secret by which it comes back."""
    return hashlib.sha256(client.encode()).hexdigest()[:12]
