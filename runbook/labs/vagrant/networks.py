"""The libvirt networks and the storage pool of a lab."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from runbook.labs import LabError
from runbook.labs.vagrant.command import VERSION


class Networks:
    """The networks called `names` at a libvirt `connection`, and the storage pool in `pool`.

    `private` means that no other lab uses this libvirt. In the system's libvirt the first network
    is shared by everything that uses Vagrant, and is not removed.
    """

    def __init__(
        self, connection: Any, names: tuple[str, ...], pool: Path, *, private: bool
    ) -> None:
        import libvirt

        self._libvirt = libvirt
        self._connection = connection
        self._names = names
        self._pool = pool
        self._private = private

    def create_pool(self, boxes: Mapping[str, Path]) -> None:
        """Create the storage pool with the disks of `boxes`, under the names that Vagrant expects.

        Vagrant would upload them through libvirt, which takes a minute.
        """
        for box, disk in boxes.items():
            slashed = box.replace("/", "-VAGRANTSLASH-")
            named = f"{slashed}_vagrant_box_image_{VERSION}_box.img"
            link_or_copy(disk, self._pool / named)
        text = (
            f"<pool type='dir'><name>{self._pool.name}</name>"
            f"<target><path>{self._pool}</path></target></pool>"
        )
        with self._translate_errors():
            pool = self._find_pool()
            if pool is None:
                pool = self._connection.storagePoolDefineXML(text)
            if not pool.isActive():
                pool.create()
            pool.refresh()

    def definitions(self) -> list[str]:
        """Return the XML of the networks, as `define` takes it."""
        with self._translate_errors():
            return [one.XMLDesc(self._libvirt.VIR_NETWORK_XML_INACTIVE) for one in self._found()]

    def define(self, definition: str) -> None:
        """Define a network, unless there is one of that name."""
        tree = ElementTree.fromstring(definition)  # noqa: S314  # libvirt's own
        if tree.findtext("name") in [one.name() for one in self._found()]:
            return
        # The bridge has no loops to detect. With STP it would not forward the packets of a new
        # machine for the first four seconds.
        for bridge in tree.iterfind("bridge"):
            bridge.set("stp", "off")
        with self._translate_errors():
            self._connection.networkDefineXML(ElementTree.tostring(tree, encoding="unicode"))

    def start(self) -> None:
        """Start the networks and the pool that are defined but not active."""
        with self._translate_errors():
            for one in (*self._found(), *filter(None, [self._find_pool()])):
                if not one.isActive():
                    one.create()

    def remove(self) -> None:
        """Remove the lab's networks and the pool, but not the files in the pool."""
        with self._translate_errors():
            for one in self._found():
                if self._private or one.name() != self._names[0]:
                    if one.isActive():
                        one.destroy()
                    one.undefine()
            pool = self._find_pool()
            if pool is not None:
                if pool.isActive():
                    pool.destroy()
                pool.undefine()

    def _found(self) -> list[Any]:
        with self._translate_errors():
            return [one for one in self._connection.listAllNetworks() if one.name() in self._names]

    def _find_pool(self) -> Any | None:
        pools = self._connection.listAllStoragePools()
        return next((one for one in pools if one.name() == self._pool.name), None)

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except self._libvirt.libvirtError as error:
            raise LabError(f"libvirt: {error.get_error_message()}") from error


def link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a file that is never modified, or copy it if that is not possible.

    An existing `target` is left alone.
    """
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
