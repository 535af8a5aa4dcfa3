"""Where hosts come from: the protocol of a lab, and the labs that implement it.

A lab creates hosts and says how to connect to each. It knows nothing of steps.
"""

from runbook.labs.protocol import (
    Checkpoint,
    HeldBack,
    HostStatus,
    Lab,
    LabError,
    Origin,
    Progress,
    StatusLine,
    SupportsCheckpoints,
    SupportsPartialRestore,
    SupportsSnapshots,
)

__all__ = [
    "Checkpoint",
    "HeldBack",
    "HostStatus",
    "Lab",
    "LabError",
    "Origin",
    "Progress",
    "StatusLine",
    "SupportsCheckpoints",
    "SupportsPartialRestore",
    "SupportsSnapshots",
]
