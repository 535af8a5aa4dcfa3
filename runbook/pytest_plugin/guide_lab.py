"""The lab of a guide in this process: one for its run and for tests that look at it."""

from __future__ import annotations

import functools
import glob
import os
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from attrs import evolve, frozen

from runbook.commands.evidence.report import write_reports
from runbook.commands.guide import planned
from runbook.commands.holding import alone
from runbook.commands.hosts import hosts_of, refuse_unknown_hosts
from runbook.commands.labs.lab import open_lab, use_throwaway_secrets
from runbook.commands.running.choices import refuse_unknown_choices
from runbook.commands.running.consent import ask_consent
from runbook.commands.running.open_run import OpenRun, open_run
from runbook.commands.running.operator import manual_tasks
from runbook.commands.running.request import Manner, Request
from runbook.commands.secrecy import known_secrets
from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.selection import Selection, backward, forward
from runbook.labs import Lab, StatusLine, SupportsCheckpoints
from runbook.model import Runbook
from runbook.pytest_plugin.settings import GIVEN, LABS, nearest
from runbook.pytest_plugin.terminal import operators_terminal
from runbook.redaction.known import KnownSecrets
from runbook.results.plan_record import Message, Messages


@frozen
class Wanted:
    """What the options of the plugin say of a guide's lab and its run; see the command line."""

    kind: str
    host: str | None
    inventory: Path | None
    chosen: dict[str, str]
    platform: str
    unmarked: bool
    agreed: tuple[str, ...]
    repeat: frozenset[str]
    undo: bool
    attended: bool
    require_proven: bool
    lenient: bool
    yes: bool
    worker: str

    @classmethod
    def by(cls, config: pytest.Config) -> Wanted:
        """Return what the options of this session say.

        Raises:
            RunbookError: a choice is not of the form NAME=VALUE.

        """
        option = config.option
        inventory = option.runbook_inventory
        chosen = {}
        for text in option.runbook_choose:
            name, sign, value = text.partition("=")
            if not (name and sign and value):
                raise RunbookError(f"--choose: {text!r} is not of the form NAME=VALUE")
            chosen[name] = value
        return cls(
            kind=option.runbook_lab,
            host=option.runbook_host,
            inventory=Path(config.invocation_params.dir, inventory) if inventory else None,
            chosen=chosen,
            platform=option.runbook_platform,
            unmarked=option.runbook_unmarked,
            agreed=tuple(option.runbook_agree),
            repeat=frozenset(option.runbook_repeat),
            undo=option.runbook_undo,
            attended=option.runbook_attended,
            require_proven=option.runbook_require_proven,
            lenient=option.runbook_lenient,
            yes=option.runbook_yes,
            worker=getattr(config, "workerinput", {}).get("workerid", ""),
        )


class GuideLab:
    """The lab of the guide in the directory `guide`, opened when it is first needed.

    One thing at a time has it: the run of the guide, or whoever only looks at the hosts.
    """

    def __init__(self, guide: Path, wanted: Wanted, config: pytest.Config) -> None:
        self.guide = guide
        self.wanted = wanted
        self.run: OpenRun | None = None
        self.warnings: tuple[Message, ...] = ()
        self.known = KnownSecrets()
        self._config = config
        self._open = ExitStack()
        self._used = False
        self._hosts: Mapping[str, HostConnection] | None = None

    @property
    def name(self) -> str:
        """The name of the lab among the guide's own."""
        return "-".join(filter(None, (self.wanted.kind, self.wanted.worker)))

    @property
    def place(self) -> str:
        """What leads to the guide from where pytest was called, to be put before a document."""
        place = os.path.relpath(self.guide, self._config.invocation_params.dir)
        return "" if place == "." else f"{place}/"

    @functools.cached_property
    def lab(self) -> Lab:
        """The lab, running or not.

        Raises:
            RunbookError: the guide's cluster or inventory is missing or wrong, or a platform is
                asked for of machines that are somebody's.

        """
        asked = self.wanted
        if asked.platform and asked.kind not in ("container", "vagrant"):
            raise RunbookError(f"--platform: the hosts of a {asked.kind} lab are what they are")
        return open_lab(
            self.guide, asked.kind, asked.host, asked.inventory, asked.chosen,
            worker=asked.worker, platform=asked.platform,
        )  # fmt: skip

    @functools.cached_property
    def whole(self) -> Runbook:
        """The guide, planned; what there is to warn of is kept in `warnings`.

        Raises:
            RunbookError: the guide has errors, or names hosts or choices that are not there.

        """
        whole = planned(self.guide, lenient=self.wanted.lenient, tell=self._keep)
        refuse_unknown_choices(whole, self.wanted.chosen, self.lab.cluster)
        refuse_unknown_hosts(whole, self.lab)
        return whole

    def _keep(self, said: Messages) -> None:
        # One worker tells them: all of them read the same guide.
        if self.wanted.worker in ("", "gw0"):
            self.warnings = tuple(one for one in said.each if not one.error)
        Messages(errors=said.errors).show()

    @functools.cached_property
    def runbook(self) -> Runbook:
        """The part of the guide that a run is for: all but the undo steps, or these."""
        return backward(self.whole) if self.wanted.undo else forward(self.whole)

    @functools.cached_property
    def selection(self) -> Selection:
        """What is selected of the guide: all that may run at all."""
        asked = self.wanted
        everything = Selection(unmarked=asked.unmarked, chosen=asked.chosen)
        agreed = ask_consent(self.runbook, self.lab.cluster, everything, asked.agreed, ask=False)
        return agreed or everything

    def connect(self) -> Mapping[str, HostConnection]:
        """Return the hosts of the running lab, which are the run's while one is open.

        Raises:
            RunbookError: the lab cannot be started.

        """
        if self.run is not None:
            return self.run.hosts
        if self._hosts is None:
            stack = ExitStack()
            with stack:
                self.known = known = stack.enter_context(known_secrets(self.guide, self.name))
                use_throwaway_secrets(self.guide, self.wanted.kind)
                stack.enter_context(alone(self.guide, self.name))
                self._used = True
                self.lab.up(self.log)
                hosts = stack.enter_context(closing_all(hosts_of(self.lab, known=known)))
                self._open = stack.pop_all()
            self._hosts = hosts
        return self._hosts

    def open_run(self, ids: Collection[str]) -> OpenRun:
        """Start a run of the steps `ids`, with all that they depend on.

        Raises:
            RunbookError: the lab cannot be started, or is somebody's and nobody agreed to it.

        """
        asked = self.wanted
        if asked.kind in ("local", "static") and not asked.yes:
            which = "this machine" if asked.kind == "local" else "somebody's machines"
            raise RunbookError(f"this would change {which}; agree to it with --yes")
        self.disconnect()
        selection = self.selection
        if any(selection.wants(s) and s.id not in ids for s in self.runbook.steps()):
            selection = evolve(selection, only=tuple(glob.escape(one) for one in sorted(ids)))
        manner = Manner(
            attended=asked.attended,
            undo=asked.undo,
            require_proven=asked.require_proven,
            yes=asked.yes,
            repeat=asked.repeat,
            # The lab of a worker is new, and others have been where it begins.
            from_checkpoint=bool(asked.worker),
        )
        request = Request(
            self.guide, self.name, self.lab, self.whole, self.runbook, selection, manner
        )
        use_throwaway_secrets(self.guide, asked.kind)
        with ExitStack() as stack:
            self.known = known = stack.enter_context(known_secrets(self.guide, self.name))
            self._used = True
            attend = None
            if manner.attended:
                terminal = functools.partial(operators_terminal, self._config)
                attend = stack.enter_context(manual_tasks(terminal))
            run = stack.enter_context(open_run(request, known, self.log, attend))
            self._open = stack.pop_all()
        self.run = run
        return run

    def close_run(self) -> None:
        """Close the run where it stands, and write its reports.

        Raises:
            RunbookError: a report cannot be written.

        """
        run, self.run = self.run, None
        if run is not None:
            self._open.close()
            write_reports(run.request.directory, run.report(), run.known)

    def disconnect(self) -> None:
        """Leave the hosts that somebody looked at."""
        if self.run is None:
            self._hosts = None
            self._open.close()

    def close(self) -> None:
        """Leave the lab. That of a worker is removed: its checkpoints serve the next one."""
        self.close_run()
        self.disconnect()
        if self.wanted.worker and self._used and isinstance(self.lab, SupportsCheckpoints):
            self.lab.down(self.log)

    def log(self, line: str) -> None:
        """Show a line about the lab at once: to make one takes minutes."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        capture = self._config.pluginmanager.get_plugin("capturemanager")
        if reporter is None or self.wanted.worker or isinstance(line, StatusLine):
            return
        with capture.global_and_fixture_disabled() if capture else ExitStack():
            reporter.ensure_newline()
            reporter.write_line(line)


def lab_of(config: pytest.Config, guide: Path) -> GuideLab:
    """Return the lab of a guide for this session.

    Raises:
        RunbookError: an option is wrong.

    """
    labs = config.stash.setdefault(LABS, {})
    if guide not in labs:
        labs[guide] = GuideLab(guide, Wanted.by(config), config)
    return labs[guide]


def the_lab(config: pytest.Config) -> GuideLab:
    """Return the lab that tests share: that of the session's guide.

    Raises:
        RunbookError: it is not known which guide is meant.

    """
    guides = config.stash[GIVEN] or tuple(filter(None, [nearest(config.rootpath)]))
    if len(guides) == 1:
        return lab_of(config, guides[0])
    if guides:
        raise RunbookError(f"more than one guide is given: {', '.join(map(str, guides))}")
    raise RunbookError("no guide is given: name it on the command line, or in runbook_guides")


def close_labs(config: pytest.Config) -> None:
    """Leave all labs of the session."""
    with ExitStack() as stack:
        for one in config.stash.get(LABS, {}).values():
            stack.callback(one.close)
