"""Remove the escapes of a `parsed-literal` block that a shell does not need."""

from __future__ import annotations

import re
from typing import Final

_ESCAPED: Final = re.compile(r"(?<!\S)\\(?=[A-Za-z])")
r"""A backslash before a word, which keeps reStructuredText from making a link: `\https://...`."""


def without_escapes(text: str) -> str:
    """Return the source `text` of a block without the backslashes before words."""
    return _ESCAPED.sub("", text)
