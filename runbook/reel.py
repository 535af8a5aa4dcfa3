"""The recordings of steps: one file for each step and host, while its actions run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runbook.recording import Asciicast

_LOG: Final = logging.getLogger(__name__)


class Reel:
    """A sink that passes on to the recording of the present step, if there is one.

    What cannot be recorded, for lack of space for one, is told in the log and harms no step.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._cast: Asciicast | None = None
        self._paused = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Record nothing for as long as the context lasts."""
        self._paused = True
        try:
            yield
        finally:
            self._paused = False

    @contextmanager
    def of(self, name: str) -> Iterator[str]:
        """Record into the file `name` below the directory; gives the name, or an empty text."""
        if self._directory is None:
            yield ""
            return
        path = self._directory / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._cast = Asciicast(path.open("w", encoding="utf-8"), title=name)
        except OSError as error:
            self._give_up(error)
            yield ""
            return
        try:
            yield name
        finally:
            try:
                if self._cast is not None:
                    self._cast.close()
            except OSError as error:
                self._give_up(error)
            self._cast = None

    def write(self, data: bytes) -> None:
        """Record `data` as printed now."""
        if self._cast is not None and not self._paused:
            try:
                self._cast.write(data)
            except OSError as error:
                self._give_up(error)

    def flush(self) -> None:
        """Bring everything recorded so far to the file."""
        if self._cast is not None:
            try:
                self._cast.flush()
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._cast = None
        _LOG.warning("%s: nothing more is recorded: %s", self._directory, error.strerror)
