"""Consent to a run: from a policy that the operator wrote, or from a person who is asked now.

A question names the step, what it does, and how often it was tried. So an answer that a client kept
is no answer to another step, to another try, or to the step after it was edited.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from mcp.server.mcpserver import Context
from pydantic import BaseModel, Field

from runbook.following import FileView, FollowSession, TaskView
from runbook.model.policy import PlacedPermission
from runbook.results.log import Deed


class Consent(BaseModel):
    """What a person answers."""

    agree: bool = Field(description="Whether the step may run now")
    typed: str = Field(
        default="",
        description="The names of the hosts, if the question asks for them",
        max_length=2000,
    )
    tasks_done: bool = Field(
        default=False, description="Whether the tasks that only a person can do are done"
    )


class PolicyConsent(Consent):
    """Consent that the policy gives, so that nobody is asked; no answer of a client becomes one."""

    place: str


def by_policy(
    policy: Iterable[PlacedPermission],
    session: FollowSession,
    step: str,
    hosts: Sequence[str],
    client: str,
) -> PolicyConsent | None:
    """Return the consent that the policy gives, if it does."""
    demand = session.demand(step, hosts)
    at = datetime.datetime.now(datetime.UTC)
    for one in policy:
        if one.permission.allows(step, demand.hosts, client, at, destructive=bool(demand)):
            typed = " ".join(demand.hosts) if demand else ""
            return PolicyConsent(agree=True, typed=typed, place=one.place)
    return None


def question(session: FollowSession, step: str, hosts: Sequence[str], client: str) -> str:
    """Return what a person is asked before `client` runs `step` on `hosts`."""
    view = session.view(step, files=False)
    demand = session.demand(step, hosts)
    tried = sum(one.deed is Deed.RAN and one.step == step for one in session.log())
    lines = [
        f"{client} wants to run this step of the guide on {', '.join(demand.hosts)}:",
        f"{view.position.step.title} ({step})",
    ]
    shown = next((one for one in view.hosts if one.host in demand.hosts), None)
    actions = shown.actions if shown else ()
    lines += (f"  {one.path if isinstance(one, FileView) else one.text}" for one in actions)
    if demand:
        lines.append(f"It may do damage: {'; '.join(demand.reasons)}.")
        lines.append(f"To let it run, type the names of its hosts: {' '.join(demand.hosts)}")
    if any(isinstance(one, TaskView) for one in actions):
        lines.append("Say 'tasks_done' only if you have done the tasks that no program can do.")
    if tried:
        lines.append(f"It was tried {tried} times before.")
    lines.append(f"May it run now? (key {_key(session, step)})")
    return session.setting.known.redact("\n".join(lines))


def _key(session: FollowSession, step: str) -> str:
    """Return what changes with everything that the step depends on."""
    setting = session.setting
    way = setting.forth if step in setting.forth else setting.back
    return way.keyed(step).key


def can_ask(context: Context) -> bool:
    """Tell whether the client can ask a person."""
    capabilities = context.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def name_of(context: Context) -> str:
    """Return the name and version by which the client calls itself."""
    params = context.session.client_params
    if params is None:
        return "an agent without a name"
    return f"{params.client_info.name} {params.client_info.version}".strip()[:200]
