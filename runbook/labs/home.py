"""Whose libvirt a lab's machines are in: the system's, or that of a room of the lab's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from runbook.labs import LabError
from runbook.labs.room import Libvirt, Room, listens

_SOCKETS: Final = ("/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock")
_SYSTEM: Final = "system"
_OWN: Final = "own"
_ENDED: Final = "the machines are in the system's libvirt, which is not running: start it first"


def system() -> Libvirt | None:
    """Return the system's libvirt if it is running, unless RUNBOOK_LIBVIRT says `own`."""
    return None if os.environ.get("RUNBOOK_LIBVIRT") == _OWN else _running()


class Home:
    """Where the machines of one lab are; `kept` has the note of it, `state` that of the room.

    It is chosen once, when there are no machines. A system's libvirt that starts or ends later
    does not make others of them.
    """

    def __init__(self, state: Path, kept: Path) -> None:
        self._note = kept / "libvirt"
        self._room = Room(state, kept / "room")

    def libvirt(self) -> Libvirt | None:
        """Return the libvirt that has the machines, or `None` if it is not running or none has."""
        return _running() if self._chosen() == _SYSTEM else self._room.libvirt()

    def up(self, tell: Callable[[str], None]) -> Libvirt:
        """Return the libvirt that has the machines or is to have them, started if need be.

        Raises:
            LabError: it does not start, or only the system can start it.

        """
        chosen = self._chosen()
        if not chosen:
            chosen = _SYSTEM if system() else _OWN
            self._note.write_text(chosen, encoding="utf-8")
        if chosen == _OWN:
            return self._room.up(tell)
        there = _running()
        if there is None:
            raise LabError(_ENDED)
        return there

    def inhabited(self) -> Libvirt | None:
        """Return what `libvirt` does, for who is to remove the machines that it has.

        Raises:
            LabError: they are in the system's libvirt, which is not running.

        """
        there = self.libvirt()
        if there is None and self._chosen() == _SYSTEM:
            raise LabError(_ENDED)
        return there

    def down(self) -> None:
        """End the room, if there is one."""
        self._room.down()

    def _chosen(self) -> str:
        try:
            return self._note.read_text(encoding="utf-8")
        except OSError:
            return ""


def _running() -> Libvirt | None:
    return Libvirt("qemu:///system") if any(map(listens, _SOCKETS)) else None
