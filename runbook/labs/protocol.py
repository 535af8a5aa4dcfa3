"""The protocol that every lab implements."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Mapping
from typing import ClassVar, Protocol, runtime_checkable

from attrs import frozen

from runbook.errors import RunbookError
from runbook.model import Cluster
from runbook.terminal.connection import Connection


class StatusLine(str):
    """A line of progress that holds only until the next one, such as a count."""

    __slots__ = ()


Progress = Callable[[str], None]
"""Called with a line for everything that takes time or that the operator should know.

What changes with every second is a `StatusLine`: a terminal shows the newest, a log some.
"""


class LabError(RunbookError):
    """A lab cannot be created, reached or removed; the message says why."""


@frozen
class HostStatus:
    """The state of one host: `running`, `stopped` or `absent`."""

    host: str
    state: str
    detail: str = ""


class Lab(Protocol):
    """A set of hosts that can be brought up, connected to and removed."""

    name: str
    cluster: Cluster
    made_of: ClassVar[str]
    """What the hosts are, as readers of reports and pages see it, such as `containers`."""

    def instance(self) -> str:
        """Return an identifier of the present hosts; empty if there are none.

        It changes when a host is recreated, but not when one is restarted.
        """
        ...

    def up(self, progress: Progress) -> None:
        """Bring all hosts up and wait until they are ready; running hosts are left alone.

        Raises:
            LabError: a host cannot be brought up.

        """
        ...

    def connections(self) -> Mapping[str, Connection]:
        """Return the connection to each host, by host name."""
        ...

    def status(self) -> tuple[HostStatus, ...]:
        """Return the state of every host, in the order of the cluster."""
        ...

    def down(self, progress: Progress) -> None:
        """Remove every trace of the lab, even if it came up only partly.

        Raises:
            LabError: something could not be removed.

        """
        ...


@runtime_checkable
class SupportsSnapshots(Protocol):
    """A lab that can save the state of its hosts and revert to it."""

    def snapshot(self, name: str, progress: Progress) -> None:
        """Save the current state of all hosts as `name`.

        Raises:
            LabError: a host is not running, or the name is invalid or taken.

        """
        ...

    def revert(self, name: str, progress: Progress) -> None:
        """Revert all hosts to the snapshot `name`, and wait until they are ready.

        Raises:
            LabError: there is no such snapshot, or a host cannot be reverted.

        """
        ...

    def snapshots(self) -> tuple[str, ...]:
        """Return the names of the snapshots that every host has, oldest first."""
        ...

    def delete_snapshot(self, name: str, progress: Progress) -> None:
        """Delete the snapshot `name`; the hosts are not affected.

        Raises:
            LabError: there is no such snapshot.

        """
        ...


class Origin(enum.Enum):
    """What the present hosts of a lab came from."""

    FRESH = "fresh"
    """All were made of their recipe, and nothing was brought back since."""
    CHECKPOINT = "checkpoint"
    """All were restored from one checkpoint."""
    SNAPSHOT = "snapshot"
    """All were reverted to one snapshot of the operator's."""
    MIXED = "mixed"
    """Some were recreated and others were not, so together they are nothing that a run knows."""


@frozen
class Checkpoint:
    """All hosts of a lab as a run has saved them, under a name made of what was done on them.

    `about` is the text that was saved with them. `size` is in bytes, as far as they are not shared
    with other checkpoints. `taken` and `used` are seconds since 1970.
    """

    name: str
    about: str
    size: int
    taken: float
    used: float


@runtime_checkable
class SupportsCheckpoints(Protocol):
    """A lab of our own making, whose runs save its hosts and go back to them by themselves.

    Checkpoints are kept when the lab is brought down, and removed with its images.
    """

    def recipe_digest(self) -> str:
        """Return a digest of everything that the hosts are made of."""
        ...

    def origin(self) -> tuple[Origin, str]:
        """Return what the present hosts came from, and the name of the checkpoint or snapshot."""
        ...

    def renew(self, progress: Progress) -> None:
        """Make all hosts anew, and wait until they are ready.

        Raises:
            LabError: a host cannot be made.

        """
        ...

    def take_checkpoint(self, name: str, about: str, progress: Progress) -> None:
        """Save all hosts as they are now, and remove the least used checkpoints over the limit.

        Raises:
            LabError: they cannot be saved, for lack of space for one; nothing is left of it.

        """
        ...

    def restore_checkpoint(self, name: str, progress: Progress) -> None:
        """Bring all hosts back to the checkpoint `name`, and wait until they are ready.

        Raises:
            LabError: there is none of that name, or a host cannot be restored.

        """
        ...

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """Return all checkpoints, the last used first."""
        ...

    def delete_checkpoint(self, name: str) -> None:
        """Delete the checkpoint `name`, if there is one."""
        ...


HeldBack = Mapping[str, Collection[str]]
"""Some hosts, each with the units of systemd that are not started when it boots."""


@runtime_checkable
class SupportsPartialRestore(Protocol):
    """A lab of which a part can be brought back to a checkpoint, and saved: some hosts or units."""

    def restore_hosts(self, name: str, hosts: HeldBack, progress: Progress) -> None:
        """Bring `hosts` back to the checkpoint `name`, and switch all others off.

        Together they are nothing that a run knows, until all are restored.

        Raises:
            LabError: there is no such checkpoint, or a host cannot be restored or switched off.

        """
        ...

    def save_hosts(self, name: str, about: str, hosts: Collection[str], rest: str) -> None:
        """Save `hosts` as the checkpoint `name`; in it all others are as in the checkpoint `rest`.

        `about` is kept with it, as with every checkpoint.

        Raises:
            LabError: there is no checkpoint `rest`, or a host cannot be saved.

        """
        ...

    def slow_units(self, host: str) -> Collection[str]:
        """Return the units of systemd that took a large part of the start of `host`, or failed.

        Raises:
            LabError: it is not running.

        """
        ...
