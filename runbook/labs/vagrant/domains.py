"""The virtual machines of one lab as libvirt domains: start, snapshot, save, restore, remove."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from runbook.labs import LabError
from runbook.labs.parallel import in_parallel
from runbook.labs.vagrant.disks import memories, overlay

Domain = Any
"""A `libvirt.virDomain`; libvirt ships no types."""

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
"""The names that a snapshot may have."""


class Domains:
    """The domains of the libvirt at `uri` whose names begin with `prefix`.

    Raises:
        LabError: the Python module libvirt is not installed, or there is no libvirt at `uri`.

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
        # By default libvirt prints every error to stderr.
        libvirt.registerErrorHandler(lambda *_: None, None)
        with self._translate_errors("libvirt"):
            self.connection = libvirt.open(uri)

    def by_host(self) -> dict[str, Domain]:
        """Return the defined domains by host name."""
        with self._translate_errors("libvirt"):
            named = {one.name(): one for one in self.connection.listAllDomains()}
        return {
            name.removeprefix(self._prefix): one
            for name, one in sorted(named.items())
            if name.startswith(self._prefix)
        }

    def states(self) -> dict[str, str]:
        """Return `running` or `stopped` for each domain, by host name."""
        return {
            host: "running" if self._running(domain) else "stopped"
            for host, domain in self.by_host().items()
        }

    def start(self, host: str) -> bool:
        """Start or resume the domain of `host`; return false if it was running."""
        domain = self._domain(host)
        with self._translate_errors(host):
            if self._running(domain):
                return False
            if domain.isActive():
                domain.resume()
            else:
                domain.create()
        return True

    def stop(self, host: str) -> None:
        """Power off the domain of `host`."""
        with self._translate_errors(host):
            self._domain(host).destroy()

    def console(self, host: str) -> Path | None:
        """Return the log file of the domain's serial console, if it has one."""
        source = self._tree(host).find("devices/serial/source")
        path = None if source is None else source.get("path")
        return None if path is None else Path(path)

    def disks(self, host: str) -> dict[str, Path]:
        """Return the files of the domain's disks, by device."""
        found = {}
        for disk in self._tree(host).iterfind("devices/disk[@device='disk']"):
            source, target = disk.find("source"), disk.find("target")
            if source is not None and target is not None:
                found[target.get("dev", "")] = Path(source.get("file", ""))
        return found

    # The following act on all domains in parallel.

    def snapshot(self, name: str) -> None:
        """Save memory and disks of all domains as `name`; the domains go on running."""
        if not NAME.match(name):
            raise LabError(f"{name!r} is not a snapshot name: only letters, digits, '.', '_', '-'")
        if name in self.snapshots():
            raise LabError(f"there is already a snapshot {name!r}; delete it or use another name")
        self.save_state(name)

    def save_state(self, name: str) -> None:
        """Save memory and disks of all domains as `name`, in the place of an older one.

        Raises:
            LabError: a domain is not running, or cannot be saved; nothing is left of it.

        """
        stopped = [host for host, state in self.states().items() if state != "running"]
        if stopped:
            raise LabError(f"not all machines are running: {', '.join(stopped)}")
        text = f"<domainsnapshot><name>{name}</name></domainsnapshot>"

        def create(domain: Domain) -> None:
            # An incomplete snapshot, of some domains only, is useless.
            with contextlib.suppress(self._libvirt.libvirtError):
                domain.snapshotLookupByName(name).delete()
            domain.snapshotCreateXML(text)

        try:
            self._all(create)
        except LabError:
            self._all(lambda domain: self._delete_if_exists(domain, name))
            raise

    def revert(self, name: str) -> None:
        """Revert all domains to the snapshot `name`; they run afterwards."""
        self.require_snapshot(name)
        self.restore_state(name)

    def restore_state(self, name: str) -> None:
        """Revert all domains to what was saved as `name`; they run afterwards."""
        force = self._libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE
        self._all(lambda domain: domain.revertToSnapshot(domain.snapshotLookupByName(name), force))

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots that every domain has, oldest first."""
        times = self._saved()
        if not times:
            return ()
        common = set.intersection(*(set(one) for one in times))
        named = [name for name in common if NAME.match(name)]
        return tuple(sorted(named, key=lambda name: (min(one[name] for one in times), name)))

    def saved_states(self) -> frozenset[str]:
        """Return the names of all that was saved of any domain, also of what is no snapshot."""
        return frozenset(name for one in self._saved() for name in one)

    def memory_size(self, name: str) -> int:
        """Return how many bytes of memory were saved as `name`, of all domains together."""
        disks = [path for host in self.by_host() for path in self.disks(host).values()]
        return sum(size for path in disks for tag, size in memories(path) if tag == name)

    def delete_state(self, name: str) -> None:
        """Delete what was saved as `name`, of those domains that have it."""
        self._all(lambda domain: self._delete_if_exists(domain, name))

    def require_snapshot(self, name: str) -> None:
        """Check that there is a snapshot `name`.

        Raises:
            LabError: there is none; the message lists those that exist.

        """
        known = self.snapshots()
        if name not in known:
            raise LabError(f"there is no snapshot {name!r}; there are {', '.join(known) or 'none'}")

    def delete_snapshot(self, name: str) -> None:
        """Delete the snapshot `name` of all domains."""
        self.require_snapshot(name)
        self._all(lambda domain: domain.snapshotLookupByName(name).delete())

    def save(self, directory: Path) -> None:
        """Save memory, disks and definitions of all domains in `directory`, which stops them.

        The disks are moved there; `restore` uses them as backing files of new disks.
        """
        definitions = {host: self._xml(host) for host in self.by_host()}
        disks = {host: self.disks(host) for host in definitions}
        self._each(lambda host, domain: domain.save(str(directory / f"{host}.memory")))
        for host, definition in definitions.items():
            (directory / f"{host}.xml").write_text(definition, encoding="utf-8")
            for device, path in disks[host].items():
                shutil.move(path, directory / f"{host}.{device}")

    def restore(self, directory: Path, hosts: tuple[str, ...]) -> None:
        """Resume domains from what `save` put into `directory`, which is not modified."""

        def restore(host: str) -> None:
            with self._translate_errors(host):
                text = (directory / f"{host}.xml").read_text(encoding="utf-8")
                for disk in ElementTree.fromstring(text).iterfind("devices/disk[@device='disk']"):  # noqa: S314  # libvirt's own
                    source, target = disk.find("source"), disk.find("target")
                    if source is not None and target is not None:
                        saved = directory / f"{host}.{target.get('dev')}"
                        overlay(saved, Path(source.get("file", "")))
                self.connection.defineXML(text)
                memory = str(directory / f"{host}.memory")
                definition = _without_backing_stores(self.connection.saveImageGetXMLDesc(memory))
                self.connection.restoreFlags(memory, definition)

        in_parallel(restore, hosts)

    def remove(self) -> int:
        """Remove all domains with their disks and snapshots; return how many there were."""
        found = self.by_host()
        for host, domain in found.items():
            files = self.disks(host)
            with self._translate_errors(host):
                if domain.isActive():
                    domain.destroy()
                domain.undefineFlags(
                    self._libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
                    | self._libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
                )
            for path in files.values():
                path.unlink(missing_ok=True)
        return len(found)

    def _saved(self) -> list[dict[str, int]]:
        """Return when what was saved, of each domain and by name."""
        times = []
        for host, domain in self.by_host().items():
            with self._translate_errors(host):
                times.append({one.getName(): _time(one) for one in domain.listAllSnapshots()})
        return times

    def _running(self, domain: Domain) -> bool:
        return bool(domain.state()[0] == self._libvirt.VIR_DOMAIN_RUNNING)

    def _delete_if_exists(self, domain: Domain, name: str) -> None:
        with contextlib.suppress(self._libvirt.libvirtError):
            domain.snapshotLookupByName(name).delete()

    def _xml(self, host: str) -> str:
        with self._translate_errors(host):
            return str(self._domain(host).XMLDesc(self._libvirt.VIR_DOMAIN_XML_INACTIVE))

    def _tree(self, host: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._xml(host))  # noqa: S314  # libvirt's own

    def _domain(self, host: str) -> Domain:
        found = self.by_host()
        if host not in found:
            raise LabError(f"{host}: there is no such machine; there are {', '.join(found)}")
        return found[host]

    def _all(self, act: Callable[[Domain], object]) -> None:
        self._each(lambda _, domain: act(domain))

    def _each(self, act: Callable[[str, Domain], object]) -> None:
        found: Mapping[str, Domain] = self.by_host()

        def one(host: str) -> None:
            with self._translate_errors(host):
                act(host, found[host])

        in_parallel(one, tuple(found))

    @contextlib.contextmanager
    def _translate_errors(self, subject: str) -> Iterator[None]:
        """Turn libvirt's errors into `LabError`; the message begins with `subject`."""
        try:
            yield
        except self._libvirt.libvirtError as error:
            raise LabError(f"{subject}: libvirt: {error.get_error_message()}") from error


def _without_backing_stores(definition: str) -> str:
    """Return a domain's XML without the backing stores of its disks.

    Where they are given, libvirt does not look for backing files itself: a disk that had none when
    it was saved would then be used without the backing file that `restore` gave it.
    """
    tree = ElementTree.fromstring(definition)  # noqa: S314  # libvirt's own
    for disk in tree.iterfind("devices/disk"):
        for below in disk.findall("backingStore"):
            disk.remove(below)
    return ElementTree.tostring(tree, encoding="unicode")


def _time(snapshot: Any) -> int:
    tree = ElementTree.fromstring(snapshot.getXMLDesc())  # noqa: S314  # libvirt's own
    return int(tree.findtext("creationTime") or 0)
