"""Open a guide for somebody who follows it on a lab."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import evolve

from runbook.commands.guide import planned, write_plan
from runbook.commands.holding import alone, lab_key
from runbook.commands.hosts import hosts_of, refuse_unknown_hosts
from runbook.commands.labs.lab import open_lab, use_throwaway_secrets
from runbook.commands.root import refuse_without_root
from runbook.commands.running.choices import refuse_unknown_choices
from runbook.commands.running.open_run import run_of
from runbook.commands.running.request import Manner, Request, history_of, schedule_of
from runbook.commands.running.starting_point import Preparation
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.checks import shared_checks
from runbook.execution.selection import Selection, backward, forward
from runbook.following.people import this_person
from runbook.following.position import Way
from runbook.following.proofs import Proofs
from runbook.following.session import FollowSession
from runbook.following.setting import Setting
from runbook.labs import SupportsCheckpoints
from runbook.results import Report
from runbook.results import journal as journals
from runbook.results.journal import Journal
from runbook.results.journal_reader import JournalReader
from runbook.results.log import LogEntry

Watching = Callable[[str, bytes], None]
"""Gets what a step's terminal shows on a host, by the host's name, without secrets; any thread."""


@contextmanager
def open_following(
    guide: Path,
    kind: str,
    *,
    who: str = "",
    host: str | None = None,
    inventory: Path | None = None,
    chosen: Mapping[str, str] | None = None,
    log: Callable[[str], None] = lambda _: None,
    watching: Watching | None = None,
    act: bool = True,
    admit: Callable[[tuple[LogEntry, ...]], None] = lambda _: None,
) -> Iterator[FollowSession]:
    """Open the guide on its lab of that `kind`, for `who`, by default the one who types here.

    The lab is as in `runbook run`: `host`, `inventory` and `chosen` are its options. `log` is told
    in lines what is done to it. What was done there before, by whomever, is where it goes on.
    `watching` gets what is printed while steps run. Unless it may `act`, nothing can be done, and
    nothing keeps others from it. `admit` gets the log of those before, and may refuse by an error,
    before anything is recorded.

    Raises:
        RunbookError: the guide has errors, the lab cannot be reached, or somebody else holds it.

    """
    whole = planned(guide)
    lab = open_lab(guide, kind, host, inventory, chosen)
    refuse_unknown_choices(whole, chosen or {}, lab.cluster)
    refuse_unknown_hosts(whole, lab)
    refuse_without_root(lab)
    use_throwaway_secrets(guide, kind)
    selection = Selection(chosen=dict(chosen or {}))
    forth = Request(guide, kind, lab, whole, forward(whole), selection, Manner(attended=True))
    back = evolve(forth, runbook=backward(whole), manner=Manner(attended=True, undo=True))
    requests = {False: forth, True: back}
    shared = shared_checks.load(guide)
    id_ = uuid.uuid4().hex[:12]
    with ExitStack() as stack:
        known = stack.enter_context(known_secrets(guide, kind))
        if act:
            stack.enter_context(alone(guide, kind))
        readers = {undo: _read(one) for undo, one in requests.items()}
        opened = {
            undo: stack.enter_context(Journal(_path(one), readers[undo]))
            for undo, one in requests.items()
            if act
        }
        past = _reports(forth)
        if act:
            lab.up(log)
        elif not lab.instance():
            raise RunbookError(
                f"there is no {kind} lab of {guide} to look at; start it with: "
                f"runbook lab up {guide} --lab {kind}"
            )
        recordings = forth.directory / "recordings"
        scope = f"{lab_key(guide, kind)}.{id_}" if act else ""
        preparation = Preparation(lab, whole, shared, recordings, log, scope=scope)
        probed = preparation.probed()
        history = history_of(forth)
        ways = {
            undo: Way(
                one.runbook, schedule_of(one, history, probed, shared), readers[undo],
                lab.instance(), undo,
            )
            for undo, one in requests.items()
        }  # fmt: skip
        if act:
            write_plan(guide, forth.directory, forth.runbook)
            write_plan(guide, back.directory, back.runbook)
        runs = {
            False: run_of(forth, id_, probed, shared),
            True: run_of(back, uuid.uuid4().hex[:12], probed, shared),
        }
        setting = Setting(
            guide, who or this_person(), lab, whole, ways[False], ways[True], shared, known,
            Proofs(guide, runs[False].basis, past), runs, requests, opened,
            functools.partial(hosts_of, lab, recordings, known, scope, watching),
            not isinstance(lab, SupportsCheckpoints),
        )  # fmt: skip
        session = FollowSession(setting)
        try:
            if act:
                admit(session.log())
                session.opened()
            yield session
        finally:
            session.close()


def _path(request: Request) -> Path:
    return request.directory / "journal.jsonl"


def _read(request: Request) -> JournalReader:
    """Return what the journal of a direction has; nothing before the first run."""
    path = _path(request)
    return journals.read(path) if path.exists() else JournalReader()


def _reports(request: Request) -> tuple[Report, ...]:
    path = _path(request)
    return tuple(journals.reports(path, request.runbook)) if path.exists() else ()
