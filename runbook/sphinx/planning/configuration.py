"""The literal assignments of a `conf.py`, for when it does not run here."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sphinx.config
from sphinx.errors import ConfigError


def literals(source: str) -> dict[str, Any]:
    """Return what the top level of `source` assigns, as far as the values are literals.

    Of a list with other elements, the literal ones are returned.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    known: dict[str, Any] = {}
    for one in tree.body:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            _assign(known, one.targets[0].id, one.value)
        elif isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.value:
            _assign(known, one.target.id, one.value)
        elif isinstance(one, ast.AugAssign) and isinstance(one.target, ast.Name):
            _extend(known, one.target.id, one.value)
        elif isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
            call = one.value.func
            if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
                for value in one.value.args:
                    if call.attr == "append":
                        value = ast.List([value], ast.Load())
                    if call.attr in ("append", "extend"):
                        _extend(known, call.value.id, value)
    return known


def _assign(known: dict[str, Any], name: str, value: ast.expr) -> None:
    known.pop(name, None)
    try:
        known[name] = _value(known, value)
    except ValueError:
        return


def _extend(known: dict[str, Any], name: str, value: ast.expr) -> None:
    try:
        known[name] = known[name] + _value(known, value)
    except (KeyError, TypeError, ValueError):
        return


def _value(known: dict[str, Any], value: ast.expr) -> Any:
    """Return the value of an expression; raise `ValueError` if it is not a literal."""
    if isinstance(value, ast.List | ast.Tuple):
        found = []
        for element in value.elts:
            try:
                found.append(_value(known, element))
            except ValueError:
                continue
        return found if isinstance(value, ast.List) else tuple(found)
    if isinstance(value, ast.Name) and value.id in known:
        return known[value.id]
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        try:
            return _value(known, value.left) + _value(known, value.right)
        except TypeError as error:
            raise ValueError(str(error)) from error
    try:
        return ast.literal_eval(value)
    except (TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(str(error)) from error


@contextmanager
def lenient_configuration(report: Callable[[str], None]) -> Iterator[None]:
    """Make Sphinx use the literal assignments of a conf.py that fails; `report` gets the reason."""
    evaluate = sphinx.config.eval_config_file

    def lenient(filename: Path, tags: Any) -> dict[str, Any]:
        try:
            return evaluate(filename, tags)
        except ConfigError as error:
            report(
                f"conf.py does not run here ({reason(error)}); "
                "only its literal assignments are used"
            )
            source = Path(filename).read_text(encoding="utf-8", errors="replace")
            return {"__file__": str(filename), "tags": tags, **literals(source)}

    sphinx.config.eval_config_file = lenient
    try:
        yield
    finally:
        sphinx.config.eval_config_file = evaluate


def reason(error: ConfigError) -> str:
    """Return in one line why conf.py does not run."""
    cause = error.__cause__
    if cause is None:
        return " ".join(str(error).split())
    return " ".join(f"{type(cause).__name__}: {cause}".split())
