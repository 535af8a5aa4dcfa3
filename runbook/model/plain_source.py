"""Whether it can be read off a Python file which of its statements give and change a name.

In a plain file a check depends on the statements that give the names which it uses. Where a
statement may change what another one gave, nobody can tell without executing the file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

_DYNAMIC: Final = frozenset(
    {
        "__builtins__", "__import__", "__loader__", "attrgetter", "builtins", "compile", "delattr",
        "eval", "exec", "gc", "globals", "importlib", "inspect", "locals", "methodcaller",
        "runpy", "setattr", "vars",
    }
)  # fmt: skip
"""Names with which Python text reaches what it does not name."""

_HIDDEN: Final = frozenset(
    {
        "__class_getitem__", "__dict__", "__getattr__", "__globals__", "__init_subclass__",
        "__prepare__", "__set_name__", "__setattr__", "__subclasses__", "f_back", "f_builtins",
        "f_globals", "f_locals",
    }
)  # fmt: skip
"""Attributes with which it does, and methods that are called where nobody names them."""

_STANDARD: Final = frozenset(
    {"abc", "attr", "attrs", "contextlib", "dataclasses", "functools", "typing"}
)
"""Modules whose decorators change nothing but what they decorate."""

_BUILT_IN: Final = frozenset({"classmethod", "property", "staticmethod"})
"""Decorators that need no import."""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def is_dynamic(tree: ast.AST) -> bool:
    """Return whether Python code may reach names that it does not mention."""
    return any(map(_reaches, ast.walk(tree)))


def is_plain(tree: ast.Module) -> bool:
    """Return whether each statement of a file changes nothing but the names that it gives.

    That is so for imports, definitions, assignments and `if` of these, unless they call something
    of the file: that may change anything.
    """
    return not is_dynamic(tree) and _Names(tree).all_plain(tree.body)


def executed_names(node: ast.stmt) -> set[str]:
    """Return the names that a statement of a file needs when the file is executed.

    What stands in a function is needed when that is called, which is later.
    """
    return {one.id for one in _at_once(node) if isinstance(one, ast.Name)}


def _at_once(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            inner: Iterable[ast.AST] = (*node.decorator_list, node.args)
        case ast.Lambda():
            inner = (node.args,)
        case ast.arguments():
            inner = (*node.defaults, *(one for one in node.kw_defaults if one))
        case _:
            inner = ast.iter_child_nodes(node)
    for one in inner:
        yield from _at_once(one)


def _reaches(node: ast.AST) -> bool:
    match node:
        case ast.Global() | ast.Nonlocal():
            return True
        case ast.Name(id=name):
            return name in _DYNAMIC
        case ast.Attribute(value=ast.Name(id="sys"), attr="modules" | "_getframe"):
            return True
        case ast.Attribute(attr=name) | ast.FunctionDef(name=name):
            return name in _HIDDEN
        case ast.Import(names=names):
            return any(one.name.partition(".")[0] in _DYNAMIC for one in names)
        case ast.ImportFrom(module=module, names=names):
            found = {(module or "").partition(".")[0], *(one.name for one in names)}
            return bool(found & _DYNAMIC) or (module == "sys" and "modules" in found)
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return name in _DYNAMIC | _HIDDEN
        case ast.Call(func=ast.Name(id="getattr")):
            return True
    return False


class _Names:
    """The names that a file gives at its top, and how.

    `_own` are those of definitions and assignments, `_imported` has the modules of the others.
    No other name can have what is assigned to those of `_own` that are not `_shared`.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._own: set[str] = set()
        self._imported: dict[str, str] = {}
        self._shared: set[str] = set()
        for node in _flat(tree.body):
            self._note(node)

    def _note(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._own.add(node.name)
                self._shared.add(node.name)
            case ast.Import(names=names):
                for one in names:
                    module = one.name.partition(".")[0]
                    self._imported[one.asname or module] = module
            case ast.ImportFrom(module=module, names=names):
                self._imported |= {one.asname or one.name: module or "" for one in names}
            case ast.Assign(targets=targets, value=value):
                self._note_assigned(targets, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._note_assigned([target], value)

    def _note_assigned(self, targets: list[ast.expr], value: ast.expr) -> None:
        names = {part.id for one in targets for part in _parts(one) if isinstance(part, ast.Name)}
        self._own |= names
        literal = not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(value))
        if not literal or len(names) > 1:
            self._shared |= names

    def all_plain(self, body: Iterable[ast.stmt], *, in_class: bool = False) -> bool:
        """Return whether all statements are plain, of the file or of a class in it."""
        return all(self._is_plain(node, in_class) for node in body)

    def _is_plain(self, node: ast.stmt, in_class: bool) -> bool:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
                return True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                given = [node.args, *([node.returns] if node.returns else [])]
                return self._decorated(node) and not self._acts(*given)
            case ast.ClassDef():
                plain = self._decorated(node) and not node.keywords
                return (
                    plain
                    and not self._acts(*node.bases)
                    and self.all_plain(node.body, in_class=True)
                )
            case ast.If(test=test, body=body, orelse=orelse):
                return not self._acts(test) and self.all_plain([*body, *orelse], in_class=in_class)
            case ast.Assign(targets=targets, value=value):
                return not self._acts(value) and self._gives(targets, in_class)
            case ast.Delete(targets=targets):
                return self._gives(targets, in_class)
            case ast.AnnAssign(target=target, annotation=annotation, value=given):
                executed = [annotation, *([given] if given else [])]
                return not self._acts(*executed) and self._gives([target], in_class)
            case ast.AugAssign(target=target, value=value):
                return not self._acts(value) and not in_class and self._is_own(target)
        return False

    def _decorated(self, node: _Definition) -> bool:
        """Return whether a definition has only decorators that are known."""
        for one in node.decorator_list:
            name: ast.expr = one
            if isinstance(name, ast.Call):
                if self._acts(*name.args, *name.keywords):
                    return False
                name = name.func
            while isinstance(name, ast.Attribute):
                name = name.value
            if not isinstance(name, ast.Name) or not self._is_standard(name.id):
                return False
        return True

    def _is_standard(self, name: str) -> bool:
        if name in self._own:
            return False
        if name in self._imported:
            return self._imported[name] in _STANDARD
        return name in _BUILT_IN

    def _gives(self, targets: Iterable[ast.expr], in_class: bool) -> bool:
        """Return whether an assignment changes nothing that another name may have as well."""
        parts = [part for one in targets for part in _parts(one)]
        return all(
            isinstance(part, ast.Name) or (not in_class and self._is_own(part)) for part in parts
        )

    def _is_own(self, target: ast.expr) -> bool:
        """Return whether no other name can have what a target, or a part of it, belongs to."""
        if self._acts(target):
            return False
        while isinstance(target, ast.Subscript | ast.Attribute):
            target = target.value
        return isinstance(target, ast.Name) and target.id in self._own - self._shared

    def _acts(self, *nodes: ast.AST) -> bool:
        """Return whether something of the file may be called, or a name be given on the way.

        What stands in a `lambda` is not executed yet.
        """
        parts = [part for node in nodes for part in _executed(node)]
        if any(isinstance(part, ast.NamedExpr) for part in parts):
            return True
        names = {part.id for part in parts if isinstance(part, ast.Name)}
        return any(isinstance(part, ast.Call) for part in parts) and bool(names & self._own)


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a file, also those within its `if`."""
    for node in body:
        yield node
        if isinstance(node, ast.If):
            yield from _flat([*node.body, *node.orelse])


def _parts(target: ast.expr) -> Iterator[ast.expr]:
    """Yield what an assignment to a target gives or changes."""
    if isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            yield from _parts(one)
    elif isinstance(target, ast.Starred):
        yield from _parts(target.value)
    else:
        yield target


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if not isinstance(node, ast.Lambda):
        for inner in ast.iter_child_nodes(node):
            yield from _executed(inner)
