"""The actions of a step on one host, in order, up to the first that goes wrong."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import evolve

from runbook.errors import RunbookError
from runbook.execution.actions import values
from runbook.execution.actions.perform import perform, refused
from runbook.execution.actions.places import host_and_user, inner_session
from runbook.execution.hosts.host import HostConnection
from runbook.execution.texts.patterns import PatternTooSlowError
from runbook.execution.trial import Trial
from runbook.model import (
    Action,
    Command,
    Dialogue,
    Disconnect,
    FileContent,
    Manual,
    Place,
    Step,
)
from runbook.model.secret_reference import readable
from runbook.redaction.known import MASK
from runbook.results import Performed, Phase, Started, Verdict
from runbook.terminal.faults import Disordered, HostLost

_RETURN_TIMEOUT: Final = 300.0
"""Seconds that a host may at least take to come back; an emulated one needs them."""

_SHORTEST: Final = 4
"""Characters of a captured secret; a shorter one would mask half of what is written."""

Notify = Callable[[Started], None]
Attend = Callable[[Step, str, Manual], bool]
"""Ask a person to do a manual task of a step on a host; true if it was done."""


def act(
    trial: Trial,
    hosts: Mapping[str, HostConnection],
    *,
    attend: Attend | None,
    notify: Notify,
) -> Trial:
    """Carry out the step's actions in order; settle the trial at the first that goes wrong.

    `attend` asks a person to do the manual tasks; without it they are left undone.
    """
    host = hosts[trial.host]
    secret = trial.step.capture is not None and trial.step.capture.secret
    with (
        host.recorded(trial.step.id, withheld=secret) as recording,
        host.secrets.read_in_clear() if secret else contextlib.nullcontext(),
    ):
        done = _act(trial, hosts, attend=attend, notify=notify)
        if secret:
            done = _concealed(done, host)
    return evolve(done, outcome=evolve(done.outcome, recording=recording))


def _act(
    trial: Trial,
    hosts: Mapping[str, HostConnection],
    *,
    attend: Attend | None,
    notify: Notify,
) -> Trial:
    step = trial.step
    host = hosts[trial.host]
    done: list[Performed] = []
    # Those of a step that failed were kept for a person who looks at it.
    host.inner.leave()
    for number, action in enumerate(step.actions, 1):
        detail = f"{number}/{len(step.actions)} {_headline(action)}"
        notify(Started(step.id, trial.host, Phase.ACTING, detail))
        if isinstance(action, Manual):
            if attend is None or not attend(step, trial.host, action):
                why = "run with --attended" if attend is None else "it was not done"
                why = f"a person must do this; {why}"
                return _with_actions(trial, done).settle(Verdict.MANUAL, why)
            done.append(Performed(action.text, action.location))
            continue
        last = number == len(step.actions)
        try:
            performed = _perform(action, trial, hosts, last=last)
        except HostLost as error:
            why = f"{action.location}: {error}{host.console_tail()}"
            return _with_actions(trial, done).settle(Verdict.ERROR, why)
        except RunbookError as error:
            return _with_actions(trial, done).settle(Verdict.ERROR, f"{action.location}: {error}")
        done.append(performed)
        if performed.complaint:
            return _with_actions(trial, done).settle(
                Verdict.FAILED, f"{action.location}: {performed.complaint}"
            )
        host.inner.leave(step.actions[number:])
    return _with_shells(_captured(_with_actions(trial, done), done, host), host)


def _with_shells(trial: Trial, host: HostConnection) -> Trial:
    """Keep in what state the actions have left the shells, for a run that goes on from here."""
    if trial.settled:
        return trial
    try:
        return evolve(trial, outcome=evolve(trial.outcome, shells=host.shell_states()))
    except RunbookError as error:
        return trial.settle(Verdict.ERROR, f"{error}{host.console_tail()}")


def _concealed(trial: Trial, host: HostConnection) -> Trial:
    """Show what a step printed that captures a secret, but only if it is known what to mask."""
    actions = trial.outcome.actions
    if trial.outcome.captured or _known_all_the_same(trial.step, actions, host):
        host.reveal()
        return trial
    if not any(one.output or one.complaint for one in actions):
        return trial
    capture = trial.step.capture
    name = capture.name if capture is not None else ""
    hidden = f"what it printed is not shown, for it may hold the secret {name!r}"
    last = actions[-1]
    why = f"exit status {last.status}; {hidden}" if last.status else hidden
    reason = f"{last.location}: {why}" if last.complaint else f"{trial.outcome.reason}; {hidden}"
    masked = tuple(
        evolve(
            one,
            output=MASK.decode() if one.output else "",
            complaint=why if one.complaint else "",
        )
        for one in actions
    )
    outcome = evolve(trial.outcome, actions=masked, reason=reason)
    return evolve(trial, outcome=outcome)


def _known_all_the_same(step: Step, actions: Sequence[Performed], host: HostConnection) -> bool:
    """Return whether the secret is known of a command whose output alone is not as shown."""
    if step.capture is None or len(actions) < len(step.actions):
        return False
    if not actions[-1].complaint or actions[-1].status not in step.statuses:
        return False
    try:
        value = values.captured(step.capture, _last_output(step, actions))
    except PatternTooSlowError:
        return False
    if value is None or len(value) < _SHORTEST:
        return False
    host.secrets.add(value)
    return True


def _last_output(step: Step, done: Sequence[Performed]) -> str:
    """Return what the step's last command has printed; a file may follow it."""
    printed = [
        performed.output
        for action, performed in zip(step.actions, done, strict=True)
        if isinstance(action, Command | Dialogue)
    ]
    return printed[-1] if printed else ""


def _captured(trial: Trial, done: list[Performed], host: HostConnection) -> Trial:
    """Take the step's value out of the last output, if it captures one."""
    step = trial.step
    if step.capture is None:
        return trial
    try:
        value = values.captured(step.capture, _last_output(step, done))
    except PatternTooSlowError as error:
        return trial.settle(Verdict.FAILED, f"{step.location}: {error}")
    if value is None:
        return trial.settle(
            Verdict.FAILED,
            f"{step.location}: nothing in the output matches the capture of "
            f"{step.capture.name!r}: {step.capture.pattern or 'any text'}",
        )
    if step.capture.secret and len(value) < _SHORTEST:
        return trial.settle(
            Verdict.FAILED,
            f"{step.location}: the secret {step.capture.name!r} has only {len(value)} characters, "
            "so few that it could not be told from other text",
        )
    if step.capture.secret:
        host.secrets.add(value)
        value = f"<secret:{step.capture.name.replace('_', '-')}.{host.secrets.digest(value)}>"
    elif MASK.decode() in value:
        return trial.settle(
            Verdict.ERROR,
            f"{step.location}: the value of the capture {step.capture.name!r} holds a secret, "
            "which is kept nowhere; use its name with :secret: where it is typed",
        )
    return evolve(trial, outcome=evolve(trial.outcome, captured={step.capture.name: value}))


def _perform(
    action: Action, trial: Trial, hosts: Mapping[str, HostConnection], *, last: bool
) -> Performed:
    """Carry out `action` where it belongs; one that breaks the connection is waited for.

    Raises:
        HostLost: the host is gone, or does not come back.
        RunbookError: it could not be tried.

    """
    if (exposed := refused(action, trial.step.actions)) is not None:
        return exposed
    step = trial.step
    place = (action.place if isinstance(action, Command | Dialogue) else None) or Place()
    inner = inner_session(place, step, hosts[trial.host], hosts)
    host, user = host_and_user(place, step, hosts[trial.host], hosts)
    timeout = step.timeout * host.timeout_factor
    if last and step.background is not None and isinstance(action, Command):
        return host.keep_running(
            step.id, user, action, step.background.until_output, timeout, inner
        )
    disconnect = action.disconnects if isinstance(action, Command) else None
    before = host.boot() if disconnect is not None else ""
    # A shell that does not open is no command that has left.
    session = inner or host.session(user)
    began = time.monotonic()
    try:
        performed = perform(
            action,
            session,
            timeout=timeout,
            statuses=step.statuses if last else (0,),
            secrets=host.secret,
            leaving=disconnect is not None,
        )
    except HostLost as error:
        if disconnect is None or isinstance(error, Disordered):
            raise
        # How a command ended that took the connection with it is not known; the checks are the
        # judges.
        performed = Performed(action.text, action.location)
    if disconnect is None or performed.complaint:
        return performed
    timeout = max(step.timeout, _RETURN_TIMEOUT) * host.timeout_factor
    host.returned(before, anew=disconnect is Disconnect.REBOOT, timeout=timeout)
    return evolve(performed, seconds=round(time.monotonic() - began, 6))


def _with_actions(trial: Trial, done: list[Performed]) -> Trial:
    return evolve(trial, outcome=evolve(trial.outcome, actions=tuple(done)))


def _headline(action: Action) -> str:
    match action:
        case FileContent():
            return f"write {action.path}"
        case Command() | Dialogue() | Manual():
            return readable(action.text.strip().partition("\n")[0])
