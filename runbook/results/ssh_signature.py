"""Signatures as `ssh-keygen` reads and writes them; see PROTOCOL.sshsig of OpenSSH."""

from __future__ import annotations

import base64
from typing import Final

_ARMOUR: Final = "-----{} SSH SIGNATURE-----"
_MAGIC: Final = b"SSHSIG"
_INTEGER: Final = 4


def armoured(signature: bytes) -> str:
    """Return a signature as the text that `ssh-keygen` reads."""
    encoded = base64.encodebytes(signature).decode("ascii")
    return f"{_ARMOUR.format('BEGIN')}\n{encoded}{_ARMOUR.format('END')}\n"


def bare(text: str) -> str:
    """Return the base64 that is between the lines which say that `text` is a signature."""
    return "".join(text.split("\n")[1:]).partition("-")[0]


def public_key(text: str) -> bytes | None:
    """Return the key of an armoured signature as it stands in files; `None` if it has none."""
    blob = base64.b64decode(bare(text))
    # A word and a version, then the key with its length before it.
    start = len(_MAGIC) + 2 * _INTEGER
    length = int.from_bytes(blob[start - _INTEGER : start])
    if not blob.startswith(_MAGIC) or not 0 < length <= len(blob) - start:
        return None
    return base64.b64encode(blob[start : start + length])
