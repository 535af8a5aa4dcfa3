"""What stands for something else, and the general forms of commands."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_placeholders_are_listed() -> None:
    """Brackets, braces, capitals, unset variables, addresses of private networks."""
    sample = "placeholders/kinds"
    assert readings(sample) == expected(sample)


def test_a_capitalised_name_with_the_suffix_of_a_secret_is_a_placeholder() -> None:
    """As in installation guides."""
    sample = "placeholders/password"
    assert readings(sample) == expected(sample)


def test_lookalikes_are_not_placeholders() -> None:
    """Variables of other programs, templates, redirections, markup, the shell's own variables."""
    sample = "placeholders/lookalikes"
    assert readings(sample) == expected(sample)


def test_a_variable_that_the_document_sets_is_not_a_placeholder() -> None:
    """Whether in an earlier block or in a loop."""
    sample = "placeholders/set-before"
    assert readings(sample) == expected(sample)


def test_a_synopsis_is_not_typed() -> None:
    """Optional parts, alternatives, repetitions, and parts continued on the next line."""
    sample = "placeholders/synopsis"
    assert readings(sample) == expected(sample)


def test_a_synopsis_among_commands_makes_the_block_doubtful() -> None:
    """The step would lack one of its commands."""
    sample = "placeholders/synopsis-among-commands"
    assert readings(sample) == expected(sample)


def test_shell_brackets_and_pipes_do_not_make_a_synopsis() -> None:
    """Tests, patterns and pipelines are typed as they stand."""
    sample = "placeholders/no-synopsis"
    assert readings(sample) == expected(sample)
