"""Here-documents without an end, of which bash would run a part with only a warning."""

from __future__ import annotations

import re
from typing import Final

from runbook.terminal.bash import quote
from runbook.terminal.faults import Unfinished
from runbook.terminal.shell import Shell

_TIMEOUT: Final = 60.0
"""Seconds that bash may take to read the text of a command."""
_OPEN: Final = re.compile(r"here-document at line \d+ .*\(wanted [`'](.*)'\)")


def refuse_open_heredoc(shell: Shell, command: str) -> None:
    """Ask bash whether a here-document in shell text has no end; `$?` is preserved.

    Raises:
        Unfinished: it has none.
        CommandTimeout, ShellEnded, HostLost: bash does not say.

    """
    if "<<" not in command:
        return
    check = f"__runbook_s=$?; LC_ALL=C bash -nc {quote(command)}; (exit $__runbook_s)"
    said = shell.execute(check, timeout=_TIMEOUT).output
    if found := _OPEN.search(said):
        raise Unfinished(
            f"the here-document has no end: a line {found[1]!r} is missing; nothing was run", said
        )
