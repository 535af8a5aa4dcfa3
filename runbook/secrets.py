"""Secrets by name: looked up only at the moment they are typed, and stored nowhere."""

from __future__ import annotations

import os
import re
import secrets as random
from pathlib import Path
from typing import Final

from runbook.errors import RunbookError

VARIABLE: Final = "RUNBOOK_SECRET_"
"""Beginning of the environment variable of a secret; the name follows in capitals."""

DIRECTORY: Final = "RUNBOOK_SECRETS"
"""Environment variable that names a directory with one file for each secret."""

THROWAWAY: Final = "RUNBOOK_SECRETS_THROWAWAY"
"""Environment variable that names a directory where missing secrets are made up.

Only for a lab that is thrown away: there, a secret of the guide guards nothing else.
"""


class SecretMissing(RunbookError):  # noqa: N818  # it names what happened
    """Nobody has given the value of a secret."""


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
    path = Path(directory) / name
    if Path(directory).resolve() not in path.resolve().parents:
        raise SecretMissing(f"the secret {name!r} is no name of a file in {directory}")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretMissing(
            f"the secret {name!r} is not known: {variable} is not set, and {path}: {why}"
        ) from error
    return text.removesuffix("\n").removesuffix("\r")


def _make_up(directory: Path, name: str) -> None:
    if "/" in name:
        return
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        file = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(file, "w", encoding="utf-8") as made:
        made.write(random.token_urlsafe(12))
