"""What the tests of runs share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.steps import Hosts, local_hosts


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    """Two hosts, a and b, which are this machine."""
    with local_hosts() as found:
        yield found
