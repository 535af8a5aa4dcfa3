"""Commands within sentences, and blocks that are no commands."""

from __future__ import annotations

from tests.reading import expected, readings


def test_commands_within_a_sentence_are_a_persons_task() -> None:
    """They are listed, and there is nothing to run."""
    sample = "prose/sentence"
    assert readings(sample) == expected(sample)


def test_commands_in_a_note_are_a_persons_task() -> None:
    """As in any other sentence."""
    sample = "prose/note"
    assert readings(sample) == expected(sample)


def test_a_paragraph_that_begins_with_a_prompt_is_a_persons_task() -> None:
    """The author forgot to make a block of it."""
    sample = "prose/behind-a-prompt"
    assert readings(sample) == expected(sample)


def test_a_sentence_in_a_block_is_not_typed() -> None:
    """Even where a command's name begins it."""
    sample = "prose/sentences-in-blocks"
    assert readings(sample) == expected(sample)


def test_a_parsed_literal_is_typed_without_the_escapes_of_its_markup() -> None:
    """A backslash kept a link from being made; a value may stand at a line's end."""
    sample = "prose/parsed-literal"
    assert readings(sample) == expected(sample)


def test_commands_of_another_system_are_not_typed() -> None:
    """The shells of Windows are none of ours."""
    sample = "prose/another-system"
    assert readings(sample) == expected(sample)


def test_a_block_of_another_language_is_no_command() -> None:
    """Unless its prompts can be nothing else."""
    sample = "prose/another-language"
    assert readings(sample) == expected(sample)
