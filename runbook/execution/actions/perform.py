"""Carry out one action of a step in a session, and say how it went."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve

from runbook.dialogue.advice import headline
from runbook.errors import RunbookError
from runbook.execution.secrets import SecretMissing
from runbook.execution.sessions.session import Session
from runbook.execution.texts import edits
from runbook.execution.texts.expect import mismatch_of_redacted
from runbook.model import Action, Command, Dialogue, FileContent, Manual
from runbook.model.actions import holds_at
from runbook.model.secret_reference import filled_in, readable
from runbook.results import Performed
from runbook.shelltext.secret_words import exposures
from runbook.terminal.faults import CommandTimeout, Failure, HostLost, ShellEnded
from runbook.terminal.running import Completed
from runbook.terminal.transfer import Files

_TIMEOUT_HINT: Final = (
    "; if it needs longer, set ':timeout:'; to look at it yourself, run with --shell"
)

_EXPOSED_HINT: Final = (
    "nothing was run; give it to the program's standard input (printf '%s' <secret:NAME> | ...), "
    "in a here-document, or as a file (<(printf '%s' <secret:NAME>)). If the program takes it in "
    'no other way, put it into a variable of the shell first: PW=<secret:NAME>, and then "$PW"'
)


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
    the value of one by its name. A command that is `leaving` may end its own shell.

    Raises:
        HostLost: the host is gone, so that nothing can be said of the action.
        SecretMissing: nobody has given a secret that was to be typed.

    """
    began = time.monotonic()
    match action:
        case Command():
            shown = action.output if action.compare else None

            def run() -> Completed:
                nonlocal shown
                completed = session.run(
                    action.text,
                    timeout=timeout,
                    location=action.location,
                    shown=action.output or "",
                    secret=secrets,
                )
                if shown is not None and completed.shown is not None:
                    shown = completed.shown
                return completed

            done = _run(action, run, statuses, leaving=leaving)
            shown = None if done.complaint else shown
            if shown is not None and (
                difference := mismatch_of_redacted(shown, done.output, session.redact)
            ):
                complaint = f"the output is not as shown:\n{difference}{_bystanders(session)}"
                done = evolve(done, complaint=complaint)
        case Dialogue():
            done = _run(
                action,
                lambda: session.converse(action, secrets=secrets, timeout=timeout),
                statuses,
            )
        case FileContent():
            done = _write(action, session, secrets)
        case Manual():
            done = Performed(
                action.text, action.location, complaint="a person must do this; nobody did"
            )
    return evolve(done, seconds=round(time.monotonic() - began, 6))


def refused(action: Action, actions: Sequence[Action] = ()) -> Performed | None:
    """Return what is wrong with an action that would show a secret to others, if it would.

    It is one of `actions`, of which those before it are typed first.
    """
    if not isinstance(action, Command | Dialogue) or "<secret:" not in action.text:
        return None
    earlier = itertools.takewhile(lambda one: one is not action, actions)
    before = [
        one.text
        for one in earlier
        if isinstance(one, Command | Dialogue) and holds_at(one.place, action.place)
    ]
    if not (exposed := exposures(action.text, before)):
        return None
    text = readable(action.text)
    return Performed(text, action.location, complaint=f"{exposed[0]}\n{_EXPOSED_HINT}")


def _run(
    action: Command | Dialogue,
    how: Callable[[], Completed],
    statuses: tuple[int, ...],
    *,
    leaving: bool = False,
) -> Performed:
    done = Performed(readable(action.text), action.location)
    try:
        completed = how()
    except Failure as failure:
        done = evolve(done, output=failure.output)
        if leaving and isinstance(failure, ShellEnded):
            return done
        hint = _TIMEOUT_HINT if isinstance(failure, CommandTimeout) else ""
        return evolve(done, complaint=f"{failure}{hint}")
    done = evolve(done, output=completed.output, status=completed.status)
    if completed.status in statuses:
        return evolve(done, unasked=completed.unasked)
    last = headline(completed.output)
    wanted = " or ".join(str(status) for status in statuses)
    said = f": {last}" if last else ""
    return evolve(done, complaint=f"exit status {completed.status}, not {wanted}{said}")


def _bystanders(session: Session) -> str:
    """Return which lines of an output may be those of what earlier commands left running."""
    return "".join(
        f"\nextra lines may come from {left.process.name!r} (process {left.process.pid}), which "
        + (f"the command at {left.location} left" if left.location else "an earlier command left")
        + " running"
        for left in session.jobs.left_running()
    )


def _write(action: FileContent, session: Session, secret: Callable[[str], str]) -> Performed:
    """Bring the file to its content, mode and owner; a file that has them is left alone."""
    done = Performed(action.path, action.location)
    try:
        action = _at_home(evolve(action, text=filled_in(action.text, secret)), session)
        before = session.files.read(action.path)
        text = None if before is None else before.decode("utf-8", errors="surrogateescape")
        after = edits.apply(action, text).encode("utf-8", errors="surrogateescape")
        if before == after and _attributes_hold(action, session.files):
            return evolve(done, output="unchanged")
        session.note(f"{len(after)} bytes for {action.path}")
        is_new = before is None and action.mode is None
        session.files.put(
            action.path,
            after,
            mode=action.mode,
            owner=action.owner,
            umask=session.umask() if is_new else "077",
        )
    except (HostLost, SecretMissing):
        raise
    except RunbookError as error:
        return evolve(done, complaint=str(error))
    return evolve(done, output=f"{len(after)} bytes written")


def _at_home(action: FileContent, session: Session) -> FileContent:
    """Return `action` with the home directory of the session's user where its path has `~`."""
    if not action.path.startswith("~/"):
        return action
    return evolve(action, path=f"{session.home()}/{action.path.removeprefix('~/')}")


def _attributes_hold(action: FileContent, files: Files) -> bool:
    if action.mode is None and action.owner is None:
        return True
    found = files.attributes(action.path)
    if found is None:
        return False
    if action.mode is not None and int(action.mode, 8) != int(found.mode, 8):
        return False
    if action.owner is None:
        return True
    wanted = action.owner.split(":")
    return all(
        part in ("", name, number)
        for part, name, number in zip(
            wanted, found.names.split(":"), found.numbers.split(":"), strict=False
        )
    )
