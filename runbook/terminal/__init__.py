"""One shell on one host: connection, terminal, prompt marks, output and file transfer.

Knows nothing of steps, checks or verdicts.
"""

from runbook.terminal.faults import (
    CommandTimeout,
    DialogueStopped,
    Failure,
    HostLost,
    ShellEnded,
    Unfinished,
)

__all__ = [
    "CommandTimeout",
    "DialogueStopped",
    "Failure",
    "HostLost",
    "ShellEnded",
    "Unfinished",
]
