"""Who types each command of a step, and on which host: what prompts and nested shells say.

A shell within the shell, as after `su - svc`, changes who and where for all that follows. The
harness types what follows as that user, or on that host of the lab, until `exit`, in a shell that
is opened for it and then left. What it cannot follow is a problem, so that nothing is typed in
another place than a reader would.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import define, evolve, field, frozen

from runbook.model import Action, Cluster, Command, Dialogue, InnerShell, Location, Place, Step
from runbook.shelltext.nested import NestedShell, Opens, leaves_shell, nested_shell

_INSTEAD: Final = (
    "give it the commands to run (su -c, ssh HOST 'COMMAND', docker exec C COMMAND), or write a "
    "step of its own with :user: or :on:"
)
_PLAINLY: Final = (
    "write bash, su or sudo -s alone, with exit after what is typed in it; there, set variables "
    "with export, and read a file with source FILE"
)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@frozen
class PlaceProblem:
    """A command of which it cannot be told who types it, or where; or a shell left open."""

    location: Location
    message: str
    error: bool = True


def placed(step: Step, cluster: Cluster | None) -> tuple[Step, tuple[PlaceProblem, ...]]:
    """Return `step` with the place of each command, and what cannot be told of it.

    Commands that do nothing but open or leave a shell that the harness follows are left out.
    """
    follower = _Follower(step, cluster)
    actions = tuple(follower.actions())
    return evolve(step, actions=actions), tuple(follower.problems)


@define
class _Shell:
    """A nested shell that is open: what opened it, and where it is."""

    opened: NestedShell
    location: Location
    place: Place


@define
class _Follower:
    step: Step
    cluster: Cluster | None
    problems: list[PlaceProblem] = field(factory=list)
    _open: list[_Shell] = field(factory=list)
    _count: int = 0

    def actions(self) -> Iterator[Action]:
        """Yield the actions that are typed, each with its place."""
        for action in self.step.actions:
            match action:
                case Command() | Dialogue():
                    yield from self._typed(action)
                case _:
                    yield action
        if self._open:
            last = self._open[-1]
            self.problems.append(
                PlaceProblem(
                    last.location,
                    f"the shell that {last.opened.command!r} opened is still open at the end of "
                    "the step; the next step is typed outside of it: write exit",
                    error=False,
                )
            )

    def _typed(self, action: Command | Dialogue) -> Iterator[Action]:
        if self._open and leaves_shell(action.text):
            self._open.pop()
            return
        place = self._place(action)
        opened = nested_shell(action.text)
        follows = action is not self.step.actions[-1]
        if opened is None or (isinstance(action, Dialogue) and not follows):
            yield evolve(action, place=place)
        elif isinstance(action, Dialogue):
            self._refuse(action, opened, "it asks before it opens")
        elif (inner := self._inner(action, opened, place)) is not None:
            self._open.append(_Shell(opened, action.location, inner))
        elif not follows:
            # Nothing is typed in it; that it opens at all is what the step shows.
            yield evolve(action, place=place)

    def _place(self, action: Command | Dialogue) -> Place | None:
        """Return who types `action` and where; `None` if that is the step's own user, here."""
        prompt = action.prompt
        place = self._open[-1].place if self._open else Place()
        inner = place
        if prompt is None:
            return place if place != Place() else None
        if prompt.host is not None and (host := self._host(prompt.host)) is not None:
            # Of a step's own hosts the prompt shows one as an example.
            if host != place.host:
                place = evolve(place, host="" if host in self._own_hosts() else host)
        elif prompt.host is not None and self.cluster is not None and not place.host:
            place = self._unknown_host(action, prompt.host, place)
        if prompt.user is not None:
            place = evolve(place, user=prompt.user, ordinary=False)
        elif prompt.sign == "$" and not place.user and self.step.user == "root":
            place = evolve(place, ordinary=True)
        elif prompt.sign == "#" and place.user not in ("", "root"):
            self._contradiction(action)
        if not self._is_of(inner, place):
            # It is the prompt of another shell than the one that was opened last.
            place = evolve(place, shells=())
        # A prompt may also show that it is the step's own user.
        return place if place not in (Place(), Place(user=self.step.user)) else None

    def _is_of(self, inner: Place, shown: Place) -> bool:
        """Tell whether a prompt at `shown` may be that of the shell that is open at `inner`."""
        if inner.ordinary:
            # Who the ordinary user is, is not known here.
            return shown.host == inner.host and (shown.ordinary or shown.user != "root")
        return evolve(shown, user=shown.user or self.step.user) == evolve(
            inner, user=inner.user or self.step.user
        )

    def _unknown_host(self, action: Command | Dialogue, name: str, place: Place) -> Place:
        if self.step.marked:
            known = ", ".join(host.name for host in self.cluster.hosts) if self.cluster else ""
            self.problems.append(
                PlaceProblem(
                    action.location,
                    f"the prompt names the host {name!r}, which the cluster does not have "
                    f"({known}); nothing would run there",
                )
            )
        return place

    def _contradiction(self, action: Command | Dialogue) -> None:
        opened = self._open[-1].opened.command if self._open else "the prompt before"
        self.problems.append(
            PlaceProblem(
                action.location,
                f"the prompt is root's, but the shell that {opened!r} opened is still open: "
                "write exit before it",
            )
        )

    def _inner(self, action: Command, opened: NestedShell, place: Place | None) -> Place | None:
        """Return where commands are typed that follow `opened`, if they can be followed there."""
        outer = place or Place()
        match opened.opens:
            case Opens.SAME:
                return self._entered(opened, outer, outer)
            case Opens.USER:
                if (
                    opened.user == "root"
                    and outer.ordinary
                    and not opened.command.startswith("sudo")
                ):
                    self._refuse(action, opened, "an ordinary user is asked for a password there")
                    return None
                inner = evolve(outer, user=opened.user, ordinary=False)
                return self._entered(opened, outer, inner)
            case Opens.HOST:
                if opened.host in _LOCAL:
                    inner = evolve(outer, user=opened.user or outer.user,
                                   ordinary=outer.ordinary and not opened.user)  # fmt: skip
                    return self._entered(opened, outer, inner)
                if (host := self._host(opened.host)) is not None:
                    inner = Place(user=opened.user or outer.user, host=host,
                                  ordinary=outer.ordinary and not opened.user)  # fmt: skip
                    return self._entered(opened, outer, inner)
                self._refuse(action, opened, f"the lab has no host {opened.host!r}")
            case Opens.OTHER:
                if opened.why:
                    self._refuse(action, opened, opened.why, _PLAINLY)
                else:
                    self._refuse(action, opened, "the harness does not follow it there")
        return None

    def _entered(self, opened: NestedShell, outer: Place, inner: Place) -> Place:
        """Return the place `inner` in a new shell that is opened at `outer`."""
        self._count += 1
        shell = InnerShell(self._count, opened.start, outer.user, outer.host, outer.ordinary)
        return evolve(inner, shells=(*outer.shells, shell))

    def _refuse(
        self,
        action: Command | Dialogue,
        opened: NestedShell,
        why: str,
        instead: str = _INSTEAD,
    ) -> None:
        self.problems.append(
            PlaceProblem(
                action.location,
                f"{opened.command!r} opens another shell, in which a reader would type all that "
                f"follows: {why}; {instead}",
            )
        )

    def _own_hosts(self) -> frozenset[str]:
        """Return the names of the hosts that the step is for."""
        if self.cluster is None:
            return frozenset()
        try:
            return frozenset(host.name for host in self.cluster.select(self.step.on or ("all",)))
        except KeyError:
            return frozenset()

    def _host(self, name: str) -> str | None:
        """Return the host of the cluster that a prompt or an ssh calls `name`, if there is one.

        A step that is for one host may show a prompt with any name of that host.
        """
        return None if self.cluster is None else _names(self.cluster).get(name.lower())


def _names(cluster: Cluster) -> Mapping[str, str]:
    """Return the hosts of the cluster by all that a guide may call them."""
    known: dict[str, str] = {}
    domain = cluster.values.get("domain", "")
    for host in cluster.hosts:
        for name in (host.name, host.address, f"{host.name}.{domain}" if domain else host.name):
            known[name.lower()] = host.name
    return known
