"""The headers of all answers: what a browser may do with a page of ours, and what it may not.

A page loads nothing from elsewhere and sends nothing there, is shown in no other page, and runs no
script but those of the guide and of this server.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from html import unescape
from typing import Final

EVERY_ANSWER: Final = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of every answer, whatever it is."""

_INLINE: Final = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)
_HANDLER: Final = re.compile(r"""\son[a-z]+=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_SOURCE: Final = re.compile(r"\ssrc\s*=", re.IGNORECASE)

# A diagram is an object of its page, and so may be shown in it.
_DIAGRAM: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


def inline_scripts(html: str) -> tuple[str, ...]:
    """Return what allows the scripts and handlers that stand in a page of the guide itself."""
    scripts = [
        found["text"] for found in _INLINE.finditer(html) if not _SOURCE.search(found["attributes"])
    ]
    handlers = [unescape(one or other) for one, other in _HANDLER.findall(html)]
    allowed = ["unsafe-hashes"] if handlers else []
    return tuple(dict.fromkeys([*allowed, *map(_hash, (*scripts, *handlers))]))


def of_page(host: str, scripts: Iterable[str] = ()) -> dict[str, str]:
    """Return the headers of a page, with what allows its `scripts`; `host` is as it was asked.

    Styles may be inline: themes and the terminal have such. The player of recordings is
    WebAssembly.
    """
    allowed = " ".join(("'self'", "'wasm-unsafe-eval'", *(f"'{one}'" for one in scripts)))
    directives = (
        "default-src 'none'",
        f"script-src {allowed}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "media-src 'self'",
        "object-src 'self'",
        "frame-src 'self'",
        "worker-src 'self' blob:",
        f"connect-src 'self' ws://{host}",
        "form-action 'self'",
        "base-uri 'self'",
        "frame-ancestors 'none'",
    )
    return {
        **EVERY_ANSWER,
        "Content-Security-Policy": "; ".join(directives),
        "X-Frame-Options": "DENY",
    }


def of_file(kind: str) -> dict[str, str]:
    """Return the headers of another file of that media type."""
    if kind == "image/svg+xml":
        return {
            **EVERY_ANSWER,
            "Content-Security-Policy": _DIAGRAM,
            "X-Frame-Options": "SAMEORIGIN",
        }
    return {
        **EVERY_ANSWER,
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "X-Frame-Options": "DENY",
    }


def _hash(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
