"""Files that have a secret, searched in some of the encodings that the manual promises."""

from __future__ import annotations

import base64
import urllib.parse
from pathlib import Path


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
