"""What a guide's own code prints while Sphinx reads it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Final

_STDOUT: Final = 1
_STDERR: Final = 2


@contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Let everything that is printed go to standard error, also by programs that are started.

    Standard output is for the result, as of `runbook plan --json`.
    """
    sys.stdout.flush()
    try:
        saved = os.dup(_STDOUT)
    except OSError:  # it is closed
        saved = None
    try:
        if saved is not None:
            with suppress(OSError):
                os.dup2(_STDERR, _STDOUT)
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if saved is not None:
            os.dup2(saved, _STDOUT)
            os.close(saved)
