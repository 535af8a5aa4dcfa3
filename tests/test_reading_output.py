"""What a program prints is never typed."""

from __future__ import annotations

from tests.reading import expected, readings


def test_a_table_between_commands_is_output() -> None:
    """Whatever a row of it begins with."""
    sample = "output/table"
    assert readings(sample) == expected(sample)


def test_json_is_output_even_without_prompts() -> None:
    """No person types a brace."""
    sample = "output/json"
    assert readings(sample) == expected(sample)


def test_blank_lines_within_output_end_nothing() -> None:
    """The next prompt does."""
    sample = "output/blank-lines"
    assert readings(sample) == expected(sample)


def test_what_was_left_out_is_not_typed() -> None:
    """Three dots, with or without brackets."""
    sample = "output/elisions"
    assert readings(sample) == expected(sample)


def test_output_that_begins_with_a_sharp_is_not_typed() -> None:
    """A configuration file that is shown has remarks."""
    sample = "output/sharp"
    assert readings(sample) == expected(sample)


def test_output_that_is_itself_a_command_is_not_typed() -> None:
    """It has no prompt."""
    sample = "output/valid-command"
    assert readings(sample) == expected(sample)


def test_a_block_of_output_behind_a_block_of_commands_has_no_commands() -> None:
    """The text announces it, and nothing in it looks typed."""
    sample = "output/alone"
    assert readings(sample) == expected(sample)
