"""Prompts of shells, in every shape that guides show them."""

from __future__ import annotations

from tests.reading import expected, readings


def test_a_sharp_is_a_prompt_before_a_command_and_a_remark_before_a_sentence() -> None:
    """One block may have both."""
    sample = "prompts/root-and-remark"
    assert readings(sample) == expected(sample)


def test_a_sharp_begins_remarks_in_a_script_without_prompts() -> None:
    """Even if a remark could be read as a command."""
    sample = "prompts/script-with-remarks"
    assert readings(sample) == expected(sample)


def test_a_remark_behind_a_command_is_not_typed() -> None:
    """Whether a sharp begins it or an arrow."""
    sample = "prompts/remark-behind"
    assert readings(sample) == expected(sample)


def test_a_remark_in_another_script_is_not_typed() -> None:
    """Whatever language the author speaks to the reader."""
    sample = "prompts/remark-in-another-script"
    assert readings(sample) == expected(sample)


def test_a_sharp_within_quotes_is_typed() -> None:
    """It is the command's own."""
    sample = "prompts/sharp-in-quotes"
    assert readings(sample) == expected(sample)


def test_every_form_of_prompt_begins_a_command() -> None:
    """From a mere sign to user, host, directory and environment."""
    sample = "prompts/forms"
    assert readings(sample) == expected(sample)


def test_a_damaged_prompt_still_is_one() -> None:
    """Its blank or its bracket is missing."""
    sample = "prompts/damaged"
    assert readings(sample) == expected(sample)


def test_a_prompt_that_is_missing_once_is_supplied_with_a_note() -> None:
    """The reading is less certain, and says where."""
    sample = "prompts/missing-once"
    assert readings(sample) == expected(sample)


def test_user_host_and_directory_are_those_of_the_prompt() -> None:
    """They say where a step is meant to be followed."""
    sample = "prompts/shown-shell"
    assert readings(sample) == expected(sample)


def test_a_prompt_given_in_the_directive_is_every_lines() -> None:
    """The page shows it, the source does not."""
    sample = "prompts/given"
    assert readings(sample) == expected(sample)
