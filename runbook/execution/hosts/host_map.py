"""All hosts together: as the checks of a step see them, and closed at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol, TypeVar

import testinfra.host

from runbook.execution.hosts.testinfra_host import asked_of
from runbook.observation.cover import Asked
from runbook.redaction.known import KnownSecrets


class HasTestinfra(Protocol):
    """A host that checks can look at."""

    def testinfra(self) -> testinfra.host.Host:
        """Return a new testinfra host."""


class Closes(Protocol):
    """A host whose channels can be closed."""

    def close(self) -> None:
        """Close all channels."""


_Host = TypeVar("_Host", bound=Closes)


class HostMap(Mapping[str, testinfra.host.Host]):
    """The testinfra hosts by name, as a check sees them: each connected at first use."""

    def __init__(self, live: Mapping[str, HasTestinfra]) -> None:
        self._live = live
        self._made: dict[str, testinfra.host.Host] = {}

    def __getitem__(self, name: str) -> testinfra.host.Host:
        if name not in self._made:
            self._made[name] = self._live[name].testinfra()
        return self._made[name]

    def take_asked(self) -> dict[str, frozenset[Asked]]:
        """Return what was asked of each host since this was last called."""
        taken = {}
        for name, host in self._made.items():
            asked = asked_of(host)
            taken[name] = frozenset(asked)
            asked.clear()
        return taken

    def redact(self, text: str) -> str:
        """Return `text` without the secrets that are known to any of the hosts."""
        # The hosts of a run know the same ones.
        known = (getattr(host, "secrets", None) for host in self._live.values())
        for one in {id(one): one for one in known if isinstance(one, KnownSecrets)}.values():
            text = one.redact(text)
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._live)

    def __len__(self) -> int:
        return len(self._live)

    def __repr__(self) -> str:
        return f"<hosts {' '.join(self._live)}>"


@contextmanager
def closing_all(live: Mapping[str, _Host]) -> Iterator[Mapping[str, _Host]]:
    """Close every host of `live` at the end, whatever happened."""
    try:
        yield live
    finally:
        for host in live.values():
            host.close()
