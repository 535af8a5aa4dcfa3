"""Prompts of shells, in every shape that guides show them."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_a_hash_is_a_prompt_before_a_command_and_a_comment_before_a_sentence() -> None:
    """One block may have both."""
    sample = "prompts/root-and-comment"
    assert readings(sample) == expected(sample)


def test_a_hash_starts_comments_in_a_script_without_prompts() -> None:
    """Even if a comment could be read as a command."""
    sample = "prompts/script-with-comments"
    assert readings(sample) == expected(sample)


def test_a_trailing_comment_is_not_typed() -> None:
    """Whether it starts with a hash or an arrow."""
    sample = "prompts/trailing-comment"
    assert readings(sample) == expected(sample)


def test_a_comment_in_another_script_is_not_typed() -> None:
    """Whatever the language of the guide."""
    sample = "prompts/comment-in-another-script"
    assert readings(sample) == expected(sample)


def test_a_hash_in_quotes_is_typed() -> None:
    """It is part of the command."""
    sample = "prompts/hash-in-quotes"
    assert readings(sample) == expected(sample)


def test_every_form_of_prompt_starts_a_command() -> None:
    """From just a sign to user, host, directory and environment."""
    sample = "prompts/forms"
    assert readings(sample) == expected(sample)


def test_a_malformed_prompt_is_still_a_prompt() -> None:
    """Its space or its bracket is missing."""
    sample = "prompts/without-space"
    assert readings(sample) == expected(sample)


def test_a_single_missing_prompt_is_repaired_with_a_note() -> None:
    """The confidence is lower, and the note names the line."""
    sample = "prompts/missing-once"
    assert readings(sample) == expected(sample)


def test_user_host_and_directory_come_from_the_prompt() -> None:
    """They say where to follow a step."""
    sample = "prompts/shown-shell"
    assert readings(sample) == expected(sample)


def test_the_prompt_of_the_directive_applies_to_every_line() -> None:
    """The page shows it, the source does not."""
    sample = "prompts/given"
    assert readings(sample) == expected(sample)


def test_a_directive_may_name_the_prompt_of_another_program() -> None:
    """A debugger, a database, a router or Windows; a host's name is the prompt of a shell."""
    sample = "prompts/given-program"
    assert readings(sample) == expected(sample)


def test_output_and_prompts_within_a_prompt_directive_are_not_typed() -> None:
    """The author should not have put them there."""
    sample = "prompts/given-output"
    assert readings(sample) == expected(sample)


def test_another_prompt_shows_another_shell() -> None:
    """After a command that opens or leaves one, or before a command; files show such lines too."""
    sample = "prompts/other-sign"
    assert readings(sample) == expected(sample)
