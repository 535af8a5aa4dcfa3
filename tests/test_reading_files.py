"""Blocks that are a file's text, or an edit of one."""

from __future__ import annotations

from tests.reading import expected, readings


def test_an_italic_path_above_a_block_is_its_files() -> None:
    """The block is all of the file."""
    sample = "files/italic-path"
    assert readings(sample) == expected(sample)


def test_a_path_in_the_sentence_is_the_files() -> None:
    """With or without a host in front."""
    sample = "files/path-in-the-sentence"
    assert readings(sample) == expected(sample)


def test_an_editor_and_a_fragment_are_an_edit_of_the_file() -> None:
    """Nobody can run an editor unattended, and a fragment is not the file."""
    sample = "files/editor"
    assert readings(sample) == expected(sample)


def test_a_file_that_is_shown_to_be_written_is_a_file() -> None:
    """But one that is looked at is output."""
    sample = "files/shown"
    assert readings(sample) == expected(sample)


def test_keys_to_set_in_a_section_are_an_edit_of_the_section() -> None:
    """If the block has nothing but the section and its keys."""
    sample = "files/section"
    assert readings(sample) == expected(sample)


def test_lines_to_add_to_a_file_are_an_edit_of_it() -> None:
    """They need not be all of it."""
    sample = "files/added"
    assert readings(sample) == expected(sample)


def test_a_file_of_which_something_was_left_out_is_not_written() -> None:
    """What stands there would not be the file."""
    sample = "files/left-out"
    assert readings(sample) == expected(sample)


def test_a_line_that_becomes_another_is_a_persons_edit() -> None:
    """Even if the new line could be typed."""
    sample = "files/line-becomes"
    assert readings(sample) == expected(sample)


def test_an_old_line_and_its_new_one_belong_to_the_same_file() -> None:
    """Neither is all of it."""
    sample = "files/old-and-new"
    assert readings(sample) == expected(sample)


def test_a_script_that_begins_with_its_interpreter_is_a_file() -> None:
    """Its lines are not typed one by one."""
    sample = "files/script"
    assert readings(sample) == expected(sample)


def test_variables_that_a_file_sets_are_not_typed() -> None:
    """The file is sourced instead."""
    sample = "files/environment"
    assert readings(sample) == expected(sample)
