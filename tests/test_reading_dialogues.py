"""Programs that ask, that take commands of their own, or that never end."""

from __future__ import annotations

from tests.reading import expected, readings


def test_what_stands_behind_a_question_is_the_answer() -> None:
    """Nothing there takes the default."""
    sample = "dialogues/installer"
    assert readings(sample) == expected(sample)


def test_what_is_typed_into_a_program_is_no_command_of_the_shell() -> None:
    """Its prompt is its own."""
    sample = "dialogues/repl"
    assert readings(sample) == expected(sample)


def test_lines_behind_a_program_that_takes_commands_are_typed_into_it() -> None:
    """Even if the author shows no prompt of either."""
    sample = "dialogues/without-prompts"
    assert readings(sample) == expected(sample)


def test_a_program_opened_in_one_block_takes_the_next_ones_lines() -> None:
    """Until something ends it."""
    sample = "dialogues/continued"
    assert readings(sample) == expected(sample)


def test_a_program_that_was_ended_takes_nothing_more() -> None:
    """A later block of another language is what it says."""
    sample = "dialogues/closed"
    assert readings(sample) == expected(sample)


def test_a_command_that_never_ends_is_doubtful_and_says_so() -> None:
    """A person has to end it."""
    sample = "dialogues/endless"
    assert readings(sample) == expected(sample)


def test_a_pager_is_doubtful_unless_its_output_goes_elsewhere() -> None:
    """It waits for a key."""
    sample = "dialogues/pager"
    assert readings(sample) == expected(sample)
