"""Questions to the person at a page, for which something that runs is waiting."""

from __future__ import annotations

import secrets
import threading

from attrs import define, field

from runbook.model import Manual, Step
from runbook.server.desk import RefusedError
from runbook.server.feed import Feed


@define
class Questions:
    """Asks whether a manual task is done, one at a time, until somebody answers.

    The present one is the value `question` of the feed, so that whoever comes later sees it too.
    """

    feed: Feed
    _asking: threading.Lock = field(factory=threading.Lock)
    _answered: threading.Condition = field(factory=threading.Condition)
    _open: str = ""
    _step: str = ""
    _done: bool = False
    _closed: bool = False

    def attend(self, step: Step, host: str, task: Manual) -> bool:
        """Ask a person to do a task of a step on a host; true if it was done."""
        with self._asking, self._answered:
            if self._closed:
                return False
            self._open, self._step, self._done = secrets.token_hex(8), step.id, False
            asked = {"id": self._open, "step": step.id, "host": host, "text": task.text}
            self.feed.set({"question": asked})
            self._answered.wait_for(lambda: not self._open)
            self.feed.set({"question": None})
            return self._done

    def answer(self, question: str, *, done: bool) -> str:
        """Answer the question of that id, and return the step that asks it.

        Raises:
            RefusedError: it is not asked any more.

        """
        with self._answered:
            if not question or question != self._open:
                raise RefusedError("this is not asked any more")
            self._open, self._done = "", done
            self._answered.notify_all()
            return self._step

    def leave(self) -> None:
        """Answer the present question, if there is one, with no."""
        with self._answered:
            self._open = ""
            self._answered.notify_all()

    def close(self) -> None:
        """Answer every question with no from now on."""
        self._closed = True
        self.leave()
