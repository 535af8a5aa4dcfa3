"""The names that the checks of a guide share."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attrs import frozen


@frozen
class Definition:
    """A public name of `lab/checks.py`: its line, how it is written there, its docstring."""

    name: str
    line: int
    signature: str
    docstring: str = ""


def definitions(source: str) -> dict[str, Definition]:
    """Return the public names that `source` defines; none if it is no Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return {one.name: one for one in _definitions(tree) if not one.name.startswith("_")}


def _definitions(tree: ast.Module) -> Iterator[Definition]:
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                signature = f"{node.name}({ast.unparse(node.args)})"
                yield Definition(node.name, node.lineno, signature, ast.get_docstring(node) or "")
            case ast.ClassDef():
                yield Definition(node.name, node.lineno, node.name, ast.get_docstring(node) or "")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield Definition(name, node.lineno, ast.unparse(node).split("\n")[0])
