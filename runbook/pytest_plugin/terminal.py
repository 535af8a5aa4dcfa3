"""The terminal of the operator, which pytest captures otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def operators_terminal(config: pytest.Config) -> Iterator[None]:
    """Let the operator have the terminal, as their input as well."""
    capture = config.pluginmanager.get_plugin("capturemanager")
    if capture is None:
        yield
        return
    capture.suspend(in_=True)
    try:
        yield
    finally:
        capture.resume()
