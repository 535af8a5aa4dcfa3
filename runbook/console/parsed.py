r"""Undo the escapes of a `parsed-literal` that no shell would need."""

from __future__ import annotations

import re
from typing import Final

_ESCAPED: Final = re.compile(r"(?<!\S)\\(?=[A-Za-z])")
r"""A backslash before a word keeps reStructuredText from making a link of it: `\https://...`."""


def without_escapes(text: str) -> str:
    """Return the source `text` of a block without the backslashes that begin words."""
    return _ESCAPED.sub("", text)
