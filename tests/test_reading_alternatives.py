"""Blocks of which one is meant, or none."""

from __future__ import annotations

from tests.reading import expected, readings


def test_either_and_or_are_alternatives() -> None:
    """The reading says to which one a block belongs."""
    sample = "alternatives/either-or"
    assert readings(sample) == expected(sample)


def test_the_tab_of_a_distribution_is_the_alternative() -> None:
    """So is a short sentence or a heading that names it."""
    sample = "alternatives/tabs"
    assert readings(sample) == expected(sample)


def test_a_command_that_is_shown_to_fail_is_not_typed() -> None:
    """The text says so, or its complaint about how it is used does."""
    sample = "alternatives/shown-to-fail"
    assert readings(sample) == expected(sample)


def test_a_command_that_the_text_warns_of_is_not_typed() -> None:
    """It is there to be recognised."""
    sample = "alternatives/warned-of"
    assert readings(sample) == expected(sample)
