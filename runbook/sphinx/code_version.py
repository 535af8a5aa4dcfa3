"""The version of the code that reads documents, and with it of all that is kept of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

import runbook
from runbook.results.sources import stamp

_READING: Final = ("console", "lint", "model", "shelltext", "sphinx")
"""The rooms whose code decides what becomes of a document."""


def code_version() -> int:
    """Return a number that changes with the code; Sphinx then reads all documents again.

    Sizes and times of the files are enough: a release has others than the one before it.
    """
    stamps = [runbook.__version__]
    for room in _READING:
        for root, directories, files in os.walk(Path(runbook.__file__).with_name(room)):
            directories[:] = sorted(one for one in directories if one != "__pycache__")
            stamps += [f"{root}/{name} {stamp(f'{root}/{name}')}" for name in sorted(files)]
    return int(hashlib.sha256("\n".join(stamps).encode()).hexdigest()[:12], 16)
