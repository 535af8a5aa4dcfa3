"""The state that a step leaves in a shell: read from it, and given back to a new one."""

from __future__ import annotations

from typing import Final

from runbook.errors import RunbookError
from runbook.model.actions import Start
from runbook.results import ShellState
from runbook.terminal.baseline import UNREADABLE
from runbook.terminal.faults import Failure
from runbook.terminal.shell import Shell

_TIMEOUT: Final = 60.0
"""Seconds that giving back a state may take."""


def capture(shell: Shell, *, with_secrets: bool = False, start: Start | None = None) -> ShellState:
    """Return what a new login shell would have to be given to be like `shell`.

    What contains a secret is left out and named, unless the state is `with_secrets`, which must
    never be kept. With `start` it is the state of a shell that is opened in `shell`, which is
    always with secrets.

    Raises:
        HostLost: the host is gone.

    """
    found = shell.state(with_secrets=with_secrets, start=start)
    return ShellState(found.script, found.lost)


def restore(shell: Shell, state: ShellState, user: str) -> None:
    """Bring `shell`, a new login shell of `user`, into `state`.

    Raises:
        RunbookError: that cannot be done; the shell must not be used any more.

    """
    if why := _incomplete(state) or _restore(shell, state.script):
        raise RunbookError(
            f"{shell.host}: the shell of {user} cannot be given back its state: {why}"
        )


def _restore(shell: Shell, script: str) -> str:
    """Return why `script` could not be run to its end, or an empty text."""
    if not script:
        return ""
    # The first statement that fails ends the shell, and bash has said why.
    script = f"set -e\n{script}"
    if "set -o errexit" not in script.splitlines():
        script += "set +e\n"
    try:
        done = shell.execute(script, timeout=_TIMEOUT)
    except Failure as failure:
        return failure.output.strip() or str(failure)
    return "" if done.status == 0 else done.output.strip() or f"exit status {done.status}"


def _incomplete(state: ShellState) -> str:
    """Return why nothing of `state` should be given back, or an empty text."""
    if UNREADABLE in state.lost:
        return "it could not be read, because a job printed all the while"
    if state.lost:
        return f"{', '.join(state.lost)} held a secret, which is never kept"
    return ""
