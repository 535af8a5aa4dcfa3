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
from _pytest.assertion import pytest_assertrepr_compare, rewrite, util
from _pytest.config import Config, get_config
from _pytest.terminal import TerminalReporter

_FOREIGN_OPTION: Final = re.compile(r", use '?-vv'? to show$|^Use -v to get more diff$")
"""Where pytest names an option of its own, which is none of ours."""


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
    """Return what pytest says of a comparison, in the form that rewritten assertions expect."""
    said = pytest_assertrepr_compare(_config(), op, left, right) or ()
    shortened = ((line, _FOREIGN_OPTION.sub("", line)) for line in said)
    lines = [short for line, short in shortened if short or not line]
    return "\n~".join(lines).replace("%", "%%") if lines else None


@functools.lru_cache(maxsize=1)
def _config() -> Config:
    """Return a configuration with pytest's defaults, whatever file lies in this directory."""
    config = get_config()
    if pytest.version_tuple < (9,):
        # pytest 8 asks a file that was read, if only for defaults, and a terminal for its colours.
        vars(config)["inicfg"] = {}
        reporter = TerminalReporter(config, io.StringIO())
        config.pluginmanager.register(reporter, "terminalreporter")
    return config
