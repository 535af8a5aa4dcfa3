"""Secrets by name, looked up at the moment they are typed, and what must appear nowhere.

The values that a lab's runs knew are remembered beside their results, for its owner only: what a
program has written to a host may be printed by a later run, which was not given the secret.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import secrets as random
from pathlib import Path
from typing import Final

from runbook.errors import RunbookError
from runbook.redaction.known import KnownSecrets
from runbook.results import artefact
from runbook.results.clock import now

VARIABLE: Final = "RUNBOOK_SECRET_"
"""Beginning of the environment variable of a secret; the name follows in capitals."""

DIRECTORY: Final = "RUNBOOK_SECRETS"
"""Environment variable that names a directory with one file for each secret."""

THROWAWAY: Final = "RUNBOOK_SECRETS_THROWAWAY"
"""Environment variable that names a directory where missing secrets are made up.

Only for a lab that is thrown away: there, a secret of the guide guards nothing else.
"""

SEED: Final = ".seed"
"""A file in the directory of made-up secrets: of its text and their names they are made.

So labs on several machines, which go on from each other's checkpoints, have the same ones.
"""

STORE: Final = ".known-secrets"
"""The file with the values that the runs of a lab knew, beside their journal.

It is for its owner only. The values are veiled, so that nobody reads one by accident and no search
for it finds the file; whoever may read the file and wants to can unveil them.
"""

_LARGEST: Final = 65536
"""Bytes beyond which a file in a directory of secrets is something else."""
_SINCE: Final = "since"
_KEY: Final = "key"
_NONCE: Final = 16
_UNTYPEABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class SecretMissing(RunbookError):  # noqa: N818  # it names what happened
    """Nobody has given the value of a secret."""


class SecretsUnknown(RunbookError):  # noqa: N818  # it names what happened
    """It is not known which secrets must be kept out of what is written."""


def resolve(name: str) -> str:
    """Return the value of the secret `name`, from the environment or from a file.

    One line break at the end of a file does not belong to the secret. For a throwaway lab, a
    secret that nobody has given is made up once, and kept for later runs.

    Raises:
        SecretMissing: there is neither, or the file cannot be read.

    """
    variable = VARIABLE + re.sub(r"\W", "_", name).upper()
    value = os.environ.get(variable)
    if value is not None:
        return value
    directory = os.environ.get(DIRECTORY)
    if not directory and (throwaway := os.environ.get(THROWAWAY)):
        directory = throwaway
        _make_up(Path(directory), name)
    if not directory:
        raise SecretMissing(
            f"the secret {name!r} is not known: set {variable}, or put it into a file of that "
            f"name in a directory and name the directory in {DIRECTORY}"
        )
    if artefact.unfit(name) or not _is_below(Path(directory), Path(directory) / name):
        raise SecretMissing(f"the secret {name!r} is no name of a file in {directory}")
    path = Path(directory) / name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretMissing(
            f"the secret {name!r} is not known: {variable} is not set, and {path}: {why}"
        ) from error
    return text.removesuffix("\n").removesuffix("\r")


def _is_below(directory: Path, path: Path) -> bool:
    return directory.resolve() in path.resolve().parents


def value_of(name: str, known: KnownSecrets) -> str:
    """Return the value of the secret `name`, as a reference has it, which is `known` from now on.

    Raises:
        SecretMissing: nobody has given it, or it was captured and is not known any more.

    """
    captured, _, digest = name.partition(".")
    if name in known.typed:
        return known.typed[name]
    if not digest:
        value = resolve(name)
        known.add(value)
        return value
    if (found := known.of_digest(digest)) is None:
        raise SecretMissing(
            f"the captured secret {captured!r} is not known any more: the file {STORE} of the run "
            "that captured it is gone; go on from the step that captures it, with --from"
        )
    return found


def typeable(name: str, value: str) -> str:
    """Return the `value` of the secret `name`, if it can be typed as one line.

    Raises:
        SecretMissing: it has several lines, of which only one would be typed, or a control
            character.

    """
    if lines := len(re.findall(r"[\r\n]", value)):
        raise SecretMissing(
            f"the secret {name!r} has {lines + 1} lines, and a program that asks takes one: give "
            "the value in one line, or let a command read it from a file"
        )
    if found := _UNTYPEABLE.search(value):
        raise SecretMissing(
            f"the secret {name!r} has the control character U+{ord(found[0]):04X}, which a "
            "terminal takes for a key: give a value without it"
        )
    return value


def remembered(path: Path) -> KnownSecrets:
    """Return the secrets that the runs before knew, as the file at `path` has them, and all given.

    Those that become known later are added to the file at once. What is given now is known from
    the start: it may be printed before it is typed.

    Raises:
        SecretsUnknown: the file cannot be read or written.

    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(file, encoding="utf-8") as text:
            os.fchmod(file, 0o600)
            lines = [json.loads(line) for line in text if line.endswith("\n")]
        found = [_unveiled(str(one)) for one in lines if not isinstance(one, dict)]
        # What was written first holds: two runs may have begun with the same new file.
        told = {n: v for one in lines[::-1] if isinstance(one, dict) for n, v in one.items()}
        if _SINCE not in told:
            _append(path, {_SINCE: now()})
        if _KEY not in told:
            told[_KEY] = random.token_hex()
            _append(path, {_KEY: told[_KEY]})
        key = bytes.fromhex(str(told[_KEY]))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise SecretsUnknown(
            f"{path}: the secrets of earlier runs cannot be read, so they could not be kept out of "
            f"what is written: {why}"
        ) from error
    return KnownSecrets(found, given(), keep=lambda secret: _append(path, _veiled(secret)), key=key)


def _veiled(secret: str) -> str:
    nonce = random.token_bytes(_NONCE)
    return base64.b64encode(nonce + _veil(secret.encode(errors="surrogateescape"), nonce)).decode()


def _unveiled(text: str) -> str:
    data = base64.b64decode(text, validate=True)
    return _veil(data[_NONCE:], data[:_NONCE]).decode(errors="surrogateescape")


def _veil(data: bytes, nonce: bytes) -> bytes:
    mask = hashlib.shake_256(nonce).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, mask, strict=True))


def known_since(path: Path) -> str:
    """Return since when all secrets that were known are in the file at `path`.

    The time is UTC in ISO 8601; it is empty if there is no such file.
    """
    with contextlib.suppress(OSError, ValueError), path.open(encoding="utf-8") as text:
        return str(json.loads(text.readline())[_SINCE])
    return ""


def _append(path: Path, value: object) -> None:
    line = json.dumps(value).encode() + b"\n"
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(file, "ab") as text:
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":
                text.write(b"\n")
            text.write(line)
    except OSError as error:
        raise SecretsUnknown(f"{path}: it cannot be written: {error.strerror}") from error


def given() -> tuple[str, ...]:
    """Return the values of all secrets that could be looked up now, whatever their names.

    They are to be kept out of text that may contain any of them. What cannot be read is left out.
    """
    found = [value for name, value in os.environ.items() if name.startswith(VARIABLE)]
    for variable in (DIRECTORY, THROWAWAY):
        if directory := os.environ.get(variable):
            for path in sorted(Path(directory).rglob("*")):
                with contextlib.suppress(OSError, UnicodeDecodeError):
                    if path.stat().st_size <= _LARGEST:
                        found.append(path.read_text(encoding="utf-8").rstrip("\r\n"))
    return tuple(found)


def _make_up(directory: Path, name: str) -> None:
    if "/" in name or artefact.unfit(name):
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(file, "w", encoding="utf-8") as made:
        made.write(_derived(seed, name) if (seed := _seed(directory)) else random.token_urlsafe(12))


def _seed(directory: Path) -> str:
    path = directory / SEED
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _derived(seed: str, name: str) -> str:
    made = hmac.digest(seed.encode(), name.encode(), "sha256")
    return base64.urlsafe_b64encode(made[:12]).decode()


def made_up() -> str:
    """Return a word for the secrets that were made up so far; empty if there are none.

    It is the same wherever they are made of the same seed, and tells nothing of it.
    """
    directory = Path(os.environ.get(THROWAWAY) or os.devnull)
    if not directory.is_dir() or all(path.name == SEED for path in directory.iterdir()):
        return ""
    return made_up_here() or "elsewhere"


def made_up_here() -> str:
    """Return the word for secrets that would be made up now, if there is a seed for them."""
    directory = Path(os.environ.get(THROWAWAY) or os.devnull)
    return _seed_name(seed) if directory.is_dir() and (seed := _seed(directory)) else ""


def _seed_name(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:16]
