"""`runbook plan`: show the plan of a guide.

It imports little, because nothing else takes time if the guide has not changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from runbook.commands.authoring.findings import findings
from runbook.lint.consent import consent_reasons
from runbook.model import Runbook
from runbook.report.plan_table import print_plan


def show_plan(guide: Path, runbook: Runbook, *, commands: bool) -> None:
    """Show the plan of the guide, with the findings below each chapter."""
    print_plan(
        runbook,
        sys.stdout,
        findings=findings(guide, runbook),
        consent_reasons=consent_reasons(runbook),
        commands=commands,
    )
