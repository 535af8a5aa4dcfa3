"""Carry out one action of a step in a session, and say how it went."""

from __future__ import annotations

import time
from collections.abc import Callable

from attrs import evolve

from runbook import edits
from runbook.bash import quote
from runbook.errors import RunbookError
from runbook.expect import mismatch
from runbook.model import Action, Command, Dialogue, FileContent, Manual
from runbook.result import Performed
from runbook.secrets import SecretMissing
from runbook.session import Completed, Failure, HostLost, Session, ShellEnded


def perform(
    action: Action,
    session: Session,
    *,
    timeout: float,
    statuses: tuple[int, ...],
    secrets: Callable[[str], str],
    leaving: bool = False,
) -> Performed:
    """Carry out `action`; a complaint in the result says that it went wrong, and how.

    `timeout` is in seconds. Any of the exit `statuses` is right for a command. `secrets` gives
    the value of a secret by its name. A command that is `leaving` may end its own shell.

    Raises:
        HostLost: the host is gone, so that nothing can be said of the action.
        SecretMissing: nobody has given a secret that was to be typed.

    """
    began = time.monotonic()
    match action:
        case Command():
            done = _run(
                action, lambda: session.run(action.text, timeout=timeout), statuses, leaving=leaving
            )
            shown = action.output if action.compare and not done.complaint else None
            if shown is not None and (difference := mismatch(shown, done.output)) is not None:
                done = evolve(done, complaint=f"the output is not as shown:\n{difference}")
        case Dialogue():
            done = _run(
                action,
                lambda: session.converse(action, secrets=secrets, timeout=timeout),
                statuses,
            )
        case FileContent():
            done = _write(action, session, timeout)
        case Manual():
            done = Performed(
                action.text, action.location, complaint="a person must do this; nobody did"
            )
    return evolve(done, seconds=round(time.monotonic() - began, 6))


def _run(
    action: Command | Dialogue,
    how: Callable[[], Completed],
    statuses: tuple[int, ...],
    *,
    leaving: bool = False,
) -> Performed:
    done = Performed(action.text, action.location)
    try:
        completed = how()
    except Failure as failure:
        done = evolve(done, output=failure.output)
        if leaving and isinstance(failure, ShellEnded):
            return done
        return evolve(done, complaint=str(failure))
    done = evolve(done, output=completed.output, status=completed.status)
    if completed.status in statuses:
        return done
    last = completed.output.strip().rpartition("\n")[2]
    wanted = " or ".join(str(status) for status in statuses)
    said = f": {last}" if last else ""
    return evolve(done, complaint=f"exit status {completed.status}, not {wanted}{said}")


def _write(action: FileContent, session: Session, timeout: float) -> Performed:
    """Bring the file to its content, mode and owner; a file that has them is left alone."""
    done = Performed(action.path, action.location)
    try:
        action = _at_home(action, session, timeout)
        before = session.read_file(action.path)
        text = None if before is None else before.decode("utf-8", errors="surrogateescape")
        after = edits.apply(action, text).encode("utf-8", errors="surrogateescape")
        if before == after and _attributes_hold(action, session, timeout):
            return evolve(done, output="unchanged")
        session.put(action.path, after, mode=action.mode, owner=action.owner)
    except (HostLost, SecretMissing):
        raise
    except RunbookError as error:
        return evolve(done, complaint=str(error))
    return evolve(done, output=f"{len(after)} bytes written")


def _at_home(action: FileContent, session: Session, timeout: float) -> FileContent:
    """Return `action` with the home directory of the session's user where its path has `~`."""
    if not action.path.startswith("~/"):
        return action
    home = session.run('printf "%s" "$HOME"', timeout=timeout).output
    return evolve(action, path=f"{home}/{action.path.removeprefix('~/')}")


def _attributes_hold(action: FileContent, session: Session, timeout: float) -> bool:
    if action.mode is None and action.owner is None:
        return True
    asked = session.run(f"stat -Lc '%a %U:%G %u:%g' -- {quote(action.path)}", timeout=timeout)
    if asked.status != 0:
        return False
    mode, names, numbers = asked.output.split()
    if action.mode is not None and int(action.mode, 8) != int(mode, 8):
        return False
    if action.owner is None:
        return True
    wanted = action.owner.split(":")
    return all(
        part in ("", name, number)
        for part, name, number in zip(wanted, names.split(":"), numbers.split(":"), strict=False)
    )
