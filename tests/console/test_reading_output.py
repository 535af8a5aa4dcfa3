"""Output of programs is never typed."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_a_table_between_commands_is_output() -> None:
    """Whatever its rows start with."""
    sample = "output/table"
    assert readings(sample) == expected(sample)


def test_json_is_output_even_without_prompts() -> None:
    """No command starts with a brace."""
    sample = "output/json"
    assert readings(sample) == expected(sample)


def test_blank_lines_do_not_end_output() -> None:
    """Only the next prompt does."""
    sample = "output/blank-lines"
    assert readings(sample) == expected(sample)


def test_elisions_are_not_typed() -> None:
    """Three dots, with or without brackets."""
    sample = "output/elisions"
    assert readings(sample) == expected(sample)


def test_output_that_starts_with_a_hash_is_not_typed() -> None:
    """Printed configuration files contain comments."""
    sample = "output/hash"
    assert readings(sample) == expected(sample)


def test_output_that_is_itself_a_command_is_not_typed() -> None:
    """It has no prompt."""
    sample = "output/valid-command"
    assert readings(sample) == expected(sample)


def test_a_block_of_output_after_a_block_of_commands_has_no_commands() -> None:
    """The text announces output, and no line looks like a command."""
    sample = "output/alone"
    assert readings(sample) == expected(sample)
