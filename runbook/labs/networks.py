"""The networks and the storage that a lab's machines have of libvirt."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from runbook.labs import LabError
from runbook.labs.provider import VERSION


class Networks:
    """The networks called `names` at a libvirt `connection`, and the storage pool in `pool`.

    `own` says that the whole libvirt is the lab's. In the machine's, the first network belongs
    to Vagrant, and stays.
    """

    def __init__(self, connection: Any, names: tuple[str, ...], pool: Path, *, own: bool) -> None:
        import libvirt

        self._libvirt = libvirt
        self._connection = connection
        self._names = names
        self._pool = pool
        self._own = own

    def make_pool(self, boxes: Mapping[str, Path]) -> None:
        """Make the storage pool, and put the disks of `boxes` in it, named as Vagrant expects.

        Vagrant would send them through libvirt piece by piece, which takes a minute.
        """
        for box, disk in boxes.items():
            slashed = box.replace("/", "-VAGRANTSLASH-")
            named = f"{slashed}_vagrant_box_image_{VERSION}_box.img"
            link(disk, self._pool / named)
        text = (
            f"<pool type='dir'><name>{self._pool.name}</name>"
            f"<target><path>{self._pool}</path></target></pool>"
        )
        with self._asked():
            pool = self._find_pool()
            if pool is None:
                pool = self._connection.storagePoolDefineXML(text)
            if not pool.isActive():
                pool.create()
            pool.refresh()

    def descriptions(self) -> list[str]:
        """Return the networks' descriptions, as `define` takes them."""
        with self._asked():
            return [one.XMLDesc(self._libvirt.VIR_NETWORK_XML_INACTIVE) for one in self._found()]

    def define(self, description: str) -> None:
        """Define a network, unless one of its name is there."""
        tree = ElementTree.fromstring(description)  # noqa: S314  # libvirt's own
        if tree.findtext("name") in [one.name() for one in self._found()]:
            return
        # There is no loop between machines to look for, which would keep each new one of them
        # from being heard for its first four seconds.
        for bridge in tree.iterfind("bridge"):
            bridge.set("stp", "off")
        with self._asked():
            self._connection.networkDefineXML(ElementTree.tostring(tree, encoding="unicode"))

    def start(self) -> None:
        """Start the networks and the pool that are defined and do not run."""
        with self._asked():
            for one in (*self._found(), *filter(None, [self._find_pool()])):
                if not one.isActive():
                    one.create()

    def remove(self) -> None:
        """Remove the lab's own networks, and the pool; its files stay."""
        with self._asked():
            for one in self._found():
                if self._own or one.name() != self._names[0]:
                    if one.isActive():
                        one.destroy()
                    one.undefine()
            pool = self._find_pool()
            if pool is not None:
                if pool.isActive():
                    pool.destroy()
                pool.undefine()

    def _found(self) -> list[Any]:
        with self._asked():
            return [one for one in self._connection.listAllNetworks() if one.name() in self._names]

    def _find_pool(self) -> Any | None:
        pools = self._connection.listAllStoragePools()
        return next((one for one in pools if one.name() == self._pool.name), None)

    @contextlib.contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except self._libvirt.libvirtError as error:
            raise LabError(f"libvirt: {error.get_error_message()}") from error


def link(source: Path, target: Path) -> None:
    """Give a file that is never written a second name, or copy it to another file system.

    A file that has that name already is left alone.
    """
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
