"""A guide as it travels: one archive of its files and its plan, named by their digest.

What is made (`build`), environments, and the history of versions stay where they are.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.errors import RunbookError
from runbook.model import Runbook, codec

_STAYS: Final = frozenset({"build", ".git", ".venv", "__pycache__", ".vagrant", "node_modules"})
PLAN: Final = "plan.json"
GUIDE: Final = "guide"


@frozen
class Content:
    """A guide's `archive`, and the digest that it is known by."""

    digest: str
    archive: bytes

    def unpack(self, directory: Path) -> None:
        """Write the plan and the guide into `directory`.

        Raises:
            RunbookError: the archive is not the one that was sent.

        """
        if hashlib.sha256(self.archive).hexdigest() != self.digest:
            raise RunbookError("the guide did not arrive as it was sent; run the command again")
        with tarfile.open(fileobj=io.BytesIO(self.archive)) as tar:
            tar.extractall(directory, filter="data")


def pack(guide: Path, runbook: Runbook) -> Content:
    """Return the files of `guide`, a directory, and `runbook`, its plan; the same for the same."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=3) as tar:
        _add(tar, PLAN, codec.dumps(runbook, indent=None).encode())
        for path in sorted(guide.rglob("*")):
            relative = path.relative_to(guide)
            if path.is_file() and _STAYS.isdisjoint(relative.parts):
                _add(tar, f"{GUIDE}/{relative}", path.read_bytes(), path.stat().st_mode)
    # A gzip file begins with the time at which it was made.
    made = out.getvalue()
    archive = made[:4] + bytes(4) + made[8:]
    return Content(hashlib.sha256(archive).hexdigest(), archive)


def _add(tar: tarfile.TarFile, name: str, data: bytes, mode: int = 0o644) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), mode & 0o755
    tar.addfile(info, io.BytesIO(data))
