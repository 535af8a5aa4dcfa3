"""What the tests of the command line share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.guides import Guide, making


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """A guide of two steps."""
    return Guide(tmp_path, making("one"), making("two"))
