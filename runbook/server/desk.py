"""Takes what the pages wish: each wish once, and what acts only from the one who may.

A page that has lost its connection sends a wish again, because it cannot know whether it arrived.
"""

from __future__ import annotations

import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, field

from runbook.errors import RunbookError
from runbook.report.text import sanitize
from runbook.server.access import Role
from runbook.server.feed import Feed
from runbook.server.messages import Wish
from runbook.server.viewer import badge

_REMEMBERED: Final = 1024
"""Wishes whose answers are kept: more than all pages have on their way."""
_NAME: Final = 60

Deed = Callable[[str, Wish], Any]
"""Does what somebody of that name wishes, or begins it; it does not take long."""


class RefusedError(RunbookError):
    """Somebody may not do what they wish; the message says why, and what they can do."""


@define
class _Done:
    """What came of a wish; `settled` is set when that is known."""

    settled: threading.Event = field(factory=threading.Event)
    said: Any = None
    error: RunbookError | None = None


@define
class Desk:
    """Answers wishes, from any thread.

    `looks` are what everybody may wish. `deeds` are for the one who has taken the seat; there are
    none on a server that only shows. `took` is told who takes the seat, and who had it.
    """

    feed: Feed
    looks: Mapping[str, Deed]
    deeds: Mapping[str, Deed]
    took: Callable[[str, str], None] = lambda _who, _before: None
    _seat: str = ""
    _name: str = ""
    _done: OrderedDict[str, _Done] = field(factory=OrderedDict)
    _lock: threading.Lock = field(factory=threading.Lock)

    def answer(self, client: str, role: Role, wish: Wish) -> Any:
        """Do what `client` wishes, unless that very wish was fulfilled before: then tell again.

        Raises:
            RunbookError: it cannot be done, or not by them.

        """
        with self._lock:
            key = f"{client} {wish.id}"
            known = self._done.get(key)
            if known is None:
                mine = self._done[key] = _Done()
                while len(self._done) > _REMEMBERED:
                    self._done.popitem(last=False)
        if known is not None:
            return self._told(known)
        try:
            mine.said = self._do(client, role, wish)
        except RunbookError as error:
            mine.error = error
        except Exception as error:
            # Whoever wished it is told, whatever is wrong with us.
            traceback.print_exc()
            mine.error = RefusedError(f"{type(error).__name__}: {error}")
        finally:
            mine.settled.set()
        return self._told(mine)

    @staticmethod
    def _told(done: _Done) -> Any:
        done.settled.wait()
        if done.error is not None:
            raise done.error
        return done.said

    def _do(self, client: str, role: Role, wish: Wish) -> Any:
        if deed := self.looks.get(wish.verb):
            return deed("", wish)
        if not self.deeds:
            raise RefusedError("this server only shows; start it with --allow-run to act")
        if role is not Role.ACT:
            raise RefusedError("your address only shows; ask for the one that acts")
        if wish.verb == "take":
            return self._take(client, wish)
        if wish.verb == "leave":
            return self._leave(client)
        deed = self.deeds.get(wish.verb)
        if deed is None:
            raise RefusedError(f"nobody knows how to {wish.verb}")
        with self._lock:
            if self._seat != client:
                who = f"{self._name} acts" if self._seat else "nobody acts yet"
                raise RefusedError(f"{who}; take over first")
            name = self._name
        return deed(name, wish)

    def _take(self, client: str, wish: Wish) -> None:
        name = " ".join(sanitize(wish.text("name", _NAME)).split())
        if not name:
            raise RefusedError("say who you are: it stands in the record")
        with self._lock:
            if self._seat not in ("", client) and wish.given.get("over") is not True:
                raise RefusedError(f"{self._name} acts; take over if they agree")
            before = self._name if self._seat != client else name
            self._seat, self._name = client, name
        self.feed.set({"seat": {"badge": badge(client), "name": name}})
        if before != name:
            self.took(name, before)

    def _leave(self, client: str) -> None:
        with self._lock:
            if self._seat != client:
                return
            self._seat = self._name = ""
        self.feed.set({"seat": None})
