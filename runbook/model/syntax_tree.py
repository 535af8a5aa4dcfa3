"""Python source as a syntax tree, also where several threads want one at once."""

from __future__ import annotations

import ast
import threading
from typing import Final

_ONE_AT_A_TIME: Final = threading.Lock()
"""CPython 3.11 counts how deep a tree is in one place for all threads, and fails if two count."""


def parse(source: str, filename: str = "<unknown>") -> ast.Module:
    """Return the syntax tree of `source`.

    Raises:
        SyntaxError: it is not Python.
        ValueError: it has a character that Python's source must not have.

    """
    with _ONE_AT_A_TIME:
        return ast.parse(source, filename)
