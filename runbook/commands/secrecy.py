"""What a lab's runs knew of secrets, kept out of everything that a command writes and shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runbook.commands.guide import run_directory
from runbook.errors import RunbookError
from runbook.execution import secrets
from runbook.redaction.known import KnownSecrets


def store(guide: Path, kind: str) -> Path:
    """Return the file with the secrets that the runs on the lab `kind` knew, forth and back."""
    return run_directory(guide, kind) / secrets.STORE


@contextmanager
def known_secrets(guide: Path, kind: str) -> Iterator[KnownSecrets]:
    """Give the secrets of a lab, for as long as a command works on it.

    Errors and messages of the log are without them as well.

    Raises:
        RunbookError: it is not known what earlier runs knew.

    """
    known = secrets.remembered(store(guide, kind))
    handler = logging.StreamHandler()
    handler.setFormatter(_Redacting(known))
    log = logging.getLogger("runbook")
    log.addHandler(handler)
    try:
        yield known
    except RunbookError as error:
        error.args = tuple(
            known.redact(said) if isinstance(said, str) else said for said in error.args
        )
        raise
    finally:
        log.removeHandler(handler)


class _Redacting(logging.Formatter):
    """Formats messages, and the tracebacks with them, without the known secrets."""

    def __init__(self, known: KnownSecrets) -> None:
        super().__init__()
        self._known = known

    def format(self, record: logging.LogRecord) -> str:
        return self._known.redact(super().format(record))
