"""The recordings of steps: one file for each step and host, while its actions run."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from runbook.redaction.known import MASK
from runbook.results import artefact
from runbook.terminal.asciicast import Asciicast

_LOG: Final = logging.getLogger(__name__)


class Recording:
    """A sink that writes to the recording of one step, until everyone who shares it has closed it.

    One that is `withheld` keeps everything back until `reveal`, and drops it if that never comes.
    What cannot be recorded, for lack of space for one, is told in the log and harms no step. Any
    thread may write.
    """

    def __init__(self, path: Path, title: str, *, withheld: bool = False) -> None:
        self._withheld: list[bytes] | None = [] if withheld else None
        self._path = path
        self._lock = threading.Lock()
        self._shares = 1
        artefact.make_private(path.parent)
        # Never through a link that somebody has put there.
        path.unlink(missing_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._cast: Asciicast | None = Asciicast(
            os.fdopen(file, "w", encoding="utf-8"), title=title
        )

    def share(self) -> Recording:
        """Return this recording, which then has to be closed once more."""
        with self._lock:
            self._shares += 1
        return self

    def write(self, data: bytes) -> None:
        """Record `data` as printed now."""
        with self._writing() as cast:
            if self._withheld is not None:
                self._withheld.append(data)
            elif cast is not None:
                cast.write(data)

    def reveal(self, redact: Callable[[bytes], bytes]) -> None:
        """Record what was withheld, as `redact` leaves it, and everything that follows."""
        with self._writing() as cast:
            data, self._withheld = b"".join(self._withheld or ()), None
            if cast is not None and data:
                cast.write(redact(data))

    def flush(self) -> None:
        """Bring everything recorded so far to the file."""
        with self._writing() as cast:
            if cast is not None:
                cast.flush()

    def close(self) -> None:
        """Close one share; the last one closes the file."""
        with self._writing() as cast:
            self._shares -= 1
            if cast is not None and not self._shares:
                self._cast = None
                if self._withheld:
                    cast.write(MASK)
                cast.close()

    @contextmanager
    def _writing(self) -> Iterator[Asciicast | None]:
        with self._lock:
            cast = self._cast
            try:
                yield cast
            except OSError as error:
                self._cast = None
                if cast is not None:
                    with contextlib.suppress(OSError):
                        cast.close()
                _LOG.warning("%s: nothing more is recorded: %s", self._path, error.strerror)


class StepRecorder:
    """A sink that passes on to the recording of the present step, if there is one.

    Whoever is `watching` gets the same bytes at the same time, but nothing that is withheld, and
    also gets what cannot be recorded.
    """

    def __init__(
        self, directory: Path | None, watching: Callable[[bytes], None] | None = None
    ) -> None:
        self._directory = directory
        self._watching = watching
        self._recording: Recording | None = None
        self._in_step = False
        self._withheld: list[bytes] | None = None
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
    def of(self, name: str, *, withheld: bool = False) -> Iterator[str]:
        """Record into the file `name` below the directory; gives the name, or an empty text.

        If it is `withheld`, nothing of it is written before `reveal`.
        """
        recording = self._recording = self._open(name, withheld=withheld)
        self._in_step = True
        self._withheld = [] if withheld else None
        try:
            yield name if recording is not None else ""
        finally:
            self._recording = None
            self._in_step = False
            self._withheld = None
            if recording is not None:
                recording.close()

    def _open(self, name: str, *, withheld: bool) -> Recording | None:
        if self._directory is None:
            return None
        try:
            artefact.make_private(self._directory)
            return Recording(artefact.below(self._directory, name), name, withheld=withheld)
        except (OSError, artefact.ArtefactError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            _LOG.warning("%s: nothing is recorded: %s", self._directory, why)
            return None

    def reveal(self, redact: Callable[[bytes], bytes]) -> None:
        """Record what was withheld of the present step, as `redact` leaves it."""
        data, self._withheld = b"".join(self._withheld or ()), None
        if data and self._watching is not None:
            self._watching(redact(data))
        if self._recording is not None:
            self._recording.reveal(redact)

    def share(self) -> Recording | None:
        """Return the present recording, for what belongs to its step but comes later.

        It has to be closed. There is none between steps.
        """
        return self._recording.share() if self._recording is not None else None

    def write(self, data: bytes) -> None:
        """Record `data` as printed now."""
        if self._paused or not self._in_step:
            return
        if self._recording is not None:
            self._recording.write(data)
        if self._watching is None:
            return
        if self._withheld is not None:
            self._withheld.append(data)
        else:
            self._watching(data)

    def flush(self) -> None:
        """Bring everything recorded so far to the file."""
        if self._recording is not None:
            self._recording.flush()
