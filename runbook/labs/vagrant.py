"""A lab of virtual machines: made once by Vagrant, then kept as they were when they had started."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Final

from runbook.connect import Connection
from runbook.labs import HostStatus, LabError, acceleration, box, provider, warm
from runbook.labs.hardware import described, hardware
from runbook.labs.home import Home
from runbook.labs.machines import Machines
from runbook.labs.needs import demand, demand_root
from runbook.labs.networks import Networks
from runbook.labs.provider import Provider
from runbook.labs.reach import Reach
from runbook.labs.room import Libvirt
from runbook.labs.state import STATE, locked
from runbook.labs.warm import Warm
from runbook.model import Cluster

Tell = Callable[[str], None]

KEPT: Final = Path("/var/lib/sphinx-runbook")
"""Where the disks of machines are, as long as there are machines."""

_VAGRANTFILE: Final = Path(__file__).with_name("Vagrantfile")
_PATIENCE: Final = {"kvm": 1.0, "qemu": 10.0}
"""How many times longer than on a real processor things may take."""
_READY: Final = {"kvm": 180.0, "qemu": 600.0}
"""Seconds in which a machine has started and lets us in."""


class VagrantLab:
    """The lab of `cluster` as virtual machines of this machine; `guide` may have a Vagrantfile."""

    made_of: ClassVar = "virtual machines"

    def __init__(self, cluster: Cluster, guide: Path) -> None:
        self.cluster = cluster
        self.name = cluster.name
        self.guide = guide.resolve()
        digest = hashlib.sha256(os.fsencode(self.guide)).hexdigest()[:8]
        self.id = f"{self.name}-{digest}"
        self._kept = KEPT / self.id
        self._reach = Reach(self._kept)
        self._home = Home(STATE / f"vm-{self.id}", self._kept)
        machine = hardware(cluster)
        self._boxes = box.boxes(cluster, machine.packages)
        self._data = machine.data

    def instance(self) -> str:
        """Return what is written down when the machines are made, and when they are reverted."""
        try:
            return (self._kept / "instance").read_text(encoding="utf-8")
        except OSError:
            return ""

    def up(self, tell: Tell) -> None:
        """Start the machines, from what is kept of their first start if possible.

        Raises:
            LabError: this machine lacks something, or a machine does not start.

        """
        demand()
        with locked(self._cluster_directory()):
            made = [box.ensure(one, tell) for one in self._boxes.values()]
            driver = self._driver(made, tell)
            self._kept.mkdir(parents=True, exist_ok=True)
            (self._kept / "driver").write_text(driver, encoding="utf-8")
            libvirt = self._home.up(tell)
            machines, networks = self._at(libvirt)
            hosts = tuple(host.name for host in self.cluster.hosts)
            there = machines.states()
            changed = self._described() != described(self.cluster)
            if there and (changed or not self._reach.known):
                tell("machines: made anew, because they are not those of the cluster file")
                machines.remove()
                there = {}
            # What an earlier attempt has left of the storage cannot start without its directory.
            self._pool.mkdir(parents=True, exist_ok=True)
            networks.start()
            if not there:
                self._make(libvirt, machines, networks, driver, tell)
            started = [host for host in hosts if machines.start(host)]
            for host in started:
                tell(f"{host}: started")
            self._reach.wait(self.connections(), _READY[driver], settle=bool(started))

    def connections(self) -> Mapping[str, Connection]:
        """Return how to reach each machine: by ssh, as the user that Vagrant made."""
        there = self.libvirt()
        return self._reach.connections(there.network if there else (), self._patience())

    def status(self) -> tuple[HostStatus, ...]:
        """Return which machines are running, stopped, or not there at all."""
        there = self.libvirt()
        states = self._at(there)[0].states() if there else {}
        kept = self._reach.known
        return tuple(
            HostStatus(host.name, states[host.name], "virtual machine")
            if host.name in states
            else HostStatus(host.name, "stopped" if kept and not there else "absent")
            for host in self.cluster.hosts
        )

    def down(self, tell: Tell, *, image: bool = False) -> None:
        """Remove the machines with their disks and snapshots, their networks and their libvirt.

        The box stays for the next time, and so does what the machines were when they had
        started, unless `image` is true.

        Raises:
            LabError: something could not be removed.

        """
        demand_root()
        with locked(self._cluster_directory()):
            there = self._home.inhabited()
            count = 0
            if there is not None:
                machines, networks = self._at(there)
                count = machines.remove()
                networks.remove()
            self._home.down()
            shutil.rmtree(self._kept, ignore_errors=True)
            shutil.rmtree(STATE / f"vm-{self.id}", ignore_errors=True)
            if image:
                Warm.forget(self.id)
                used = Warm.boxes()
                box.discard(used)
                provider.discard(used)
            tell(f"{self.name}: removed {count} virtual machines")

    def stop(self, host: str) -> None:
        """Take the power from one machine; `up` starts it again."""
        self._machines().stop(host)

    def snapshot(self, name: str, tell: Tell) -> None:
        """Keep memory and disks of all machines as they are now, under `name`."""
        with locked(self._cluster_directory()):
            self._machines().snapshot(name)
        tell(f"{self.name}: kept as {name}")

    def revert(self, name: str, tell: Tell) -> None:
        """Bring all machines back to the snapshot `name`; they go on from there."""
        with locked(self._cluster_directory()):
            machines = self._machines()
            machines.demand(name)
            # What was shown of them does not hold any more, also if not all of them go back.
            self._begin()
            machines.revert(name)
            self._reach.wait(self.connections(), _READY["qemu"])
        tell(f"{self.name}: as it was at {name}")

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots that all machines have, the oldest first."""
        return self._machines().snapshots() if self.libvirt() else ()

    def forget(self, name: str, tell: Tell) -> None:
        """Remove the snapshot `name`."""
        with locked(self._cluster_directory()):
            self._machines().forget(name)
        tell(f"{self.name}: {name} is removed")

    def _machines(self) -> Machines:
        there = self.libvirt()
        if there is None:
            raise LabError("the machines are not running; `lab up --lab vagrant` starts them")
        return self._at(there)[0]

    def _at(self, libvirt: Libvirt) -> tuple[Machines, Networks]:
        machines = Machines(libvirt.uri, f"{self.id}_")
        names = ("vagrant-libvirt", f"runbook-{self.name}")
        return machines, Networks(machines.connection, names, self._pool, own=bool(libvirt.beside))

    @property
    def _pool(self) -> Path:
        return self._kept / f"runbook-{self.id}"

    def libvirt(self) -> Libvirt | None:
        """Return the libvirt that has the machines, whole or not, or `None` if there are none."""
        return self._home.libvirt()

    def _described(self) -> str:
        """Return what the cluster file said when the machines were made."""
        try:
            return (self._kept / "cluster.json").read_text(encoding="utf-8")
        except OSError:
            return ""

    def _cluster_directory(self) -> Path:
        return self.guide / "lab" if (self.guide / "lab").is_dir() else self.guide

    def _patience(self) -> float:
        try:
            return _PATIENCE[(self._kept / "driver").read_text(encoding="utf-8")]
        except (OSError, KeyError):
            return 1.0

    def _driver(self, made: list[Path], tell: Tell) -> str:
        found = acceleration.examine(acceleration.kernel(*made))
        if not found.kvm:
            tell(
                "machines: emulated, about ten times slower than with KVM, which does not work"
                " here; steps and checks get ten times their time; `runbook lab doctor` tells why"
            )
        return found.driver

    def _make(
        self, libvirt: Libvirt, machines: Machines, networks: Networks, driver: str, tell: Tell
    ) -> None:
        """Make all machines: from what is kept of an earlier time, else by Vagrant, which keeps it.

        Wherever this is stopped, the next `up` finds no file of ways, and begins anew.
        """
        self._reach.forget()
        vagrant = self._kept / "vagrant"
        for rest in (self._pool, vagrant / "machines"):
            shutil.rmtree(rest, ignore_errors=True)
        self._pool.mkdir(parents=True)
        directory = self.guide if (self.guide / "Vagrantfile").exists() else _VAGRANTFILE.parent
        kept = Warm(self.id, self._recipe(directory, driver))
        hosts = tuple(host.name for host in self.cluster.hosts)
        consoles = self._kept / "consoles"
        consoles.mkdir(parents=True, exist_ok=True)
        networks.make_pool({one.name: one.disk for one in self._boxes.values()})
        if not kept.complete:
            tell(f"machines: {', '.join(hosts)} start for the first time; Vagrant makes them")
            began = time.monotonic()
            maker = Provider(directory, vagrant, libvirt.beside, self._settings(driver, consoles))
            for one in self._boxes.values():
                maker.add(one.name, one.directory)
            maker.up()
            platforms = {host.name: host.platform for host in self.cluster.hosts}
            self._reach.note(maker.ways(), platforms, libvirt.network)
            self._reach.wait(self.connections(), _READY[driver], settle=True, data=self._data)
            tell(f"machines: started after {time.monotonic() - began:.0f} s")
            nets = networks.descriptions()
            kept.fill(machines, nets, vagrant / "machines", self._reach, self._pool)
        else:
            for description in kept.networks():
                networks.define(description)
            networks.start()
        kept.thaw(machines, hosts, vagrant / "machines", self._pool)
        self._begin()
        # The last, because it says that the machines are whole.
        self._reach.take_from(kept.directory)
        tell(f"machines: {', '.join(hosts)} go on from where their first start had come to")

    def _settings(self, driver: str, consoles: Path) -> dict[str, str]:
        debian = self._boxes.get("debian12")
        return {
            "RUNBOOK_CLUSTER": str(self._write_cluster()),
            "RUNBOOK_VM_DRIVER": driver,
            "RUNBOOK_CONSOLES": str(consoles),
            "RUNBOOK_PREFIX": f"{self.id}_",
            "RUNBOOK_POOL": self._pool.name,
            **({"RUNBOOK_BOX": debian.name} if debian else {}),
        }

    def _write_cluster(self) -> Path:
        """Write what the Vagrantfile needs of the cluster; the file it came from has any name."""
        path = self._kept / "cluster.json"
        path.write_text(described(self.cluster), encoding="utf-8")
        return path

    def _recipe(self, directory: Path, driver: str) -> str:
        """Return what changes with everything that the machines are made of."""
        program = shutil.which(acceleration.QEMU)
        parts = [
            warm.FORM,
            self.id,
            self._write_cluster().read_text(),
            [(one.digest, one.disk.stat().st_mtime_ns) for one in self._boxes.values()],
            [path.read_text() for path in (_VAGRANTFILE, directory / "Vagrantfile")],
            driver,
            # Another QEMU may not read what this one wrote.
            Path(program).stat().st_mtime_ns if program else 0,
            Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def _begin(self) -> None:
        (self._kept / "instance").write_text(uuid.uuid4().hex[:16], encoding="utf-8")
