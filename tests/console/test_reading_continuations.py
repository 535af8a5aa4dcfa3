"""Commands of several lines: continuations, compound commands and here-documents."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_continued_lines_are_one_command() -> None:
    """No space before the backslash, odd indentation, or a missing backslash."""
    sample = "continuations/backslash"
    assert readings(sample) == expected(sample)


def test_a_comment_after_a_trailing_backslash_is_not_typed() -> None:
    """It would end the continuation."""
    sample = "continuations/comment-between"
    assert readings(sample) == expected(sample)


def test_a_backslash_with_nothing_after_it_is_removed() -> None:
    """The author truncated the command."""
    sample = "continuations/nothing-follows"
    assert readings(sample) == expected(sample)


def test_a_prompt_repeated_on_a_continuation_is_not_typed() -> None:
    """Some authors put it before every line."""
    sample = "continuations/repeated-prompt"
    assert readings(sample) == expected(sample)


def test_the_continuation_prompt_of_a_shell_is_not_typed() -> None:
    """The shell printed it."""
    sample = "continuations/second-prompt"
    assert readings(sample) == expected(sample)


def test_a_trailing_pipe_continues_the_command() -> None:
    """So do two trailing ampersands."""
    sample = "continuations/pipe"
    assert readings(sample) == expected(sample)


def test_a_compound_command_may_have_a_prompt_on_its_first_line_only() -> None:
    """The shell would prompt for the other lines."""
    sample = "continuations/first-line-only"
    assert readings(sample) == expected(sample)


def test_a_here_document_belongs_to_its_command_whatever_it_contains() -> None:
    """Empty lines, hashes, prompts and quoted delimiters; output may follow directly."""
    sample = "continuations/heredoc"
    assert readings(sample) == expected(sample)


def test_a_here_document_that_writes_a_file_is_a_command() -> None:
    """That is what a person types."""
    sample = "continuations/heredoc-file"
    assert readings(sample) == expected(sample)


def test_an_unterminated_here_document_is_doubtful() -> None:
    """Nothing tells where it ends."""
    sample = "continuations/heredoc-open"
    assert readings(sample) == expected(sample)


def test_indented_lines_continue_a_command_whose_backslash_is_missing() -> None:
    """That is doubtful; lists of options, output and further commands continue nothing."""
    sample = "continuations/indented"
    assert readings(sample) == expected(sample)


def test_a_prompt_after_a_backslash_may_start_a_command_or_continue_one() -> None:
    """A single word or a path continues it."""
    sample = "continuations/prompt-after-backslash"
    assert readings(sample) == expected(sample)
