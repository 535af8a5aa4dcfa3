"""Things that a step uses, and that no earlier step on its own path makes.

A path is a platform with one combination of alternatives. What comes with the platform, and what
is unknown, counts as there: a thing is missed only if some step makes it, or if it is the guide's
own, as a file of root's home is that a program is told to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from attrs import define, field, frozen

from runbook.lint.finding import Finding, FindingKind
from runbook.lint.paths import GuidePath, Hosts, described, is_on, paths
from runbook.lint.resource_lists import bringers, is_platform_file
from runbook.lint.resources import Reader
from runbook.lint.things import Event, Role, Thing
from runbook.model import Cluster, Runbook, Step
from runbook.model.alternative import fits

_BROUGHT = ("command", "unit")
"""Kinds of things that come with packages."""

_SHARED = ("volume", "engine-vm")
"""Kinds of things that belong to no host."""

_OWN = "/root/"


@frozen
class _Done:
    """A step with what it does, in its order."""

    step: Step
    events: tuple[Event, ...]


@frozen
class _Maker:
    """A step that makes a thing."""

    step: Step
    event: Event


@define
class _Missed:
    """A thing that a step uses too early: on which hosts, and on which paths through the guide."""

    done: _Done
    event: Event
    hosts: dict[str, None] = field(factory=dict)
    paths: dict[GuidePath, None] = field(factory=dict)


@define
class _Host:
    """What is there on one host at some point of the guide."""

    things: set[Thing] = field(factory=set)
    prefixes: set[Thing] = field(factory=set)

    def has(self, thing: Thing) -> bool:
        """Return whether `thing` is there, or may be."""
        if thing in self.things or Thing(thing.kind, "") in self.prefixes:
            return True
        if any(
            thing.kind == known.kind and thing.name.startswith(known.name)
            for known in self.prefixes
        ):
            return True
        if thing.kind == "export":
            # A part of an exported directory, or the root that leads to one.
            return any(
                one.kind == "export" and _is_below(thing.name, one.name) for one in self.things
            )
        return False

    def add(self, event: Event) -> None:
        """Note what `event` makes."""
        thing = event.thing
        if event.prefix:
            self.prefixes.add(thing)
            return
        self.things.add(thing)
        if thing.kind == "file":
            if event.tree:
                # What is unpacked over a whole system is not the data of the guide.
                tops = ("/etc", "/usr", "/opt") if thing.name == "/" else (thing.name,)
                self.prefixes.update(Thing("file", f"{top}/") for top in tops)
            parts = thing.name.split("/")
            self.things.update(Thing("file", "/".join(parts[:n])) for n in range(2, len(parts)))


def _is_below(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/")


def uses_findings(runbook: Runbook, cluster: Cluster | None) -> Iterator[Finding]:
    """Yield a finding for each thing that a marked step uses too early, on any path."""
    hosts = Hosts.of(runbook, cluster)
    reader = Reader()
    done = [_Done(step, tuple(reader.events(step))) for step in runbook.steps() if not step.undo]
    yield from _Guide(done, hosts, paths(runbook, cluster)).findings()


@frozen
class _Guide:
    """The steps of a guide with what they do; `makers` are those that make each thing."""

    done: list[_Done]
    hosts: Hosts
    paths: list[GuidePath]
    makers: dict[Thing, list[_Maker]] = field(factory=dict)

    def findings(self) -> Iterator[Finding]:
        for one in self.done:
            for event in one.events:
                if event.role is Role.MAKES and not event.prefix:
                    self.makers.setdefault(event.thing, []).append(_Maker(one.step, event))
        mounts = sorted(thing.name for thing in self.makers if thing.kind == "mount")
        self.done[:] = [_with_mounts(one, mounts) for one in self.done]
        missed: dict[tuple[str, Thing], _Missed] = {}
        for path in self.paths:
            for one, event, hosts in self._walk(path):
                known = missed.setdefault((one.step.id, event.thing), _Missed(one, event))
                known.hosts.update(dict.fromkeys(hosts))
                known.paths[path] = None
        for miss in missed.values():
            yield Finding(miss.event.location, FindingKind.USES, self._message(miss))

    def _walk(self, path: GuidePath) -> Iterator[tuple[_Done, Event, list[str]]]:
        """Yield the events that use a thing which is not there, and on which hosts."""
        state = {name: _Host() for name in self.hosts.names}
        for one in self.done:
            if not is_on(one.step, path):
                continue
            for event in one.events:
                where = self._hosts_of(one.step, event, path)
                lacking = [name for name in where if not self._is_there(event, state[name])]
                if lacking and one.step.marked and self._is_missed(one.step, event, path):
                    yield one, event, lacking
                # What is missed is told once.
                if lacking or event.role is not Role.USES:
                    for name in self.hosts.names if event.thing.kind in _SHARED else where:
                        state[name].add(event)

    def _hosts_of(self, step: Step, event: Event, path: GuidePath) -> tuple[str, ...]:
        """Return the hosts that an event of `step` is about."""
        if event.host:
            return self.hosts.named(event.host, path)
        return self.hosts.select(step.on, path)

    def _is_there(self, event: Event, host: _Host) -> bool:
        thing = event.thing
        if event.role in (Role.MAKES, Role.LEAVES) or host.has(thing):
            return True
        if thing.kind in _BROUGHT:
            packages = bringers().get((thing.kind, thing.name), frozenset())
            return any(host.has(Thing("package", package)) for package in packages)
        return False

    def _is_missed(self, step: Step, event: Event, path: GuidePath) -> bool:
        """Return whether a thing that is not there does not come with the platform."""
        thing = event.thing
        makers = self.makers.get(thing, ())
        if event.role is Role.MENTIONS and any(maker.step is step for maker in makers):
            # It is named first, as the home of a user, and made then.
            return False
        if thing.kind in _BROUGHT:
            if thing in self.makers:
                return True
            packages = bringers().get((thing.kind, thing.name), frozenset())
            return any(
                is_on_platform(maker.step, path)
                for package in packages
                for maker in self.makers.get(Thing("package", package), ())
            )
        if thing.kind == "package":
            return False
        if thing.kind == "file" and is_platform_file(thing.name):
            return False
        if makers:
            return True
        if event.role is not Role.USES:
            return False
        if thing.kind == "export":
            # Gluster shares its volumes by itself.
            return Thing("volume", thing.name.strip("/")) not in self.makers
        if thing.kind in ("vm", "engine-vm"):
            # A guide about virtual machines that are there makes none.
            return any(other.kind == thing.kind for other in self.makers)
        return thing.kind == "file" and thing.name.startswith(_OWN)

    def _message(self, miss: _Missed) -> str:
        possible = [path for path in self.paths if is_on(miss.done.step, path)]
        place = described(miss.paths, possible, len({path[0] for path in self.paths}))
        hosts = [name for name in miss.hosts if name]
        if miss.event.thing.kind not in _SHARED and 0 < len(hosts) < len(self.hosts.names):
            place = f"on {', '.join(hosts)} {place}".strip()
        said = f"{miss.event.thing} is used here, and no earlier step makes it {place}".rstrip()
        return f"{said}; {self._why(miss)}"

    def _why(self, miss: _Missed) -> str:
        """Return which step makes the thing after all: the one that is nearest to doing so."""
        thing = miss.event.thing
        packages = bringers().get((thing.kind, thing.name), frozenset())
        things = [thing, *(Thing("package", package) for package in sorted(packages))]
        makers = [maker for one in things for maker in self.makers.get(one, ())]
        found = [self._nearness(maker, miss) for maker in makers]
        return max(found, default=(0, "no step of the guide makes it"), key=itemgetter(0))[1]

    def _nearness(self, maker: _Maker, miss: _Missed) -> tuple[int, str]:
        """Return how near a step is to making the thing in time, and what is in the way."""
        step, path = maker.step, next(iter(miss.paths))
        title = f"{step.title!r} ({step.location}) makes it"
        if is_on(step, path):
            on = self._hosts_of(step, maker.event, path)
            if set(miss.hosts) <= set(on):
                return 4, f"{title}, but later"
            return 3, f"{title} on {', '.join(on)} only"
        if is_on_platform(step, path):
            return 2, f"{title} with {' '.join(step.choices)} only"
        return 1, f"{title} on {' and '.join(step.platforms)} only"


def _with_mounts(one: _Done, mounts: list[str]) -> _Done:
    """Return what a step does, and that it uses the file systems on which its files are."""
    events: list[Event] = []
    for event in one.events:
        if event.thing.kind == "file" and not is_platform_file(event.thing.name):
            events += [
                Event(Role.USES, Thing("mount", place), event.location, event.host)
                for place in mounts
                if event.thing.name.startswith(f"{place}/")
            ]
        events.append(event)
    return _Done(one.step, tuple(events))


def is_on_platform(step: Step, path: GuidePath) -> bool:
    """Return whether `step` is done on the platform of `path` with some choice."""
    return not step.platforms or fits(path[0], step.platforms)
