"""Where an action is typed: on which host, as which user, and in which of the open shells."""

from __future__ import annotations

from collections.abc import Mapping

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection
from runbook.execution.sessions.session import Session
from runbook.model import Place, Start, Step
from runbook.results import ShellState


def host_and_user(
    place: Place, step: Step, host: HostConnection, hosts: Mapping[str, HostConnection]
) -> tuple[HostConnection, str]:
    """Return on which host and as which user is typed what is typed at `place`.

    Raises:
        RunbookError: the host is none of this lab, or it is not known who its ordinary user is.

    """
    if place.host and place.host not in hosts:
        raise RunbookError(f"this is typed on {place.host}, which is not a host of this lab")
    there = hosts[place.host] if place.host else host
    return there, there.ordinary_user() if place.ordinary else place.user or step.user


def inner_session(
    place: Place, step: Step, host: HostConnection, hosts: Mapping[str, HostConnection]
) -> Session | None:
    """Return the session of the innermost of the shells that are open at `place`, if any is.

    One in which nothing was typed yet is opened, and those around it.

    Raises:
        HostLost: the host cannot be reached.
        RunbookError: it cannot be opened.

    """
    if not place.shells:
        return None
    shell = place.shells[-1]
    session = host.inner.get(shell.number)
    if session is None:
        state = ShellState()
        if shell.start is not Start.LOGIN:
            outer = Place(shell.user, shell.host, shell.ordinary, place.shells[:-1])
            around = inner_session(outer, step, host, hosts)
            if around is None:
                there, user = host_and_user(outer, step, host, hosts)
                around = there.session(user)
            state = around.state(start=shell.start)
        there, user = host_and_user(place, step, host, hosts)
        session = there.session(user, state)
        host.inner.add(shell.number, session)
    return session
