"""Interactive programs, and commands that never end."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_the_text_after_a_question_is_the_answer() -> None:
    """Without any, the default is accepted."""
    sample = "dialogues/installer"
    assert readings(sample) == expected(sample)


def test_input_for_a_program_is_not_a_shell_command() -> None:
    """It follows the prompt of the program."""
    sample = "dialogues/repl"
    assert readings(sample) == expected(sample)


def test_lines_after_an_interactive_program_are_its_input() -> None:
    """Even if the author shows no prompts."""
    sample = "dialogues/without-prompts"
    assert readings(sample) == expected(sample)


def test_a_program_started_in_one_block_gets_the_lines_of_the_next() -> None:
    """Until something quits it."""
    sample = "dialogues/continued"
    assert readings(sample) == expected(sample)


def test_a_program_that_was_quit_gets_no_more_input() -> None:
    """A later block in another language is just that."""
    sample = "dialogues/closed"
    assert readings(sample) == expected(sample)


def test_a_command_that_never_ends_is_doubtful() -> None:
    """A person has to end it, and the reason says so."""
    sample = "dialogues/endless"
    assert readings(sample) == expected(sample)


def test_a_pager_is_doubtful_unless_its_output_is_redirected() -> None:
    """It waits for a key."""
    sample = "dialogues/pager"
    assert readings(sample) == expected(sample)
