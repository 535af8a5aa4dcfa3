"""What came of runs: outcomes, the journal, evidence, and how long things took.

Nothing here talks to a host.
"""

from runbook.results.outcome import (
    Begun,
    CheckResult,
    EndCheck,
    Event,
    Outcome,
    Performed,
    Phase,
    Probed,
    Reached,
    Report,
    Run,
    ShellState,
    Started,
    Verdict,
)

__all__ = [
    "Begun",
    "CheckResult",
    "EndCheck",
    "Event",
    "Outcome",
    "Performed",
    "Phase",
    "Probed",
    "Reached",
    "Report",
    "Run",
    "ShellState",
    "Started",
    "Verdict",
]
