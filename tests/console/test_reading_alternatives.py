"""Alternative blocks, of which the reader follows one, and blocks not to follow."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_either_and_or_are_alternatives() -> None:
    """The reading names the alternative of each block."""
    sample = "alternatives/either-or"
    assert readings(sample) == expected(sample)


def test_the_tab_of_a_distribution_is_the_alternative() -> None:
    """So is a short sentence or a heading that names it."""
    sample = "alternatives/tabs"
    assert readings(sample) == expected(sample)


def test_a_command_that_is_shown_to_fail_is_not_typed() -> None:
    """The text says so, or its output is a usage error."""
    sample = "alternatives/shown-to-fail"
    assert readings(sample) == expected(sample)


def test_a_command_that_the_text_warns_against_is_not_typed() -> None:
    """It is there to be recognised."""
    sample = "alternatives/warned-of"
    assert readings(sample) == expected(sample)
