"""The options of the plugin, and which directories are guides.

pytest loads this with every test run of an environment, so it imports next to nothing.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from runbook.pytest_plugin.guide_lab import GuideLab

GUIDES_INI: Final = "runbook_guides"
GIVEN: Final = pytest.StashKey[tuple[Path, ...]]()
"""The directories of the guides that this session is for."""
LABS: Final = pytest.StashKey[dict[Path, "GuideLab"]]()
"""The labs that this session has opened, by the directories of their guides."""
WORKER_INPUT: Final = "runbook_guides"
"""How a worker of pytest-xdist learns of the guides that were given to its controller."""
_EXTENSION: Final = "runbook.sphinx"

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "--lab": {
        "choices": ["container", "local", "static", "vagrant"],
        "default": "container",
        "help": "The kind of lab (default: container).",
    },
    # Many a conftest.py has an option --host of its own, and must not stop working.
    "--runbook-host": {
        "metavar": "NAME",
        "help": "With --lab local: the host of the guide that this machine is.",
    },
    "--inventory": {
        "metavar": "PATH",
        "help": "With --lab static: the inventory, ours or Ansible's; else lab/inventory.yaml.",
    },
    "--choose": {
        "metavar": "NAME=VALUE",
        "action": "append",
        "default": [],
        "help": "Choose another alternative than the cluster file.",
    },
    "--platform": {
        "metavar": "NAME",
        "default": "",
        "help": "With a lab that is made: make all hosts of this platform.",
    },
    "--unmarked": {"action": "store_true", "help": "Also run code blocks outside of steps."},
    "--agree": {
        "metavar": "ID",
        "action": "append",
        "default": [],
        "help": "With --unmarked: run this step, which needs consent.",
    },
    "--repeat": {
        "metavar": "ID",
        "action": "append",
        "default": [],
        "help": "With --lab local or static: run this step again, although it was begun and not "
        "finished, or was changed.",
    },
    "--undo": {
        "action": "store_true",
        "help": "Collect the undo steps instead, last chapter first.",
    },
    "--attended": {"action": "store_true", "help": "Ask the operator to do the manual tasks."},
    "--require-proven": {
        "action": "store_true",
        "help": "Let a step fail for every finding, such as a check that never was red.",
    },
    "--lenient": {
        "action": "store_true",
        "help": "Ignore what the guide needs but is not installed here.",
    },
    "--yes": {
        "action": "store_true",
        "help": "With --lab local or static: agree to change these machines.",
    },
}
"""The options by their names on the command line."""


def add_options(parser: pytest.Parser) -> None:
    """Add the options, under the names that the command line has for them.

    One that another plugin has taken gets the prefix `--runbook-`.
    """
    group = parser.getgroup("runbook", "runbook: the steps of guides")
    taken = _taken(parser, list(_OPTIONS))
    for name, described in _OPTIONS.items():
        word = name[2:].removeprefix("runbook-")
        destination = f"runbook_{word.replace('-', '_')}"
        group.addoption(
            f"--runbook-{word}" if name in taken else name, dest=destination, **described
        )
    parser.addini(GUIDES_INI, "Directories of guides that are collected like tests.", "paths", [])


def _taken(parser: pytest.Parser, names: list[str]) -> set[str]:
    """Return the names that other plugins have taken; pytest 8 itself finds out too late."""
    try:
        unknown = parser.parse_known_and_unknown_args([f"{name}=" for name in names])[1]
    except (argparse.ArgumentError, pytest.UsageError):
        one_by_one = [_taken(parser, [name]) for name in names] if len(names) > 1 else [{*names}]
        return set().union(*one_by_one)
    return {name for name in names if f"{name}=" not in unknown}


def refuse_workers(config: pytest.Config) -> None:
    """Refuse options that make no sense if pytest-xdist distributes the session.

    Raises:
        pytest.UsageError: there is one.

    """
    if config.getoption("dist", "no") == "no":
        return
    if config.option.runbook_undo:
        raise pytest.UsageError("--undo: the labs of workers are new, so -n leaves nothing to undo")
    if config.option.runbook_attended:
        raise pytest.UsageError("--attended: workers have no terminal; leave -n away")


def guides_given(config: pytest.Config) -> tuple[Path, ...]:
    """Return the directories of the guides that this session is for, each once.

    They are named on the command line, by themselves or by one of their documents, or in the ini
    file. A directory that pytest only comes across is never run as a guide.
    """
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        return tuple(Path(one) for one in worker.get(WORKER_INPUT, ()))
    return tuple(dict.fromkeys(_given(config)))


def _given(config: pytest.Config) -> Iterator[Path]:
    for one in config.getini(GUIDES_INI):
        if uses_extension(one):
            yield one.resolve()
    if config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR:
        return
    for argument in config.args:
        path = Path(config.invocation_params.dir, argument.partition("::")[0]).resolve()
        if path.is_file() and path.suffix != ".py" and (above := nearest(path.parent)):
            yield above
        elif uses_extension(path):
            yield path


def nearest(directory: Path) -> Path | None:
    """Return the guide that has `directory`, or `None` if it is part of none."""
    for one in (directory, *directory.parents):
        if (one / "conf.py").is_file():
            return one if uses_extension(one) else None
    return None


def uses_extension(directory: Path) -> bool:
    """Tell whether `directory` has a conf.py that names our extension; nothing is executed."""
    try:
        tree = ast.parse((directory / "conf.py").read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    return any(isinstance(n, ast.Constant) and n.value == _EXTENSION for n in ast.walk(tree))
