from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.execution.expect import mismatch


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("", ""),
        ("a\nb", "\na  \nb\n\n"),
        ("...", ""),
        ("...", "a\nb"),
        ("a\n...\nd", "a\nb\nc\nd"),
        ("a\n...\nd", "a\nd"),
        ("...\nb\n...\nb", "a\nb\nb"),
        ("Volume ID: ...", "Volume ID: 3f-9"),
        ("gs[123] (glob)", "gs2"),
        ("[1] 4711", "[2] 243"),
        (r"port \d+ (re)", "port 49152"),
        ("( (re)", "( (re)"),
        ("  indented", "\n  indented\n"),
    ],
)
def test_output_is_as_the_guide_shows_it(expected: str, actual: str) -> None:
    """The notations of the guide, each with an output that they stand for."""
    assert mismatch(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "difference"),
    [
        ("a\nb", "a\nc", "  a\n- b\n+ c"),
        ("a", "", "- a"),
        ("", "a", "+ a"),
        ("a\n...\nd\ne", "a\nb\nd\nf", "  a\n  b\n  d\n- e\n+ f"),
        ("gs[12] (glob)", "gs3", "- gs[12] (glob)\n+ gs3"),
        ("[1] 4711", "[1] Done", "- [1] 4711\n+ [1] Done"),
        ("port (re)", "port 1", "- port (re)\n+ port 1"),
        ("a\n...\nz", "a\nb\nc", "  a\n- z\n+ b\n+ c"),
    ],
)
def test_a_difference_says_what_was_expected_and_what_came(
    expected: str, actual: str, difference: str
) -> None:
    """What matched comes first, then both sides."""
    assert mismatch(expected, actual) == difference


def test_a_long_difference_is_cut() -> None:
    """A flood does not fill the report."""
    difference = mismatch("a", "b\n" * 100_000)

    assert difference is not None
    assert len(difference.splitlines()) == 201


LINES = st.lists(st.text("ab ", max_size=3), max_size=6)


@given(LINES)
def test_every_output_matches_itself(lines: list[str]) -> None:
    """Without notations the guide's text is the output."""
    assert mismatch("\n".join(lines), "\n".join(lines)) is None


@given(LINES, LINES, LINES)
def test_three_dots_swallow_any_lines(head: list[str], middle: list[str], tail: list[str]) -> None:
    """Also none."""
    expected = "\n".join(["x", *head, "...", *tail, "y"])

    assert mismatch(expected, "\n".join(["x", *head, *middle, *tail, "y"])) is None
