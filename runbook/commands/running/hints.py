"""What the operator can do to look at a step that failed."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from runbook.labs import Lab
from runbook.labs.ssh import INVENTORY, StaticLab
from runbook.model import Step


def how_to_look(
    guide: Path, kind: str, lab: Lab | None = None, *, shell: bool
) -> Callable[[Step, str], str]:
    """Return a function that says how to look at a failed step on a host, in one line.

    `kind` is that of the `lab`. If the run gives its sessions to the operator anyway (`shell`), the
    line is empty.
    """
    where = "" if guide == Path.cwd() else f" {shlex.quote(str(guide))}"
    option = "" if kind == "container" else f" --lab {kind}"
    if isinstance(lab, StaticLab) and lab.inventory != guide / INVENTORY:
        option += f" --inventory {shlex.quote(str(lab.inventory))}"

    def how(step: Step, host: str) -> str:
        if shell:
            return ""
        if kind == "local":
            return "to look at it: run with --shell"
        user = "" if step.user == "root" else f" --user {step.user}"
        return f"to look at it: runbook lab shell {host}{where}{option}{user}, or run with --shell"

    return how
