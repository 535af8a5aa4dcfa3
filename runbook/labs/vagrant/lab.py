"""The lab of virtual machines: created once by Vagrant, then resumed from a saved state."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from runbook.labs import Checkpoint, HostStatus, LabError, Origin, Progress
from runbook.labs.origin import OriginFile, OriginRecord
from runbook.labs.state import DATA, STATE, locked
from runbook.labs.vagrant import acceleration, box, command
from runbook.labs.vagrant.checkpoints import MachineCheckpoints, known_checkpoints
from runbook.labs.vagrant.command import VagrantCommand
from runbook.labs.vagrant.domains import Domains
from runbook.labs.vagrant.hardware import hardware
from runbook.labs.vagrant.libvirtd import LabLibvirt
from runbook.labs.vagrant.namespace import Libvirt
from runbook.labs.vagrant.networks import Networks
from runbook.labs.vagrant.recipe import MachineRecipe
from runbook.labs.vagrant.requirements import check_requirements, require_root
from runbook.labs.vagrant.saved_state import SavedState
from runbook.labs.vagrant.ssh import SshAccess
from runbook.model import Cluster
from runbook.terminal.connection import Connection, disconnect


class VagrantLab:
    """The lab of `cluster` in virtual machines on this machine.

    A Vagrantfile in `guide`, the directory of conf.py, replaces the built-in one.
    """

    made_of: ClassVar = "virtual machines"

    def __init__(self, cluster: Cluster, guide: Path) -> None:
        self.cluster = cluster
        self.name = cluster.name
        self.guide = guide.resolve()
        digest = hashlib.sha256(os.fsencode(self.guide)).hexdigest()[:8]
        self.id = f"{self.name}-{digest}"
        self._directory = DATA / self.id
        self._ssh = SshAccess(self._directory)
        self._libvirt = LabLibvirt(STATE / f"vm-{self.id}", self._directory)
        self._hardware = hardware(cluster)
        self._boxes = box.boxes(cluster, self._hardware.packages)
        self._recipe = MachineRecipe(self.id, cluster, self.guide, self._directory, self._boxes)
        self._origin = OriginFile(self._directory / "origin.json")

    def instance(self) -> str:
        """Return the identifier that is set when the machines are created or brought back."""
        return self._origin.token

    def up(self, progress: Progress) -> None:
        """Start the machines; new ones are resumed from the saved state, if there is one.

        Raises:
            LabError: a requirement is missing, or a machine does not start.

        """
        check_requirements()
        with locked(self._lock_directory()):
            built = [box.ensure(one, progress) for one in self._boxes.values()]
            driver = acceleration.choose_driver(built, progress)
            self._directory.mkdir(parents=True, exist_ok=True)
            (self._directory / "driver").write_text(driver, encoding="utf-8")
            libvirt = self._libvirt.up(progress)
            domains, networks = self._connect(libvirt)
            hosts = tuple(host.name for host in self.cluster.hosts)
            states = domains.states()
            if states and not (self._recipe.is_recorded and self._ssh.exists):
                progress("machines: recreated, because they do not match the cluster file")
                domains.remove()
                states = {}
            # A pool that an earlier attempt has defined does not start without its directory.
            self._pool.mkdir(parents=True, exist_ok=True)
            networks.start()
            if not states:
                self._create(libvirt, domains, networks, driver, progress)
            started = [host for host in hosts if domains.start(host)]
            for host in started:
                progress(f"{host}: started")
            self._ssh.wait(
                self.connections(), acceleration.READY_TIMEOUT[driver], booted=bool(started)
            )
            if self._origin.read() is None:
                self._origin.write(OriginRecord(Origin.MIXED))

    def connections(self) -> Mapping[str, Connection]:
        """Return the connection to each machine: ssh as the user `vagrant`."""
        libvirt = self.libvirt()
        return self._ssh.connections(
            libvirt.network_prefix if libvirt else (),
            acceleration.timeout_factor(self._directory / "driver"),
        )

    def status(self) -> tuple[HostStatus, ...]:
        """Return which machines are running, stopped or absent."""
        libvirt = self.libvirt()
        states = self._connect(libvirt)[0].states() if libvirt else {}
        created = self._ssh.exists
        return tuple(
            HostStatus(host.name, states[host.name], "virtual machine")
            if host.name in states
            else HostStatus(host.name, "stopped" if created and not libvirt else "absent")
            for host in self.cluster.hosts
        )

    def down(self, progress: Progress, *, image: bool = False) -> None:
        """Remove the machines, their disks and snapshots, their networks and a private libvirt.

        The box and the saved state are kept for the next time, unless `image` is true.

        Raises:
            LabError: something could not be removed.

        """
        require_root()
        with locked(self._lock_directory()):
            libvirt = self._libvirt.for_removal()
            count = 0
            if libvirt is not None:
                domains, networks = self._connect(libvirt)
                count = domains.remove()
                networks.remove()
            self._libvirt.down()
            shutil.rmtree(self._directory, ignore_errors=True)
            shutil.rmtree(STATE / f"vm-{self.id}", ignore_errors=True)
            if image:
                SavedState.delete(self.id)
                used = SavedState.used_boxes()
                box.prune(used)
                command.prune_boxes(used)
            progress(f"{self.name}: removed {count} virtual machines")

    def stop(self, host: str) -> None:
        """Power off one machine; `up` starts it again."""
        self._domains().stop(host)

    def snapshot(self, name: str, progress: Progress) -> None:
        """Save memory and disks of all machines as `name`."""
        with locked(self._lock_directory()):
            self._domains().snapshot(name)
        progress(f"{self.name}: saved as {name}")

    def revert(self, name: str, progress: Progress) -> None:
        """Revert all machines to the snapshot `name`; they go on running from there."""
        with locked(self._lock_directory()):
            domains = self._domains()
            domains.require_snapshot(name)
            with self._bringing_back(Origin.SNAPSHOT, name):
                domains.revert(name)
        progress(f"{self.name}: reverted to {name}")

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots that all machines have, oldest first."""
        return self._domains().snapshots() if self.libvirt() else ()

    def delete_snapshot(self, name: str, progress: Progress) -> None:
        """Delete the snapshot `name`."""
        with locked(self._lock_directory()):
            self._domains().delete_snapshot(name)
        progress(f"{self.name}: deleted snapshot {name}")

    def recipe_digest(self) -> str:
        """Return a digest of the boxes, the hosts with their addresses, and the environment."""
        return self._recipe.digest()

    def origin(self) -> tuple[Origin, str]:
        """Return what the present machines came from."""
        return self._origin.of(())

    def renew(self, progress: Progress) -> None:
        """Bring all machines back to their first boot."""
        checkpoints = MachineCheckpoints(self._domains(), self._directory)
        if checkpoints.has_first:
            with locked(self._lock_directory()), self._bringing_back(Origin.FRESH):
                checkpoints.restore_first()
            progress(f"{self.name}: as after the first boot")
        else:
            self.down(progress)
            self.up(progress)

    def take_checkpoint(self, name: str, about: str, progress: Progress) -> None:
        """Save memory and disks of all machines."""
        checkpoints = MachineCheckpoints(self._domains(), self._directory)
        with locked(self._lock_directory()), checkpoints.store.lock():
            checkpoints.take(name, about)
        progress(f"{self.name}: checkpoint {name}")

    def restore_checkpoint(self, name: str, progress: Progress) -> None:
        """Bring all machines back to the checkpoint `name`; they go on running from there."""
        checkpoints = MachineCheckpoints(self._domains(), self._directory)
        with locked(self._lock_directory()), checkpoints.store.lock():
            checkpoints.store.require(name)
            with self._bringing_back(Origin.CHECKPOINT, name):
                checkpoints.restore(name)
        progress(f"{self.name}: restored {name}")

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Return the checkpoints of these machines, the last used first."""
        saved = self._domains().saved_states() if self.libvirt() else frozenset()
        return known_checkpoints(self._directory, saved)

    def delete_checkpoint(self, name: str) -> None:
        """Delete the checkpoint `name`, if there is one."""
        store = MachineCheckpoints(self._domains(), self._directory).store
        with store.lock():
            store.delete(name)

    def libvirt(self) -> Libvirt | None:
        """Return the libvirt of the lab, or `None` if it is not running."""
        return self._libvirt.libvirt()

    def _domains(self) -> Domains:
        libvirt = self.libvirt()
        if libvirt is None:
            raise LabError("the machines are not running; `lab up --lab vagrant` starts them")
        return self._connect(libvirt)[0]

    def _connect(self, libvirt: Libvirt) -> tuple[Domains, Networks]:
        domains = Domains(libvirt.uri, f"{self.id}_")
        names = ("vagrant-libvirt", f"runbook-{self.name}")
        private = bool(libvirt.command_prefix)
        return domains, Networks(domains.connection, names, self._pool, private=private)

    @property
    def _pool(self) -> Path:
        return self._directory / f"runbook-{self.id}"

    @contextmanager
    def _bringing_back(self, origin: Origin, name: str = "") -> Iterator[None]:
        """Record where the machines come from, when all of them can be logged in to."""
        self._origin.write(OriginRecord(Origin.MIXED, complete=False))
        yield
        for connection in self.connections().values():
            # The machine knows nothing of a connection that was made later than its state.
            disconnect(connection)
        self._ssh.wait(self.connections(), acceleration.READY_TIMEOUT["qemu"])
        self._origin.write(OriginRecord(origin, name))

    def _lock_directory(self) -> Path:
        return self.guide / "lab" if (self.guide / "lab").is_dir() else self.guide

    def _create(
        self,
        libvirt: Libvirt,
        domains: Domains,
        networks: Networks,
        driver: str,
        progress: Progress,
    ) -> None:
        """Resume all machines from the saved state, which Vagrant creates if there is none.

        The record of how to log in is deleted first and written last: if this is interrupted, the
        next `up` finds no record and starts over.
        """
        self._ssh.delete()
        vagrant = self._directory / "vagrant"
        for stale in (self._pool, vagrant / "machines"):
            shutil.rmtree(stale, ignore_errors=True)
        self._pool.mkdir(parents=True)
        self._recipe.record()
        saved = SavedState(self.id, self._recipe.saved_digest(driver))
        hosts = tuple(host.name for host in self.cluster.hosts)
        consoles = self._directory / "consoles"
        consoles.mkdir(parents=True, exist_ok=True)
        networks.create_pool({one.name: one.disk for one in self._boxes.values()})
        if not saved.complete:
            progress(f"machines: Vagrant creates {', '.join(hosts)} and boots them once")
            began = time.monotonic()
            creator = VagrantCommand(
                self._recipe.vagrant_directory,
                vagrant,
                libvirt.command_prefix,
                self._recipe.settings(driver, consoles, self._pool.name),
            )
            for one in self._boxes.values():
                creator.add(one.name, one.directory)
            creator.up()
            platforms = {host.name: host.platform for host in self.cluster.hosts}
            self._ssh.record(creator.ssh_configs(), platforms, libvirt.network_prefix)
            timeout = acceleration.READY_TIMEOUT[driver]
            self._ssh.wait(self.connections(), timeout, booted=True, data=self._hardware.data)
            progress(f"machines: booted in {time.monotonic() - began:.0f} s")
            saved.save(domains, networks, vagrant / "machines", self._ssh, self._pool)
        else:
            saved.restore_networks(networks)
        saved.restore(domains, hosts, vagrant / "machines", self._pool)
        # Earlier ones went with their machines.
        shutil.rmtree(self._directory / "checkpoints", ignore_errors=True)
        MachineCheckpoints(domains, self._directory).save_first()
        self._origin.write(OriginRecord(Origin.FRESH))
        self._ssh.copy_from(saved.directory)
        progress(f"machines: resumed {', '.join(hosts)} from the saved state of their first boot")
