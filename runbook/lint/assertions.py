"""Checks that assert nothing: whatever the hosts are like, they hold.

What is not certain may fail: a check that is wrongly called idle is worse than one that is missed.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from runbook.model.syntax_tree import parse

_HOSTS: Final = frozenset({"host", "hosts"})

_RAISING: Final = frozenset(
    {"check_output", "find_command", "group", "index", "pop", "remove", "run_expect", "run_test"}
)
"""Methods of hosts, and of what they return, that raise if something is not as it should be."""

_MODULES: Final = frozenset(
    {
        "addr", "ansible", "block_device", "docker", "file", "group", "interface", "iptables",
        "mount_point", "package", "pip", "podman", "run", "run_expect", "run_test", "service",
        "socket", "sudo", "supervisor", "user",
    }
)  # fmt: skip
"""Methods of a host whose result is always true: it has to be asked for something."""

_SAFE_FUNCTIONS: Final = frozenset(
    {
        "all", "any", "bool", "dict", "enumerate", "filter", "isinstance", "len", "list", "map",
        "print", "range", "repr", "reversed", "set", "sorted", "str", "tuple", "zip",
        "re.compile", "re.findall", "re.finditer", "re.fullmatch", "re.match", "re.search",
        "re.split", "re.sub", "time.sleep",
    }
)  # fmt: skip
_SAFE_METHODS: Final = frozenset(
    {
        "add", "append", "casefold", "copy", "count", "endswith", "extend", "find", "format", "get",
        "items", "join", "keys", "lower", "lstrip", "partition", "replace", "rpartition", "rsplit",
        "rstrip", "setdefault", "sort", "split", "splitlines", "startswith", "strip", "title",
        "update", "upper", "values",
    }
)  # fmt: skip
_CATCHING: Final = frozenset({"AssertionError", "BaseException", "Exception"})
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@functools.lru_cache(maxsize=4096)
def asserts_nothing(source: str, shared: str = "") -> bool:
    """Return whether a check with this Python `source` holds on any host whatsoever.

    `shared` is the source of the functions that the guide's checks share. Text that is not Python
    does not hold.
    """
    try:
        tree, common = parse(source), parse(shared)
    except (SyntaxError, ValueError):
        return False
    functions = {
        node.name: node for node in (*common.body, *tree.body) if isinstance(node, _FUNCTIONS)
    }
    return not _Check(functions, _derived(tree.body)).can_fail(tree.body)


@frozen
class _Check:
    """What is known of the names in a check: functions, and what is derived from a host.

    `entered` are the functions whose bodies are being looked at.
    """

    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef]
    derived: frozenset[str]
    entered: frozenset[str] = frozenset()

    def can_fail(self, body: Iterable[ast.AST]) -> bool:
        """Return whether one of the statements or expressions of `body` may raise an error."""
        return any(self._node(node) for node in body)

    def _node(self, node: ast.AST) -> bool:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                return False  # until it is called
            case ast.Raise():
                return True
            case ast.Assert():
                return not _is_always_true(node.test) or self._node(node.test)
            case ast.Try():
                return self._try(node)
            case ast.With() | ast.AsyncWith() if any(_suppresses(i) for i in node.items):
                return False
            case ast.Call() if self._call(node):
                return True
            case ast.Subscript(ctx=ast.Load()) if _may_be_missing(node):
                return True
            case ast.Assign() if any(map(_unpacks, node.targets)):
                if not isinstance(node.value, ast.Tuple | ast.List):
                    return True
            case ast.For() | ast.comprehension() if _unpacks(node.target):
                if not _yields_tuples(node.iter):
                    return True
        return self.can_fail(ast.iter_child_nodes(node))

    def _try(self, node: ast.Try) -> bool:
        caught = any(_catches(handler.type) for handler in node.handlers)
        handled = [statement for handler in node.handlers for statement in handler.body]
        rest = [*handled, *node.orelse, *node.finalbody]
        return (self.can_fail(node.body) and not caught) or self.can_fail(rest)

    def _call(self, node: ast.Call) -> bool:
        """Return whether the call itself may fail, whatever its arguments do."""
        name = ast.unparse(node.func)
        if name in self.functions:
            return self._function(name)
        if name in _SAFE_FUNCTIONS:
            return False
        if not isinstance(node.func, ast.Attribute):
            return True
        method = node.func.attr
        if _root(node.func) in self.derived:
            of_processes = method == "get" and name.endswith(".process.get")
            return method in _RAISING or of_processes
        return method not in _SAFE_METHODS

    def _function(self, name: str) -> bool:
        # A function that calls itself fails if something else in it does.
        if name in self.entered:
            return False
        body = self.functions[name].body
        return _Check(self.functions, _derived(body), self.entered | {name}).can_fail(body)


def _is_always_true(test: ast.expr) -> bool:
    """Return whether `test` is true, or raises an error, whatever the hosts are like."""
    match test:
        case ast.Constant():
            return bool(test.value)
        case ast.Tuple() | ast.List() | ast.Set():
            return any(not isinstance(element, ast.Starred) for element in test.elts)
        case ast.Dict():
            return any(key is not None for key in test.keys)
        case ast.JoinedStr():
            return any(isinstance(v, ast.Constant) and v.value for v in test.values)
        case ast.BoolOp(op=ast.Or()):
            return any(map(_is_always_true, test.values))
        case ast.BoolOp(op=ast.And()):
            return all(map(_is_always_true, test.values))
        case ast.Compare():
            return not any(
                isinstance(node, ast.Name | ast.Call | ast.Await) for node in ast.walk(test)
            )
        case ast.Lambda() | ast.GeneratorExp():
            return True
        case ast.Call(func=ast.Attribute(attr=method, value=of)) if method in _MODULES:
            return _is_host(of)
        case ast.Attribute(value=of):
            return _is_host(of)
    return False


def _is_host(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Name) and node.value.id == "hosts"
    return isinstance(node, ast.Name) and node.id == "host"


def _may_be_missing(node: ast.Subscript) -> bool:
    """Return whether there may be no such item: slices are never missing, hosts are known."""
    return not isinstance(node.slice, ast.Slice) and not _is_host(node)


def _unpacks(target: ast.expr) -> bool:
    return isinstance(target, ast.Tuple | ast.List)


def _yields_tuples(iterated: ast.expr) -> bool:
    """Return whether every item of `iterated` has two parts, so that it can be unpacked."""
    if not isinstance(iterated, ast.Call):
        return False
    name = ast.unparse(iterated.func)
    return name in ("enumerate", "zip") or name.endswith(".items")


def _catches(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(kind, ast.Name) and kind.id in _CATCHING for kind in kinds)


def _suppresses(item: ast.withitem) -> bool:
    call = item.context_expr
    return (
        isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("suppress", "contextlib.suppress")
        and any(_catches(kind) for kind in call.args)
    )


def _derived(body: Iterable[ast.stmt]) -> frozenset[str]:
    """Return the names that stand for hosts, and for what is asked of them."""
    given = [pair for statement in body for pair in _given(statement)]
    known = set(_HOSTS)
    while more := {name for name, value in given if name not in known and _root(value) in known}:
        known |= more
    return frozenset(known)


def _given(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that `statement` or a part of it sets, with the value it is set from."""
    for node in ast.walk(statement):
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        match node:
            case ast.Assign():
                targets, value = node.targets, node.value
            case ast.AnnAssign() | ast.NamedExpr():
                targets, value = [node.target], node.value
            case ast.For() | ast.comprehension():
                targets, value = [node.target], node.iter
            case ast.withitem() if node.optional_vars is not None:
                targets, value = [node.optional_vars], node.context_expr
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and value is not None:
                    yield name.id, value


def _root(node: ast.expr) -> str:
    """Return the name at the left end of a chain such as `host.run("id").stdout.split()`."""
    while True:
        match node:
            case ast.Attribute() | ast.Subscript():
                node = node.value
            case ast.Call():
                node = node.func
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                node = node.generators[0].iter
            case ast.Name():
                return node.id
            case _:
                return ""
