"""The virtual machines of one lab, as libvirt sees them: started, kept, brought back, removed."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from runbook.labs import LabError

Domain = Any
"""A `libvirt.virDomain`; libvirt ships no types."""

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
"""What a snapshot may be called."""


class Machines:
    """The machines at libvirt's address `uri` whose names begin with `prefix`.

    Raises:
        LabError: libvirt's Python module is not installed, or nobody answers at `uri`.

    """

    def __init__(self, uri: str, prefix: str) -> None:
        try:
            import libvirt
        except ImportError as error:
            raise LabError(
                "virtual machines need the Python module libvirt: install sphinx-runbook[vagrant]"
            ) from error
        self._libvirt = libvirt
        self._prefix = prefix
        # It would print every error, before we can say what it means.
        libvirt.registerErrorHandler(lambda *_: None, None)
        with self._asked("libvirt"):
            self.connection = libvirt.open(uri)

    def found(self) -> dict[str, Domain]:
        """Return the machines that are defined, by the name of their host."""
        with self._asked("libvirt"):
            named = {one.name(): one for one in self.connection.listAllDomains()}
        return {
            name.removeprefix(self._prefix): one
            for name, one in sorted(named.items())
            if name.startswith(self._prefix)
        }

    def states(self) -> dict[str, str]:
        """Return `running` or `stopped` for each machine, by the name of its host."""
        return {
            host: "running" if self._running(domain) else "stopped"
            for host, domain in self.found().items()
        }

    def start(self, host: str) -> bool:
        """Start the machine of `host`, or let it go on; false if it was running."""
        domain = self._one(host)
        with self._asked(host):
            if self._running(domain):
                return False
            if domain.isActive():
                domain.resume()
            else:
                domain.create()
        return True

    def stop(self, host: str) -> None:
        """Take the power from the machine of `host`."""
        with self._asked(host):
            self._one(host).destroy()

    def console(self, host: str) -> Path | None:
        """Return the file with what the machine's serial console prints, as libvirt knows it."""
        source = self._tree(host).find("devices/serial/source")
        path = None if source is None else source.get("path")
        return None if path is None else Path(path)

    def disks(self, host: str) -> dict[str, Path]:
        """Return the files of the machine's disks, by their device."""
        found = {}
        for disk in self._tree(host).iterfind("devices/disk[@device='disk']"):
            source, target = disk.find("source"), disk.find("target")
            if source is not None and target is not None:
                found[target.get("dev", "")] = Path(source.get("file", ""))
        return found

    # What follows is done to all machines, side by side.

    def snapshot(self, name: str) -> None:
        """Keep memory and disks of all machines, which go on meanwhile, as `name`."""
        if not NAME.match(name):
            raise LabError(f"{name!r} is no name of a snapshot: letters, digits, '.', '_' and '-'")
        if name in self.snapshots():
            raise LabError(f"there is a snapshot {name!r}; remove it, or take another name")
        stopped = [host for host, state in self.states().items() if state != "running"]
        if stopped:
            raise LabError(f"not all machines are running: {', '.join(stopped)}")
        text = f"<domainsnapshot><name>{name}</name></domainsnapshot>"

        def keep(domain: Domain) -> None:
            # One that was kept only halfway, on some machines, is of no use to anybody.
            with contextlib.suppress(self._libvirt.libvirtError):
                domain.snapshotLookupByName(name).delete()
            domain.snapshotCreateXML(text)

        try:
            self._all(keep)
        except LabError:
            self._all(lambda domain: self._drop(domain, name))
            raise

    def revert(self, name: str) -> None:
        """Bring all machines back to the snapshot `name`; they run afterwards."""
        self.demand(name)
        force = self._libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE
        self._all(lambda domain: domain.revertToSnapshot(domain.snapshotLookupByName(name), force))

    def snapshots(self) -> tuple[str, ...]:
        """Return the snapshots that every machine has, the oldest first."""
        times: list[dict[str, int]] = []
        for host, domain in self.found().items():
            with self._asked(host):
                times.append({one.getName(): _time(one) for one in domain.listAllSnapshots()})
        if not times:
            return ()
        common = set.intersection(*(set(one) for one in times))
        return tuple(sorted(common, key=lambda name: (min(one[name] for one in times), name)))

    def demand(self, name: str) -> None:
        """Refuse a name that is that of no snapshot.

        Raises:
            LabError: there is none; the message says which there are.

        """
        known = self.snapshots()
        if name not in known:
            raise LabError(
                f"there is no snapshot {name!r}; there are {', '.join(known) or 'none at all'}"
            )

    def forget(self, name: str) -> None:
        """Remove the snapshot `name` of all machines."""
        self.demand(name)
        self._all(lambda domain: domain.snapshotLookupByName(name).delete())

    def freeze(self, directory: Path) -> None:
        """Put memory, disks and descriptions of all machines into `directory`; they stop.

        The disks are moved there: `thaw` starts the machines on new disks that stand on these.
        """
        descriptions = {host: self._described(host) for host in self.found()}
        disks = {host: self.disks(host) for host in descriptions}
        self._each(lambda host, domain: domain.save(str(directory / f"{host}.memory")))
        for host, description in descriptions.items():
            (directory / f"{host}.xml").write_text(description, encoding="utf-8")
            for device, path in disks[host].items():
                shutil.move(path, directory / f"{host}.{device}")

    def thaw(self, directory: Path, hosts: tuple[str, ...]) -> None:
        """Let machines go on from what `freeze` put into `directory`, which stays as it is."""

        def thaw(host: str) -> None:
            with self._asked(host):
                text = (directory / f"{host}.xml").read_text(encoding="utf-8")
                for disk in ElementTree.fromstring(text).iterfind("devices/disk[@device='disk']"):  # noqa: S314  # libvirt's own
                    source, target = disk.find("source"), disk.find("target")
                    if source is not None and target is not None:
                        frozen = directory / f"{host}.{target.get('dev')}"
                        _overlay(frozen, Path(source.get("file", "")))
                self.connection.defineXML(text)
                memory = str(directory / f"{host}.memory")
                kept = _unlayered(self.connection.saveImageGetXMLDesc(memory))
                self.connection.restoreFlags(memory, kept)

        _side_by_side(thaw, hosts)

    def remove(self) -> int:
        """Remove all machines with their disks and snapshots; return how many there were."""
        there = self.found()
        for host, domain in there.items():
            files = self.disks(host)
            with self._asked(host):
                if domain.isActive():
                    domain.destroy()
                domain.undefineFlags(
                    self._libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
                    | self._libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
                )
            for path in files.values():
                path.unlink(missing_ok=True)
        return len(there)

    def _running(self, domain: Domain) -> bool:
        return bool(domain.state()[0] == self._libvirt.VIR_DOMAIN_RUNNING)

    def _drop(self, domain: Domain, name: str) -> None:
        with contextlib.suppress(self._libvirt.libvirtError):
            domain.snapshotLookupByName(name).delete()

    def _described(self, host: str) -> str:
        with self._asked(host):
            return str(self._one(host).XMLDesc(self._libvirt.VIR_DOMAIN_XML_INACTIVE))

    def _tree(self, host: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._described(host))  # noqa: S314  # libvirt's own

    def _one(self, host: str) -> Domain:
        there = self.found()
        if host not in there:
            raise LabError(f"{host}: there is no such machine; there are {', '.join(there)}")
        return there[host]

    def _all(self, act: Callable[[Domain], object]) -> None:
        self._each(lambda _, domain: act(domain))

    def _each(self, act: Callable[[str, Domain], object]) -> None:
        there: Mapping[str, Domain] = self.found()

        def one(host: str) -> None:
            with self._asked(host):
                act(host, there[host])

        _side_by_side(one, tuple(there))

    @contextlib.contextmanager
    def _asked(self, who: str) -> Iterator[None]:
        """Turn libvirt's errors into ours, with the name of what it is about."""
        try:
            yield
        except self._libvirt.libvirtError as error:
            raise LabError(f"{who}: libvirt: {error.get_error_message()}") from error


def _side_by_side(act: Callable[[str], None], hosts: tuple[str, ...]) -> None:
    """Do `act` for all hosts at once; every one comes to its end before an error is raised."""
    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        done = [pool.submit(act, host) for host in hosts]
    errors = [str(one.exception()) for one in done if one.exception()]
    if errors:
        raise LabError("; ".join(errors))


def _overlay(base: Path, disk: Path) -> None:
    """Make `disk` an empty layer above `base`, which is never written again."""
    disk.unlink(missing_ok=True)
    argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(base), str(disk)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"qemu-img: {done.stderr.strip()}")


def _unlayered(description: str) -> str:
    """Return a machine's description without what stood below its disks when it was kept.

    libvirt believes what is written there, and looks at the disks themselves only where nothing
    is: a disk that had nothing below it would go on without what `thaw` has put there.
    """
    tree = ElementTree.fromstring(description)  # noqa: S314  # libvirt's own
    for disk in tree.iterfind("devices/disk"):
        for below in disk.findall("backingStore"):
            disk.remove(below)
    return ElementTree.tostring(tree, encoding="unicode")


def _time(snapshot: Any) -> int:
    tree = ElementTree.fromstring(snapshot.getXMLDesc())  # noqa: S314  # libvirt's own
    return int(tree.findtext("creationTime") or 0)
