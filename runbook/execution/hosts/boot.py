"""Which boot of a host is the present one, so that a restart is seen."""

from __future__ import annotations

from collections.abc import Callable

from runbook.errors import RunbookError
from runbook.terminal.connection import Connection, managed_boot
from runbook.terminal.faults import HostLost


def boot_identifier(connection: Connection, ask: Callable[[str], str], wait: float) -> str:
    """Return an identifier of the present boot; a container has `wait` seconds to go down.

    `ask` runs shell text on the host and returns its output.

    Raises:
        HostLost: the host cannot be reached.

    """
    managed = managed_boot(connection)
    if managed is None:
        return ask("cat /proc/sys/kernel/random/boot_id").strip()
    try:
        # A container has the boot id of its machine.
        return managed(wait)
    except RunbookError as error:
        raise HostLost(str(error)) from error
