"""Disks on which there is no room."""

from __future__ import annotations

import contextlib
import getpass
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.results import Outcome, Verdict
from runbook.results.journal import Journal, JournalError
from runbook.terminal.connection import LocalConnection
from tests.attack.attack import Attack

_TIMEOUT = 30.0


@contextlib.contextmanager
def _small_disk(directory: Path, size: int) -> Iterator[Path]:
    place = directory / "small"
    place.mkdir()
    options = f"size={size},nr_inodes=20"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "small", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _attempt(random: random.Random, directory: Path) -> str:
    """Write files, recordings and a journal where there is soon no room for them."""
    with _small_disk(directory, random.choice((16, 64, 256)) * 1024) as place:
        filled = random.random() < 0.5
        live = HostConnection(LocalConnection("box"), {}, place / "recordings")
        with closing_all({"box": live}):
            session = live.session(getpass.getuser())
            path = place / "file"
            old: bytes | None = None
            for number in range(4):
                if filled and number == 2:
                    with contextlib.suppress(OSError):
                        (place / "filler").write_bytes(bytes(300_000))
                new = random.randbytes(random.choice((10, 5_000, 60_000, 400_000)))
                try:
                    session.files.put(str(path), new, mode=None, owner=None)
                    old = new
                except RunbookError:
                    pass
                if (path.read_bytes() if path.exists() else None) != old:
                    return "a file that could not be written is another one afterwards"
                status = random.randrange(256)
                with live.recorded(f"step{number}"):
                    done = session.run(
                        f"seq {random.choice((1, 9999))}; (exit {status})", timeout=_TIMEOUT
                    )
                if done.status != status:
                    return f"(exit {status}) is told to be {done.status}"
        left = [one.name for one in place.iterdir() if one.name.startswith(".runbook")]
        if left:
            return f"there is left {left}"
        return _journal(place)


def _journal(place: Path) -> str:
    """Write outcomes until there is no room; all that were told to be kept must be there."""
    told = 0
    try:
        with Journal(place / "journal.jsonl") as journal:
            for number in range(5000):
                journal.append(
                    Outcome(f"index/step{number}", "box", Verdict.PASSED, "digest", "now")
                )
                told += 1
    except JournalError:
        pass
    path = place / "journal.jsonl"
    kept = path.read_text().count("\n") if path.exists() else 0
    return "" if kept >= told else f"of {told} outcomes {kept} were kept"


def _lacking() -> str:
    return "" if os.geteuid() == 0 else "only root can make a small disk"


ATTACK = Attack(
    "full disk",
    "files, recordings and journals on a disk that becomes full",
    "a file is the new one or the old one, every exit status is right, and no outcome that was "
    "told is lost",
    _attempt,
    _lacking,
)
