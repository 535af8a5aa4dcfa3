"""Where hosts come from: the protocol that every lab follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol, runtime_checkable

from attrs import frozen

from runbook.connect import Connection
from runbook.errors import RunbookError
from runbook.model import Cluster


class LabError(RunbookError):
    """A lab cannot be made, reached or removed; the message says what is in the way."""


class RecipeError(LabError):
    """What the cluster file says of a lab's hosts is wrong; `keys` lead to the place in it."""

    def __init__(self, message: str, *keys: str) -> None:
        super().__init__(message)
        self.keys = keys


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
    made_of: ClassVar[str]
    """What its hosts are, in words for readers of reports and pages, as `containers`."""

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


@runtime_checkable
class Snapshots(Protocol):
    """A lab whose hosts can be kept as they are, and be brought back to that; up or not."""

    def snapshot(self, name: str, tell: Callable[[str], None]) -> None:
        """Keep all hosts as they are now, under `name`.

        Raises:
            LabError: a host is not running, or there is a snapshot of that name.

        """
        ...

    def revert(self, name: str, tell: Callable[[str], None]) -> None:
        """Bring all hosts back to what the snapshot `name` holds, and wait until they are ready.

        Raises:
            LabError: there is none of that name, or a host cannot be brought back.

        """
        ...

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of those snapshots that every host has, the oldest first."""
        ...

    def forget(self, name: str, tell: Callable[[str], None]) -> None:
        """Remove the snapshot `name`; the hosts stay as they are.

        Raises:
            LabError: there is none of that name.

        """
        ...
