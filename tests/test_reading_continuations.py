"""Commands of several lines: continuations, compounds and here-documents."""

from __future__ import annotations

from tests.reading import expected, readings


def test_a_line_that_goes_on_is_one_command_however_it_is_broken() -> None:
    """No blank before the backslash, odd indentation, and a backslash that is missing."""
    sample = "continuations/backslash"
    assert readings(sample) == expected(sample)


def test_a_remark_behind_the_backslash_of_a_continuation_is_not_typed() -> None:
    """A shell would not go on there."""
    sample = "continuations/remark-between"
    assert readings(sample) == expected(sample)


def test_a_backslash_that_nothing_follows_is_left_out() -> None:
    """The author cut the command short."""
    sample = "continuations/nothing-follows"
    assert readings(sample) == expected(sample)


def test_a_prompt_repeated_on_a_continuation_is_not_typed() -> None:
    """Some authors put it before every line."""
    sample = "continuations/repeated-prompt"
    assert readings(sample) == expected(sample)


def test_the_second_prompt_of_a_shell_is_not_typed() -> None:
    """The shell printed it."""
    sample = "continuations/second-prompt"
    assert readings(sample) == expected(sample)


def test_a_line_that_ends_with_a_pipe_goes_on() -> None:
    """So does one that ends with two ampersands."""
    sample = "continuations/pipe"
    assert readings(sample) == expected(sample)


def test_a_loop_or_function_of_which_only_the_first_line_has_a_prompt_is_one_command() -> None:
    """The shell would ask for its other lines."""
    sample = "continuations/first-line-only"
    assert readings(sample) == expected(sample)


def test_a_here_document_is_the_commands_own_whatever_its_lines_look_like() -> None:
    """Empty lines, sharps, prompts and quoted delimiters in it; output may follow at once."""
    sample = "continuations/heredoc"
    assert readings(sample) == expected(sample)


def test_a_here_document_that_writes_a_file_stays_a_command() -> None:
    """That is what a person types."""
    sample = "continuations/heredoc-file"
    assert readings(sample) == expected(sample)


def test_a_here_document_without_its_end_is_doubtful() -> None:
    """Nothing tells where it ends."""
    sample = "continuations/heredoc-open"
    assert readings(sample) == expected(sample)
