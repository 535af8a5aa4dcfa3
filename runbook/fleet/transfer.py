"""Checkpoints and images on their way from one worker to another.

A worker that lacks one asks all others for it by its key. It comes in pieces, into a file that is
kept if the way is cut, so the next try goes on where that ended; its digest must be right; and
however many jobs of a machine want it, one of them fetches it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from distributed import Worker, WorkerPlugin

from runbook.errors import RunbookError
from runbook.fleet.perform import root
from runbook.fleet.task import JobResult
from runbook.labs.container.checkpoints import checkpoint_root
from runbook.labs.container.engine import default_engine
from runbook.labs.state import locked
from runbook.results import artefact

_PIECE: Final = 8_000_000
_TRIES: Final = 2
"""How often a job asks for what it lacks, if the way was cut or something damaged on it."""
_CHECKPOINT: Final = "checkpoint:"
_IMAGE: Final = "image:"


class Exchange(WorkerPlugin):
    """Gives other workers what this one has, and fetches what it lacks."""

    name: Final = "runbook-exchange"

    def setup(self, worker: Worker) -> None:
        """Answer the questions of other workers from now on."""
        self.worker = worker
        worker.handlers["runbook_offer"] = self.offer
        worker.handlers["runbook_piece"] = self.piece

    async def offer(self, key: str) -> dict[str, Any] | None:
        """Return the size and the digest of what is here under `key`, or `None`."""
        return await asyncio.to_thread(_offer, key)

    async def piece(self, key: str, offset: int) -> bytes:
        """Return a piece of what is here under `key`."""
        return await asyncio.to_thread(_piece, key, offset)

    def fetch(self, images: Iterable[str], before: Iterable[JobResult]) -> None:
        """Let this machine have the `images`, and the checkpoints that jobs `before` have left.

        If an image is of those jobs, it must be the very same one, for their checkpoints depend on
        it. What cannot be had is made here once more, by running what it takes.
        """
        before = tuple(before)
        known = {tag: id_ for one in before for tag, id_ in one.images.items() if id_}
        for tag in images:
            if not _has_image(tag, known.get(tag, "")):
                self._fetch(f"{_IMAGE}{tag}@{known.get(tag, '')}")
        for one in before:
            if one.checkpoint and not _place(one.checkpoint).exists():
                self._fetch(_CHECKPOINT + one.checkpoint)

    def _fetch(self, key: str) -> bool:
        spool = _spool(key)
        with locked(spool):
            if _is_here(key):
                return True
            for _ in range(_TRIES):
                offers = self._ask(key)
                for address, offer in offers:
                    if self._receive(address, key, spool / "partial", offer):
                        _take_in(key, spool / "partial")
                        shutil.rmtree(spool, ignore_errors=True)
                        return True
                if not offers:
                    break
        return False

    def _ask(self, key: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the other workers that have something under `key`, and what they say of it."""
        said = self._wait(
            self.worker.scheduler.broadcast(
                msg={"op": "runbook_offer", "key": key}, on_error="return"
            )
        )
        return [(address, offer) for address, offer in said.items()
                if isinstance(offer, dict) and offer.get("digest")]  # fmt: skip

    def _receive(self, address: str, key: str, path: Path, offer: dict[str, Any]) -> bool:
        """Fetch the rest of a file from another worker; return whether it is complete and right."""
        with path.open("ab") as file:
            while (offset := file.tell()) < offer["size"]:
                try:
                    data = self._wait(
                        self.worker.rpc(address).runbook_piece(key=key, offset=offset)
                    )
                except OSError:
                    return False
                if not data:
                    return False
                file.write(data)
        if hashlib.sha256(path.read_bytes()).hexdigest() == offer["digest"]:
            return True
        path.unlink()
        return False

    def _wait(self, coroutine: Any) -> Any:
        loop: Any = self.worker.loop
        return asyncio.run_coroutine_threadsafe(coroutine, loop.asyncio_loop).result()


def _spool(key: str) -> Path:
    path = root().with_name("fleet-spool") / hashlib.sha256(key.encode()).hexdigest()[:24]
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _place(checkpoint: str) -> Path:
    return artefact.below(checkpoint_root(), checkpoint)


def _has_image(tag: str, id_: str) -> bool:
    """Tell whether there is an image of that name here, with that identifier if one is given."""
    done = _engine("image", "inspect", "--format={{.Id}}", tag)
    found = done.stdout.decode().strip().removeprefix("sha256:")
    return done.returncode == 0 and id_ in ("", found)


def _is_here(key: str) -> bool:
    if key.startswith(_IMAGE):
        return _has_image(*_tag_and_id(key))
    return _place(key.removeprefix(_CHECKPOINT)).exists()


def _tag_and_id(key: str) -> tuple[str, str]:
    tag, _, id_ = key.removeprefix(_IMAGE).rpartition("@")
    return tag, id_


def _offer(key: str) -> dict[str, Any] | None:
    if not _is_here(key):
        return None
    path = _packed(key)
    return {
        "size": path.stat().st_size,
        "digest": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _piece(key: str, offset: int) -> bytes:
    with _packed(key).open("rb") as file:
        file.seek(offset)
        return file.read(_PIECE)


def _made(key: str) -> float:
    """Return when what is here under `key` was made: a checkpoint may be taken once more."""
    if key.startswith(_IMAGE):
        return 0.0
    return (_place(key.removeprefix(_CHECKPOINT)) / "checkpoint.json").stat().st_mtime


def _packed(key: str) -> Path:
    """Return one file with what is here under `key`, made if it is not there yet."""
    spool = _spool(key)
    path = spool / "packed"
    with locked(spool):
        if path.exists() and path.stat().st_mtime >= _made(key):
            return path
        beside = spool / "packing"
        if key.startswith(_IMAGE):
            tag, _ = _tag_and_id(key)
            done = _engine("save", "--output", str(beside), tag)
        else:
            place = _place(key.removeprefix(_CHECKPOINT))
            done = _run("tar", "--create", *_TAR, "--file", str(beside),
                        "--directory", str(place), ".")  # fmt: skip
        if done.returncode != 0:
            beside.unlink(missing_ok=True)
            raise RunbookError(f"{key}: {done.stderr.decode(errors='replace').strip()[-300:]}")
        beside.rename(path)
    return path


_TAR: Final = ("--numeric-owner", "--xattrs", "--xattrs-include=*", "--acls", "--sparse")


def _take_in(key: str, path: Path) -> None:
    """Put what arrived where it belongs, complete or not at all.

    Raises:
        RunbookError: it cannot be put there.

    """
    if key.startswith(_IMAGE):
        done = _engine("load", "--input", str(path))
    else:
        place = _place(key.removeprefix(_CHECKPOINT))
        beside = checkpoint_root() / f"partial-{os.getpid()}-{place.name}"
        beside.mkdir(mode=0o700, parents=True)
        done = _run("tar", "--extract", *_TAR, "--file", str(path), "--directory", str(beside))
        if done.returncode == 0:
            place.parent.mkdir(parents=True, exist_ok=True)
            beside.rename(place)
        else:
            shutil.rmtree(beside, ignore_errors=True)
    if done.returncode != 0:
        raise RunbookError(f"{key}: {done.stderr.decode(errors='replace').strip()[-300:]}")


def _engine(*words: str) -> subprocess.CompletedProcess[bytes]:
    return _run(default_engine().program, *words)


def _run(*argv: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(argv, check=False, capture_output=True, stdin=subprocess.DEVNULL)
