"""The way to a host that is the present machine's shell, in a namespace with other files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from runbook.terminal.bash import PIPE


@frozen
class NamespacedConnection:
    """The way to `host`: bash runs `enter` with `directory`, the name, and the shell of checks."""

    host: str
    directory: Path
    enter: str

    def pipe(self, user: str) -> list[str]:
        """Return the argv of a shell there."""
        assert user == "root"
        inside = ["bash", "-c", self.enter, str(self.directory), self.host, *PIPE]
        return ["unshare", "--map-root-user", "--mount", "--uts", *inside]

    def shell(self, user: str) -> list[str]:
        """Return nothing: checks need no terminal."""
        raise NotImplementedError(user)

    def login(self, user: str, *, interactive: bool = True) -> list[str]:
        """Return nothing: nobody logs in."""
        raise NotImplementedError(user, interactive)

    def exec_argv(
        self, user: str, command: Sequence[str], *, interactive: bool = False
    ) -> list[str]:
        """Return nothing: nothing else is run."""
        raise NotImplementedError(user, command, interactive)
