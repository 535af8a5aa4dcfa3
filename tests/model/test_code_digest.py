"""The digest of a check is of what it says, and the same wherever it is computed."""

from __future__ import annotations

import ast

import pytest

from runbook.model.content import code_digest
from runbook.model.syntax_tree import parse, plain_data


def test_no_version_of_python_changes_it() -> None:
    """Each writes a syntax tree in its own way, so evidence of one would be lost with another."""
    source = """
def up(host, *, port: int = 80) -> bool:
    assert host.run(f"test -f {host.file('/x').path!r:>{port}}").rc == 0, f"{port=}"
    return host.socket(f"tcp://{'a' 'b'}").is_listening and 1.5 < 2j and b"x" != ... != None
"""
    assert code_digest(source) == "8235c38d00038415bec0"


def test_an_empty_text_that_one_version_has_in_a_format_is_left_out() -> None:
    """Python 3.12 puts one behind a value there."""
    tree = parse("f'{x:>{width}}'")
    known = plain_data(tree)
    (text,) = (one for one in ast.walk(tree) if isinstance(one, ast.FormattedValue)
               and isinstance(one.format_spec, ast.JoinedStr))  # fmt: skip
    assert isinstance(text.format_spec, ast.JoinedStr)
    text.format_spec.values.append(ast.Constant(""))
    assert plain_data(tree) == known


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("assert x  # because", "assert ( x )", True),
        ("def f():\n    'says'\n    return 1", "def f():\n  return 1", True),
        ("assert f'{x}'", 'assert f"{x}"', True),
        ("assert u'x'", "assert 'x'", True),
        ("assert 1", "assert True", False),
        ("assert '1'", "assert 1", False),
        ("assert 'x'", "assert b'x'", False),
        ("assert f(*x)", "assert f(**x)", False),
        ("assert {**x}", "assert {x: x}", False),
        ("assert x, y", "assert (x, y)", False),
        ("no python", "no  python", False),
    ],
)
def test_it_is_of_what_the_code_says(one: str, other: str, same: bool) -> None:
    """Layout, comments and docstrings are no part of it."""
    assert (code_digest(one) == code_digest(other)) is same
