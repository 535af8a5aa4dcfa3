"""A relay between a browser and a server, as a tunnel is, whose connections can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


class Relay:
    """Listens on a free `port` and passes on to another one; a context manager that ends it.

    What comes from there goes through `change`.
    """

    def __init__(self, target: int, change: Callable[[bytes], bytes] = bytes) -> None:
        self._target = target
        self._change = change
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._links: list[socket.socket] = []
        self._lock = threading.Lock()
        self._open = threading.Event()
        self._open.set()
        self.cuts = 0

    def cut(self) -> None:
        """Cut all connections, and let none through until `mend`."""
        self._open.clear()
        with self._lock:
            links, self._links = self._links, []
        self.cuts += len(links)
        for link in links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections through again."""
        self._open.set()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if not self._open.is_set():
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            with self._lock:
                self._links += [near, far]
            ends = [0]
            for one, other, change in ((near, far, bytes), (far, near, self._change)):
                threading.Thread(
                    target=self._pass, args=(one, other, ends, change), daemon=True
                ).start()

    def _pass(
        self,
        one: socket.socket,
        other: socket.socket,
        ends: list[int],
        change: Callable[[bytes], bytes],
    ) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(change(data))
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)
        with self._lock:
            ends[0] += 1
            last = ends[0] == 2
        if last:
            one.close()
            other.close()

    def __enter__(self) -> Relay:
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Only this wakes who waits in `accept`.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
        self._thread.join()
