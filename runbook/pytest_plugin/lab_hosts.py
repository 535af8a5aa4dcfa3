"""The hosts of a guide's lab for plain testinfra tests, over the harness's own connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest
import testinfra.host

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection
from runbook.model.suggestion import did_you_mean
from runbook.pytest_plugin.guide_lab import GuideLab, the_lab

_TESTINFRA: Final = "_testinfra_host"
"""The fixture of pytest-testinfra on which its `host` depends, and its parameter."""


class LabHost(testinfra.host.Host):  # type: ignore[misc]  # testinfra ships no types
    """A host of a lab that connects when it is first used.

    A lab that was made anew, or a run that was opened meanwhile, has another connection.
    """

    def __init__(self, lab: GuideLab, name: str) -> None:
        self._lab = lab
        self._name = name
        self._connection: HostConnection | None = None
        self._host: Any = None

    @property
    def backend(self) -> Any:
        """The backend of the present connection."""
        return self._connected().backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connected(), name)

    def __repr__(self) -> str:
        return f"<host {self._name}>"

    def _connected(self) -> Any:
        connection = self._lab.connect().get(self._name)
        if connection is None:
            raise RunbookError(f"{self._name} is not a host of this lab")
        if connection is not self._connection:
            self._host = connection.testinfra()
            self._connection = connection
        return self._host


class LabHosts(Mapping[str, testinfra.host.Host]):
    """The hosts of a lab by name, each connected at its first use."""

    def __init__(self, lab: GuideLab) -> None:
        self._hosts = {one.name: LabHost(lab, one.name) for one in lab.lab.cluster.hosts}

    def __getitem__(self, name: str) -> testinfra.host.Host:
        return self._hosts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._hosts)

    def __len__(self) -> int:
        return len(self._hosts)

    def __repr__(self) -> str:
        return f"<hosts {' '.join(self._hosts)}>"


@contextmanager
def parametrized(metafunc: pytest.Metafunc, names: Sequence[str]) -> Iterator[None]:
    """Let a test run on the hosts and groups of `names`, and not on those of testinfra.

    testinfra parametrizes its own fixture in the context, unless the test does not have it.
    """
    try:
        lab = the_lab(metafunc.config)
        found = lab.lab.cluster.select(tuple(names))
    except RunbookError as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from error
    except KeyError as error:
        known = [host.name for host in lab.lab.cluster.hosts]
        hint = did_you_mean(error.args[0], [*known, *lab.lab.cluster.groups])
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.nodeid}: there is no host or group {error} in the lab; "
            f"it has: {', '.join(known)}{hint}"
        ) from error
    at = metafunc.fixturenames.index(_TESTINFRA)
    del metafunc.fixturenames[at]
    try:
        yield
    finally:
        metafunc.fixturenames.insert(at, _TESTINFRA)
    hosts = [LabHost(lab, one.name) for one in found]
    metafunc.parametrize(
        _TESTINFRA, hosts, ids=[one.name for one in found], indirect=True, scope="module"
    )
