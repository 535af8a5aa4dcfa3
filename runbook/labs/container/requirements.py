"""What a lab of containers needs of this machine before anything is tried."""

from __future__ import annotations

import os

from runbook.labs import LabError
from runbook.labs.container import network
from runbook.labs.container.rootless import refuse_lacks
from runbook.labs.privilege import command_as_root


def refuse_missing() -> None:
    """Ensure that whoever runs this may make containers here, and has the programs for it.

    Raises:
        LabError: a privilege or a program is missing; the message says what to type.

    """
    if os.geteuid() != 0:
        refuse_lacks()
        raise LabError(f"the container lab needs root, also by podman unshare: {command_as_root()}")
    lacking = network.missing()
    if lacking:
        raise LabError(f"this machine lacks {', '.join(lacking)}")
