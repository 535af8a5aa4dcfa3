"""The Rich console that reports are written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TextIO, cast

from rich.console import Console

LOG_WIDTH: Final = 160
"""Columns of output that does not go to a terminal."""


class _Redacted:
    """A stream whose text goes through a function before it is written."""

    def __init__(self, stream: TextIO, redact: Callable[[str], str]) -> None:
        self._stream = stream
        self._redact = redact

    def write(self, text: str) -> int:
        return self._stream.write(self._redact(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Screen(Console):
    """A console without markup, whose callers handle a reader that has gone away.

    All that is written goes through `redact` last, if that is given.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        force_terminal: bool | None = None,
        redact: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(
            file=stream if redact is None else cast("TextIO", _Redacted(stream, redact)),
            force_terminal=force_terminal,
            width=None if stream.isatty() else LOG_WIDTH,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def on_broken_pipe(self) -> None:
        """Raise the error; Rich would exit with the status of a failed step."""
        raise BrokenPipeError
