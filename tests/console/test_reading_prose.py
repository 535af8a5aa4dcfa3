"""Commands within sentences, and blocks that are no commands."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_commands_in_a_sentence_are_left_to_a_person() -> None:
    """They are listed but never run."""
    sample = "prose/sentence"
    assert readings(sample) == expected(sample)


def test_commands_in_a_note_are_left_to_a_person() -> None:
    """As in any other sentence."""
    sample = "prose/note"
    assert readings(sample) == expected(sample)


def test_a_paragraph_that_starts_with_a_prompt_is_left_to_a_person() -> None:
    """The author forgot to make it a block."""
    sample = "prose/behind-a-prompt"
    assert readings(sample) == expected(sample)


def test_a_sentence_in_a_block_is_not_typed() -> None:
    """Even if it starts with the name of a command."""
    sample = "prose/sentences-in-blocks"
    assert readings(sample) == expected(sample)


def test_a_parsed_literal_is_typed_without_its_escapes() -> None:
    """A backslash prevents a link; a substitution may end a line."""
    sample = "prose/parsed-literal"
    assert readings(sample) == expected(sample)


def test_windows_commands_are_not_typed() -> None:
    """Neither cmd.exe nor PowerShell is supported."""
    sample = "prose/another-system"
    assert readings(sample) == expected(sample)


def test_a_block_in_another_language_is_not_typed() -> None:
    """Unless its prompts are unmistakable."""
    sample = "prose/another-language"
    assert readings(sample) == expected(sample)
