"""What pytest says of an assertion that does not hold: the one place that knows its internals.

pytest has no public way to rewrite the assertions of a text, or to explain a comparison.
"""

from __future__ import annotations

import ast
import functools
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from _pytest._io.saferepr import saferepr
from _pytest.assertion import pytest_assertrepr_compare, rewrite, util
from _pytest.config import Config, get_config
from _pytest.terminal import TerminalReporter

_FOREIGN_OPTION: Final = re.compile(r", use '?-vv'? to show$|^Use -v to get more diff$")
"""Where pytest names an option of its own, which is none of ours."""
_ALIKE: Final = 42
"""Characters that texts may begin or end with alike before some are left out, as pytest has it."""
_CONTEXT: Final = 10
"""Characters of those that are shown."""
_SUMMARIZED: Final = 30
"""Characters of such a text that the first line shows."""


def rewrite_assertions(tree: ast.Module, source: str, filename: str) -> None:
    """Rewrite the assertions of `tree`, which is `source` of `filename`: they explain themselves.

    What they say of a comparison is only complete within `explaining`.
    """
    rewrite.rewrite_asserts(tree, source.encode(), filename)


def ensure_explained() -> None:
    """Let rewritten assertions explain comparisons, unless pytest does already."""
    if util._reprcompare is None:
        util._reprcompare = _explain


@contextmanager
def explaining() -> Iterator[None]:
    """Let rewritten assertions explain comparisons in full, also in a test that pytest runs.

    pytest itself shortens them there.
    """
    before = util._reprcompare
    util._reprcompare = _explain
    try:
        yield
    finally:
        util._reprcompare = before


def _explain(op: str, left: object, right: object) -> str | None:
    """Return what pytest says of a comparison, in the form that rewritten assertions expect.

    Where pytest leaves out what texts have alike, it leaves no sign beside the rest, and nobody
    could tell that this is a part of a secret. So that is done here, and pytest finds nothing more
    to leave out; of the fields of an object it must show all.
    """
    whole = left, right
    if isinstance(left, str) and isinstance(right, str):
        left, right = _shortened(op, left, right)
    said = pytest_assertrepr_compare(_config(int(_has_fields(left))), op, left, right) or []
    if said and whole != (left, right):
        said[0] = f" {op} ".join(saferepr(text, maxsize=_SUMMARIZED) for text in whole)
    shortened = ((line, _FOREIGN_OPTION.sub("", line)) for line in said)
    lines = [short for line, short in shortened if short or not line]
    return "\n~".join(lines).replace("%", "%%") if lines else None


def _shortened(op: str, left: str, right: str) -> tuple[str, str]:
    """Return two texts with `...` for what they begin and end with alike, if that is much."""
    if op == "==":
        if (alike := _alike(left, right)) > _ALIKE:
            left, right = (f"...{text[alike - _CONTEXT :]}" for text in (left, right))
        if (alike := _alike(left[::-1], right[::-1])) > _ALIKE:
            left, right = (f"{text[: _CONTEXT - alike]}..." for text in (left, right))
    elif op == "not in" and (place := right.find(left)) >= 0:
        if len(right) - place - len(left) > _ALIKE:
            right = f"{right[: place + len(left) + _CONTEXT]}..."
        if place > _ALIKE:
            right = f"...{right[place - _CONTEXT :]}"
    return left, right


def _alike(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _has_fields(value: object) -> bool:
    """Return whether pytest compares objects like `value` field by field."""
    names = ("__dataclass_fields__", "__attrs_attrs__", "_fields")
    return any(hasattr(type(value), name) for name in names)


@functools.lru_cache(maxsize=2)
def _config(verbosity: int) -> Config:
    """Return a configuration with pytest's defaults, whatever file lies in this directory."""
    config = get_config()
    config.option.verbose = verbosity
    if pytest.version_tuple < (9,):
        # pytest 8 asks a file that was read, if only for defaults, and a terminal for its colours.
        vars(config)["inicfg"] = {}
        reporter = TerminalReporter(config, io.StringIO())
        config.pluginmanager.register(reporter, "terminalreporter")
    return config
