"""What a session works with: the guide, its lab and hosts, and the journals of both directions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import define, field

from runbook.commands.running.request import Request
from runbook.errors import RunbookError
from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.hosts.host import HostConnection
from runbook.following.position import Way
from runbook.following.proofs import Proofs
from runbook.labs import Lab
from runbook.model import Runbook
from runbook.redaction.known import KnownSecrets
from runbook.results import Begun, EndCheck, Outcome, Run
from runbook.results import journal as journals
from runbook.results.journal import Journal
from runbook.results.log import LogEntry
from runbook.results.outcome import with_typed


@define
class Setting:
    """What a session works with; `journals` is empty if it may only look.

    `journals` are those forth and back, of which the latter begins with its first step. `connect`
    makes new connections to all hosts.
    """

    guide: Path
    who: str
    lab: Lab
    whole: Runbook
    forth: Way
    back: Way
    shared: SharedChecks
    known: KnownSecrets
    proofs: Proofs
    runs: Mapping[bool, Run]
    requests: Mapping[bool, Request]
    journals: Mapping[bool, Journal]
    connect: Callable[[], dict[str, HostConnection]]
    converging: bool
    hosts: dict[str, HostConnection] = field(init=False)
    _begun: set[bool] = field(factory=set)
    _typed: dict[bool, dict[str, str]] = field(init=False)
    _recording: threading.Lock = field(factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self.hosts = self.connect()
        self._typed = {undo: run.basis.typed() for undo, run in self.runs.items()}

    @property
    def may_act(self) -> bool:
        """Whether anything may be done, and not only looked at."""
        return bool(self.journals)

    def record(self, way: Way, noun: Begun | Outcome | EndCheck | LogEntry) -> None:
        """Record something of a direction; it is on the disk when this returns.

        A step that begins takes from the other direction what was done for its document.

        Raises:
            RunbookError: it cannot be recorded.

        """
        if not self.may_act:
            raise RunbookError("this session may only look; nothing can be done in it")
        journal = self.journals[way.undo]
        with self._recording:
            if way.undo not in self._begun:
                self._begun.add(way.undo)
                journal.begin(self.runs[way.undo])
            if isinstance(noun, Begun):
                document = noun.step.rpartition("/")[0]
                self.journals[not way.undo].reverse(document, way.instance)
            if isinstance(noun, Outcome):
                noun = with_typed(noun, self._typed[way.undo])
            journal.append(noun)

    def refresh(self) -> None:
        """Read the journals again, in which somebody else may have written."""
        for way in (self.forth, self.back):
            path = self.requests[way.undo].directory / "journal.jsonl"
            if not self.may_act and path.exists():
                way.reader = journals.read(path)

    def finish(self) -> None:
        """Record that the run came to its end."""
        for undo in self._begun:
            self.journals[undo].finish()

    def reconnect(self) -> None:
        """Let all connections go, and make new ones when they are needed."""
        for host in self.hosts.values():
            host.close()
        self.hosts = self.connect()
