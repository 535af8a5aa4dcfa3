"""How pytest-xdist distributes a guide: chapters as a whole, each worker on a lab of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runbook.pytest_plugin.settings import WORKER_INPUT


class Distribution:
    """The hooks of pytest-xdist, for a session that is for `guides`."""

    def __init__(self, guides: tuple[Path, ...]) -> None:
        self.guides = guides

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker which guides were given: its own command line is another one."""
        node.workerinput[WORKER_INPUT] = [str(one) for one in self.guides]

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Keep the steps of a chapter together where items would be scattered otherwise."""
        if not self.guides or config.getoption("dist") not in ("load", "worksteal"):
            return None
        from xdist.scheduler import LoadFileScheduling

        return LoadFileScheduling(config, log)
