"""Files that have a secret in an encoding that the manual promises, and texts without theirs."""

from __future__ import annotations

import base64
import io
import urllib.parse
from pathlib import Path

from runbook.redaction.known import KnownSecrets
from runbook.terminal.redactor import Redactor


def forms(secret: str) -> list[bytes]:
    """Return a secret as it is, and in some of the encodings that the manual promises."""
    data = secret.encode()
    return [
        data,
        data[::-1],
        data.hex().encode(),
        base64.b64encode(data)[:-4],
        urllib.parse.quote(secret).encode(),
        secret.upper().encode(),
    ]


def files_with(directory: Path, *secrets: str) -> list[str]:
    """Return the files that have one of the secrets, in whatever form."""
    return [
        str(path.relative_to(directory))
        for path in directory.rglob("*")
        if path.is_file()
        and any(one in path.read_bytes() for secret in secrets for one in forms(secret))
    ]


def masked(text: str, secret: str) -> list[str]:
    """Return a text as it is shown, at once and as its bytes come, three at a time."""
    sink = io.BytesIO()
    redactor = Redactor(sink, [secret])
    data = text.encode()
    for place in range(0, len(data), 3):
        redactor.write(data[place : place + 3])
    redactor.flush()
    return [KnownSecrets([secret]).redact(text), sink.getvalue().decode()]
