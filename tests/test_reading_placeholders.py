"""What stands for something else, and the general forms of commands."""

from __future__ import annotations

from tests.reading import expected, readings


def test_what_the_reader_must_replace_is_listed() -> None:
    """In brackets, braces, capitals; an unset variable; an address of a private network."""
    sample = "placeholders/kinds"
    assert readings(sample) == expected(sample)


def test_a_name_in_capitals_that_ends_like_a_secret_is_one() -> None:
    """As in installation guides."""
    sample = "placeholders/password"
    assert readings(sample) == expected(sample)


def test_what_only_looks_like_a_placeholder_is_none() -> None:
    """Another program's variables, templates, redirections, markup, the shell's own."""
    sample = "placeholders/lookalikes"
    assert readings(sample) == expected(sample)


def test_a_variable_that_the_document_sets_is_no_placeholder() -> None:
    """In an earlier block or in a loop."""
    sample = "placeholders/set-before"
    assert readings(sample) == expected(sample)


def test_the_general_form_of_a_command_cannot_be_typed() -> None:
    """Optional parts, alternatives, repetitions, and parts that go on below."""
    sample = "placeholders/synopsis"
    assert readings(sample) == expected(sample)


def test_a_general_form_among_commands_makes_the_block_doubtful() -> None:
    """The step would lack one of its commands."""
    sample = "placeholders/synopsis-among-commands"
    assert readings(sample) == expected(sample)


def test_brackets_and_pipes_of_the_shell_make_no_synopsis() -> None:
    """Tests, patterns and pipelines are typed as they stand."""
    sample = "placeholders/no-synopsis"
    assert readings(sample) == expected(sample)
