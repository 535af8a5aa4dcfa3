"""The containers of one lab: its router and its hosts, each started, repaired or made anew."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from runbook.labs import LabError, boot, network
from runbook.labs.commits import Commits
from runbook.labs.engine import Engine
from runbook.labs.recipe import Recipe
from runbook.labs.registry import settings
from runbook.model import Host

LAB: Final = "org.sphinx-runbook.lab"
"""The label of everything that a lab makes; its value is the lab's identity."""

MADE_OF: Final = "org.sphinx-runbook.made-of"
"""The label of a host that changes with everything the host is made of."""

_READY: Final = 90.0
_ATTEMPT: Final = 30.0

Known = dict[str, Any]
"""What the engine says of one container."""


def container(lab: str, host: str) -> str:
    """Return the name of the container that is `host`; without a name it is the router."""
    return f"{lab}_{host}"


def state(known: Known) -> str:
    """Return the container's state in the engine's words, or `lost` if it errs.

    After a machine went down hard, an engine may take a container for running whose process
    is gone, and whose number is perhaps another's now.
    """
    said = str(known["State"]["Status"])
    if said != "running":
        return said
    try:
        ours = Path("/proc/self/ns/net").samefile(f"/proc/{known['State']['Pid']}/ns/net")
    except FileNotFoundError:
        return "lost"
    return "lost" if ours else said


@frozen
class WayOut:
    """The router as the hosts need it: its process, its bridge's ports, its resolv.conf."""

    pid: int
    ports: frozenset[str]
    resolver: str


@frozen
class Kept:
    """What a host is made of instead of its recipe: an image, and what fills its data volume."""

    image: str
    fill: Callable[[Path], None]


@frozen
class Pod:
    """The lab of identity `lab`, with its files in `state` and the subnet `network`."""

    lab: str
    state: Path
    engine: Engine
    network: str

    def attempt(self, recipe: Recipe) -> None:
        """Boot a host without a network and remove it, to see whether the engine can.

        Raises:
            LabError: it cannot.

        """
        name = container(self.lab, f"attempt-{uuid.uuid4().hex[:8]}")
        directory = self.state / name
        try:
            with boot.Readiness(directory) as readiness:
                options = [*self.engine.init(), *boot.options(directory)]
                self._run(name, options, recipe.tag, "/sbin/init")
                readiness.wait(self._pid(name), timeout=_ATTEMPT)
        finally:
            self.engine.remove(name)
            shutil.rmtree(directory, ignore_errors=True)

    def router(self, known: Known | None, recipe: Recipe) -> WayOut:
        """Return the running router, made of `recipe` if there is none.

        Raises:
            LabError: the engine gives it no network, or the kernel refuses.

        """
        name = container(self.lab, "")
        if known is None or state(known) != "running":
            self.engine.remove(name)
            options = [*self.engine.start(), "--sysctl=net.ipv4.ip_forward=1"]
            try:
                self._run(name, options, recipe.tag, "sleep", "infinity")
            except LabError as error:
                raise LabError(f"the lab's router does not start: {error}") from error
        pid = self._pid(name)
        network.make_router(pid, self.network)
        # What the engine wrote for a container with a way out holds for the hosts behind it.
        resolver = network.inside(pid, ["cat", "/etc/resolv.conf"], kind="--mount")
        return WayOut(pid, network.plugged(pid), resolver)

    def host(
        self,
        host: Host,
        recipe: Recipe,
        known: Known | None,
        way_out: WayOut,
        tell: Callable[[str], None],
    ) -> None:
        """Bring `host` up, whatever the engine knows of it, and wait until it is ready.

        Raises:
            LabError: it does not start; the message names the host.

        """
        try:
            known = self._usable(host, recipe, known, tell)
            if known is not None and state(known) == "running":
                if self._answers(host, known, way_out):
                    return
                tell(f"{host.name}: its systemd does not answer, so it is started again")
                self.engine.call("stop", "--time=0", container(self.lab, host.name))
            failed = self._boot(host, recipe, known, way_out)
        except LabError as error:
            raise LabError(f"{host.name}: {error}") from error
        without = f", but failed to start {', '.join(failed)}" if failed else ""
        tell(f"{host.name}: ready at {host.address}{without}")

    def again(
        self,
        host: Host,
        recipe: Recipe,
        way_out: WayOut,
        commits: Commits,
        snapshot: str,
        tell: Callable[[str], None],
    ) -> None:
        """Make `host` anew as it was in the `snapshot`, and wait until it is ready.

        Raises:
            LabError: it does not start; the message names the host.

        """
        name = container(self.lab, host.name)

        try:
            self.engine.remove(name)
            kept = Kept(
                commits.image(host.name, snapshot),
                lambda volume: commits.fill(host.name, snapshot, volume),
            )
            failed = self._boot(host, recipe, None, way_out, kept)
        except LabError as error:
            raise LabError(f"{host.name}: {error}") from error
        without = f", but failed to start {', '.join(failed)}" if failed else ""
        tell(f"{host.name}: as it was at {snapshot}{without}")

    def _usable(
        self, host: Host, recipe: Recipe, known: Known | None, tell: Callable[[str], None]
    ) -> Known | None:
        """Return `known` if it is a whole host as described, else remove it."""
        if known is None:
            return None
        if known["Config"]["Labels"].get(MADE_OF) != self._made_of(host, recipe):
            reason = "what it is made of has changed"
        elif state(known) == "lost":
            reason = "its processes are gone and the engine does not know it"
        elif state(known) not in ("running", "exited"):
            reason = "it was only half made"
        else:
            return known
        tell(f"{host.name}: made anew, because {reason}")
        name = container(self.lab, host.name)
        self.engine.remove(name)
        self.engine.call("volume", "rm", "--force", name)
        return None

    def _answers(self, host: Host, known: Known, way_out: WayOut) -> bool:
        """Complete a running host, and tell whether its systemd answers."""
        pid = int(known["State"]["Pid"])
        plug = network.Plug(host.address, self.network)
        if plug.port not in way_out.ports:
            network.plug(way_out.pid, pid, plug)
        boot.own_names(pid, host.name, way_out.resolver, settings())
        return boot.state(pid) in ("running", "degraded")

    def _boot(
        self,
        host: Host,
        recipe: Recipe,
        known: Known | None,
        way_out: WayOut,
        kept: Kept | None = None,
    ) -> list[str]:
        """Make the host or start it again; return the units that failed."""
        name = container(self.lab, host.name)
        with boot.Readiness(self.state / host.name) as readiness:
            if known is None:
                self._make(host, recipe, kept)
            else:
                self.engine.call("start", name)
            pid = self._pid(name)
            network.plug(way_out.pid, pid, network.Plug(host.address, self.network))
            boot.own_names(pid, host.name, way_out.resolver, settings())
            readiness.wait(pid, timeout=_READY)
        return boot.settled(pid)

    def _make(self, host: Host, recipe: Recipe, kept: Kept | None = None) -> None:
        name = container(self.lab, host.name)
        options = [
            *self.engine.init(),
            *boot.options(self.state / host.name),
            f"--hostname={host.name}",
            f"--label={MADE_OF}={self._made_of(host, recipe)}",
        ]
        if recipe.data:
            # A volume of the same name can only be left over from a host that is gone.
            self.engine.call("volume", "rm", "--force", name)
            label = f"--label={LAB}={self.lab}"
            self.engine.call("volume", "create", label, name)
            options.append(f"--volume={name}:{recipe.data}")
            if kept is not None:
                place = self.engine.call("volume", "inspect", "--format={{.Mountpoint}}", name)
                kept.fill(Path(place.strip()))
        self._run(name, options, kept.image if kept else recipe.tag, "/sbin/init")

    def _run(self, name: str, options: list[str], *command: str) -> None:
        named = ["--detach", f"--name={name}", f"--label={LAB}={self.lab}"]
        self.engine.call("run", *named, *options, *command)

    def _pid(self, name: str) -> int:
        state = self.engine.inspect([name])[name]["State"]
        if not state["Pid"]:
            raise LabError(f"its container ended at once: {state.get('Error') or 'no reason'}")
        return int(state["Pid"])

    def _made_of(self, host: Host, recipe: Recipe) -> str:
        parts = (recipe.tag, recipe.data, host.address, self.network)
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
