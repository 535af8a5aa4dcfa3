"""What all viewers see: values by name, each with the number of its last change, and terminals.

A viewer who was away says which number it saw last, and gets what has changed since: never twice,
nothing left out, and never more than there is, however long it was away or however slow it is.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field, frozen

from runbook.server.scrollback import Scrollback

_MOST: Final = 512
"""Values in one message; a message ends earlier if it becomes long."""


@frozen
class Change:
    """The value of `name` at the moment; `None` if there is none any more."""

    number: int
    name: str
    value: Any


@define
class Feed:
    """The present values, and the terminals by name; any thread may change them.

    `identity` tells a feed from that of a server which was started anew. Who waits is woken in its
    own event loop.
    """

    identity: str = field(factory=lambda: secrets.token_urlsafe(9))
    _number: int = 0
    _changes: OrderedDict[str, Change] = field(factory=OrderedDict)
    _terminals: dict[str, Scrollback] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)
    _waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = field(factory=dict)
    _awake: bool = False

    @property
    def number(self) -> int:
        """The number of the last change."""
        return self._number

    def set(self, values: Mapping[str, Any]) -> None:
        """Change values together; what is the same as before is no change.

        The values must not be changed by the caller afterwards.
        """
        with self._lock:
            for name, value in values.items():
                before = self._changes.get(name)
                if before is not None and before.value == value:
                    continue
                if before is None and value is None:
                    continue
                self._number += 1
                self._changes[name] = Change(self._number, name, value)
                self._changes.move_to_end(name)
        self._wake()

    def get(self, name: str) -> Any:
        """Return the present value of `name`, `None` if it has none."""
        change = self._changes.get(name)
        return None if change is None else change.value

    def since(self, number: int) -> list[Change]:
        """Return what has changed after `number`, the oldest first, in one message's worth."""
        found: list[Change] = []
        with self._lock:
            if number >= self._number:
                return found
            for change in reversed(self._changes.values()):
                if change.number <= number:
                    break
                found.append(change)
        return found[::-1][:_MOST]

    def write(self, terminal: str, data: bytes) -> None:
        """Show output on the terminal of that name."""
        with self._lock:
            scrollback = self._terminals.setdefault(terminal, Scrollback())
        scrollback.write(data)
        self._wake()

    def terminals(self) -> Iterator[tuple[str, Scrollback]]:
        """Yield the terminals by name."""
        with self._lock:
            found = list(self._terminals.items())
        yield from found

    def watch(self, woken: asyncio.Event) -> None:
        """Set the event whenever something has changed; called in its event loop."""
        with self._lock:
            self._waiting[woken] = asyncio.get_running_loop()

    def forget(self, woken: asyncio.Event) -> None:
        """Set the event no more."""
        with self._lock:
            self._waiting.pop(woken, None)

    def _wake(self) -> None:
        """Wake all who wait: once for all that changes until they look."""
        with self._lock:
            if self._awake or not self._waiting:
                return
            self._awake = True
            loop = next(iter(self._waiting.values()))
        try:
            loop.call_soon_threadsafe(self._woken)
        except RuntimeError:  # the server is ending
            return

    def _woken(self) -> None:
        with self._lock:
            self._awake = False
            waiting = list(self._waiting)
        for event in waiting:
            event.set()
