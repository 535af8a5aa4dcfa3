"""Python source as a syntax tree, also where several threads want one at once."""

from __future__ import annotations

import ast
import threading
from typing import Any, Final

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


_NO_PART: Final = frozenset({"ctx", "kind", "type_comment", "type_params"})
"""Fields that follow from the others, or that not every version of Python has."""


def plain_data(node: Any) -> Any:
    """Return what a syntax tree says as data for JSON, the same in every version of Python.

    `ast.dump` and `ast.unparse` write the same tree in another way now and then.
    """
    match node:
        case ast.Constant(value=value):
            said = value if isinstance(value, str) else repr(value)
            return [type(value).__name__, said]
        case ast.JoinedStr(values=values):
            # Python 3.12 has an empty text behind a value in a format.
            return ["JoinedStr", [plain_data(one) for one in values if not _is_empty(one)]]
        case ast.AST():
            fields = {
                name: plain_data(value)
                for name, value in ast.iter_fields(node)
                if name not in _NO_PART and value is not None and value != []
            }
            return [type(node).__name__, fields]
        case list():
            return [plain_data(one) for one in node]
    return node


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""
