"""Which libvirt has the machines of a lab: the system's, or a private one of the lab."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from runbook.labs import LabError, Progress
from runbook.labs.vagrant.namespace import Libvirt, PrivateLibvirt, listens

_SOCKETS: Final = ("/run/libvirt/virtqemud-sock", "/run/libvirt/libvirt-sock")
_SYSTEM: Final = "system"
_PRIVATE: Final = "own"
_NOT_RUNNING: Final = "the machines are in the system's libvirt, which is not running; start it"


def system() -> Libvirt | None:
    """Return the system's libvirt if it is running, unless RUNBOOK_LIBVIRT is `own`."""
    return None if os.environ.get("RUNBOOK_LIBVIRT") == _PRIVATE else _system()


class LabLibvirt:
    """The libvirt of one lab; its choice is recorded in `directory`, its process in `state`.

    The choice is made when there are no machines. It does not change when a system's libvirt is
    started or stopped later.
    """

    def __init__(self, state: Path, directory: Path) -> None:
        self._choice_file = directory / "libvirt"
        self._private = PrivateLibvirt(state, directory / "room")

    def libvirt(self) -> Libvirt | None:
        """Return the libvirt of the lab, or `None` if it is not running."""
        return _system() if self._chosen() == _SYSTEM else self._private.libvirt()

    def up(self, progress: Progress) -> Libvirt:
        """Return the libvirt of the lab, which is chosen and started if necessary.

        Raises:
            LabError: it does not start, or it is the system's and not running.

        """
        chosen = self._chosen()
        if not chosen:
            chosen = _SYSTEM if system() else _PRIVATE
            self._choice_file.write_text(chosen, encoding="utf-8")
        if chosen == _PRIVATE:
            return self._private.up(progress)
        running = _system()
        if running is None:
            raise LabError(_NOT_RUNNING)
        return running

    def for_removal(self) -> Libvirt | None:
        """Return the libvirt that has machines to remove; `None` if there can be none.

        Raises:
            LabError: they are in the system's libvirt, which is not running.

        """
        running = self.libvirt()
        if running is None and self._chosen() == _SYSTEM:
            raise LabError(_NOT_RUNNING)
        return running

    def down(self) -> None:
        """Stop the private libvirt, if there is one."""
        self._private.down()

    def _chosen(self) -> str:
        try:
            return self._choice_file.read_text(encoding="utf-8")
        except OSError:
            return ""


def _system() -> Libvirt | None:
    return Libvirt("qemu:///system") if any(map(listens, _SOCKETS)) else None
