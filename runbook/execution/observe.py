"""Look at hosts before and after each step, and say what it changed and which checks cover it.

The look after one step is that before the next. A look that fails never fails a step: of what it
should have seen nothing is known, and that is said.
"""

from __future__ import annotations

import io
import logging
import tarfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from attrs import define, evolve, field, frozen

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection
from runbook.execution.trial import Trial
from runbook.model import Runbook, Step
from runbook.model.typed import typed
from runbook.observation.change import KINDS, Change, Observed
from runbook.observation.cover import Evidence, covered
from runbook.observation.difference import Content, differences, to_read
from runbook.observation.fold import folded
from runbook.observation.look import File, Look, parse
from runbook.observation.origin import (
    Owned,
    changed_packages,
    is_shipped,
    parse_owned,
    target,
    with_origins,
)
from runbook.observation.places import places
from runbook.observation.script import content_script, look_script, owned_script
from runbook.observation.unchecked import left_out, told

_LOG: Final = logging.getLogger(__name__)

_TIMEOUT: Final = 60.0
"""Seconds that a look may take; each of its programs has less."""
_ALL: Final = 8 * 1024 * 1024
"""Bytes of all files that are read at once."""


_MOST_NAMES: Final = 2000
"""Users, groups and files that packages are asked about."""


@frozen
class _Seen:
    """A host at one moment: what was there, what its files held, and how long it took to look."""

    look: Look
    contents: Mapping[str, Content]
    seconds: float
    raw: Mapping[str, bytes] = field(factory=dict, repr=False)


@define
class Observer:
    """Looks at all `hosts` around the steps of `runbook`."""

    hosts: Mapping[str, HostConnection]
    runbook: Runbook
    pool: ThreadPoolExecutor
    _seen: dict[str, _Seen] = field(factory=dict)
    _lost: dict[str, str] = field(factory=dict)
    _script: str = ""

    def __attrs_post_init__(self) -> None:
        self._script = look_script(places(self.runbook.steps()))

    def forget(self) -> None:
        """Forget what was seen: somebody else has been at the hosts."""
        self._seen.clear()

    def before(self, hosts: Iterable[str]) -> None:
        """Look at every host that was not looked at after the last step.

        `hosts` are those of the step, which are looked at although the last look failed.
        """
        for name in hosts:
            self._lost.pop(name, None)
        self._look([n for n in self.hosts if n not in self._seen and n not in self._lost], {})

    def after(self, trials: Mapping[str, Trial], tried: Sequence[str]) -> dict[str, Trial]:
        """Look again, and return the trials that were `tried`, with what was seen of their step."""
        if not tried:
            return {}
        before = dict(self._seen)
        self._seen = {}
        self._look([name for name in self.hosts if name in before], before)
        step = trials[tried[0]].step
        evidence = [one for name in tried for one in trials[name].evidence]
        found = {name: self._guarded(name, before.get(name), step, evidence) for name in self.hosts}
        strangers = tuple(
            evolve(change, host=name)
            for name, observed in found.items()
            if name not in tried
            for change in observed.changes
        )
        made = {}
        for number, name in enumerate(tried):
            observed = found[name]
            if number == 0:
                observed = evolve(observed, changes=observed.changes + strangers)
            trial = trials[name]
            made[name] = evolve(trial, outcome=evolve(trial.outcome, observed=observed))
        return made

    def _look(self, names: Sequence[str], before: Mapping[str, _Seen]) -> None:
        def one(name: str) -> tuple[str, _Seen | str]:
            try:
                return name, _look(self.hosts[name], self._script, before.get(name))
            except RunbookError as error:
                return name, str(error)
            except Exception as error:
                # A defect of ours must not end the run.
                _LOG.exception("the look at %s", name)
                return name, f"the harness is at fault: {error!r}"

        for name, seen in self.pool.map(one, names):
            if isinstance(seen, str):
                self._lost[name] = seen
            else:
                self._seen[name] = seen

    def _guarded(
        self, name: str, before: _Seen | None, step: Step, evidence: Sequence[Evidence]
    ) -> Observed:
        """Return what a step changed on a host; a defect of ours must not end the run."""
        try:
            return self._observed(name, before, step, evidence)
        except Exception as error:
            _LOG.exception("what %s changed on %s", step.id, name)
            return Observed((), dict.fromkeys(KINDS, f"the harness is at fault: {error!r}"))

    def _observed(
        self, name: str, before: _Seen | None, step: Step, evidence: Sequence[Evidence]
    ) -> Observed:
        after = self._seen.get(name)
        if before is None or after is None:
            why = self._lost.get(name, "it was not looked at before the step")
            return Observed((), dict.fromkeys(KINDS, why))
        redact = self.hosts[name].secrets.redact
        every, unknown = differences(
            before.look, after.look, before.contents, after.contents, redact
        )
        changes = told(every)
        owned, shipped = Owned(), []
        began = time.monotonic()
        if packages := changed_packages(changes):
            owned = self._owned(name, packages, changes)
            shipped = [
                path for path, digest in owned.digests.items()
                if path in after.raw and is_shipped(after.raw[path], digest)
            ]  # fmt: skip
        changes = with_origins(
            changes, before.look, after.look, owned, typed(step, contents=True), shipped
        )
        seconds = after.seconds + time.monotonic() - began
        changes = covered(changes, name, evidence, owned)
        changes = left_out(changes, step.unchecked, self.runbook.unchecked)
        return Observed(folded(changes), dict(unknown), round(seconds, 3))

    def _owned(self, name: str, packages: Sequence[str], changes: Sequence[Change]) -> Owned:
        new = [
            one.name for one in changes
            if one.kind in ("user", "group", "file") and not one.before
        ][:_MOST_NAMES]  # fmt: skip
        try:
            targets = [path for one in changes if (path := target(one))][:_MOST_NAMES]
            printed = _printed(self.hosts[name], owned_script(packages, new, targets))
        except RunbookError:
            return Owned()
        return parse_owned(printed, packages)


def _look(host: HostConnection, script: str, before: _Seen | None) -> _Seen:
    """Look at a host once.

    Raises:
        RunbookError: it is gone, or does not answer in time.

    """
    began = time.monotonic()
    look = parse(_printed(host, script))
    known = before.look if before is not None else None
    raw = _read(host, look.files, to_read(look.files, known))
    contents = {
        path: content
        for path, content in (before.contents if before is not None else {}).items()
        # What may have changed and was not read is not known any more.
        if known is not None and path in look.files and look.files[path] == known.files.get(path)
    }
    contents |= {path: Content.of(data) for path, data in raw.items()}
    return _Seen(look, contents, time.monotonic() - began, raw if before is not None else {})


def _read(
    host: HostConnection, files: Mapping[str, File], paths: Sequence[str]
) -> dict[str, bytes]:
    """Return what the files at `paths` hold, as far as they are not too much."""
    left, wanted = _ALL, []
    for path in paths:
        left -= files[path].size + 1024
        if left > 0 and "\n" not in path and path.isprintable():
            wanted.append(path)
    if not wanted:
        return {}
    found = {}
    printed = _printed(host, content_script(wanted))
    try:
        with tarfile.open(fileobj=io.BytesIO(printed)) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)) is not None:
                    found["/" + member.name.lstrip("/")] = file.read()
    except tarfile.TarError:
        # A host without tar: files are then compared by size and time.
        return found
    return found


def _printed(host: HostConnection, script: str) -> bytes:
    return host.pipe().run(script, timeout=_TIMEOUT * host.timeout_factor).stdout
