"""Work that takes long, done by a copy of this process, which can be ended at any time."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from attrs import define

from runbook.model import codec


@define
class Later:
    """One piece of work at a time; `fileno` becomes readable when there is a result.

    This process must have no other threads.
    """

    fileno: int = -1
    _pid: int = 0
    _result: bytes = b""

    def start(self, work: Callable[[], Any]) -> None:
        """Begin the `work`, instead of any other."""
        self.end()
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            _work(writing, work)
        os.close(writing)
        self.fileno, self._pid, self._result = reading, pid, b""

    def read(self) -> list[Any] | None:
        """Read what there is of the result; return it as plain data once it is whole.

        Work that failed has no result, which is an empty list.
        """
        data = os.read(self.fileno, 1 << 16)
        if data:
            self._result += data
            return None
        text = self._result
        self.end()
        return list(json.loads(text)) if text else []

    def end(self) -> None:
        """End what is being done."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            os.close(self.fileno)
        self.fileno, self._pid = -1, 0


def _work(writing: int, work: Callable[[], Any]) -> NoReturn:
    try:
        text = json.dumps(codec.unstructure(work()))
        with os.fdopen(writing, "w") as out:
            out.write(text)
    except Exception:  # it must never leave this function: what follows is the other process's
        sys.stderr.write(traceback.format_exc())
    finally:
        os._exit(0)
