"""`runbook run --watch`: run again whenever a file of the guide is saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

import click

from runbook.errors import RunbookError

_IGNORED: Final = frozenset({"build", "evidence", ".venv", ".git"})
"""Directories of a guide that hold nothing an author writes."""

_SUFFIXES: Final = frozenset(
    {".rst", ".md", ".txt", ".py", ".yaml", ".yml", ".inc", ".conf", ".sh"}
)


def watch(guide: Path, run: Callable[[], int]) -> NoReturn:
    """Call `run` now, and again after every change of a source below `guide`, until interrupted.

    An error of the guide is shown, and the next change is waited for.

    Raises:
        RunbookError: watchfiles is not installed.
        KeyboardInterrupt: the operator has had enough.

    """
    try:
        import watchfiles
    except ImportError as error:
        raise RunbookError("--watch needs watchfiles: install sphinx-runbook[watch]") from error
    _once(run)
    changes = watchfiles.watch(
        guide, watch_filter=lambda _change, path: is_source(guide, Path(path)), raise_interrupt=True
    )
    for changed in changes:
        names = sorted({str(Path(path).relative_to(guide)) for _change, path in changed})
        click.echo(f"\n{', '.join(names)}: changed")
        _once(run)
    raise KeyboardInterrupt


def is_source(guide: Path, path: Path) -> bool:
    """Tell whether a change of `path` may change what the guide below `guide` says."""
    try:
        parts = path.relative_to(guide).parts
    except ValueError:
        return False
    return path.suffix in _SUFFIXES and _IGNORED.isdisjoint(parts)


def _once(run: Callable[[], int]) -> None:
    try:
        run()
    except RunbookError as error:
        click.echo(f"runbook: {error}", err=True)
    click.echo("runbook: waiting for a change; Ctrl-C ends it", err=True)
