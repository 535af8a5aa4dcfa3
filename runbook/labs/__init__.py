"""Where hosts come from: the protocol that every lab follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from attrs import frozen

from runbook.connect import Connection
from runbook.errors import RunbookError
from runbook.model import Cluster


class LabError(RunbookError):
    """A lab cannot be made, reached or removed; the message says what is in the way."""


@frozen
class HostStatus:
    """What a lab knows of one host: `state` is `running`, `stopped` or `absent`."""

    host: str
    state: str
    detail: str = ""


class Lab(Protocol):
    """A set of hosts that can be made, reached and removed."""

    name: str
    cluster: Cluster

    def instance(self) -> str:
        """Return what identifies the present hosts; empty if there are none.

        It changes when a host is made anew, and stays when a host is only restarted.
        """
        ...

    def up(self, tell: Callable[[str], None]) -> None:
        """Bring all hosts up and wait until they are ready; hosts that are up stay as they are.

        `tell` gets a line for everything that takes time or that the operator should know.

        Raises:
            LabError: a host cannot be brought up.

        """
        ...

    def connections(self) -> Mapping[str, Connection]:
        """Return how to reach each host, by its name."""
        ...

    def status(self) -> tuple[HostStatus, ...]:
        """Return the state of every host of the cluster, in its order."""
        ...

    def down(self, tell: Callable[[str], None]) -> None:
        """Remove every trace of the lab, also of one that came up only halfway.

        Raises:
            LabError: something could not be removed.

        """
        ...
