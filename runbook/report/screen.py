"""Rich's console, but with errors that our callers decide about."""

from __future__ import annotations

from rich.console import Console


class Screen(Console):
    """A console on which a reader that has gone is an error, not the end of the program."""

    def on_broken_pipe(self) -> None:
        """Let the error through; rich would end the program as if a step had failed."""
        raise BrokenPipeError
