"""Blocks that show a file, or an edit of one."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_an_italic_path_above_a_block_names_its_file() -> None:
    """Nothing says that the block is the whole file, so it is not written."""
    sample = "files/italic-path"
    assert readings(sample) == expected(sample)


def test_a_path_in_the_sentence_names_the_file() -> None:
    """With or without a host in front."""
    sample = "files/path-in-the-sentence"
    assert readings(sample) == expected(sample)


def test_an_editor_followed_by_a_fragment_is_an_edit_of_the_file() -> None:
    """An editor cannot run unattended, and a fragment is not the whole file."""
    sample = "files/editor"
    assert readings(sample) == expected(sample)


def test_a_file_that_is_shown_to_be_written_is_a_file() -> None:
    """One that is only inspected is output."""
    sample = "files/shown"
    assert readings(sample) == expected(sample)


def test_keys_to_set_in_a_section_are_an_edit_of_the_section() -> None:
    """If the block contains only the section and its keys."""
    sample = "files/section"
    assert readings(sample) == expected(sample)


def test_lines_to_add_to_a_file_are_an_edit_of_it() -> None:
    """They need not be the whole file."""
    sample = "files/added"
    assert readings(sample) == expected(sample)


def test_a_file_with_elisions_is_not_written() -> None:
    """The block is not the real file."""
    sample = "files/left-out"
    assert readings(sample) == expected(sample)


def test_replacing_a_line_is_left_to_a_person() -> None:
    """Even if the new line could be typed."""
    sample = "files/line-becomes"
    assert readings(sample) == expected(sample)


def test_an_old_line_and_its_new_one_belong_to_the_same_file() -> None:
    """Neither is the whole file."""
    sample = "files/old-and-new"
    assert readings(sample) == expected(sample)


def test_a_script_with_a_shebang_line_is_a_file() -> None:
    """Its lines are not typed one by one."""
    sample = "files/script"
    assert readings(sample) == expected(sample)


def test_variables_that_a_file_sets_are_not_typed() -> None:
    """The file is sourced instead."""
    sample = "files/environment"
    assert readings(sample) == expected(sample)


def test_a_block_is_the_whole_file_if_words_say_so() -> None:
    """Create it, with this content, the complete file."""
    sample = "files/whole"
    assert readings(sample) == expected(sample)


def test_a_block_of_which_no_words_say_that_it_is_all_is_not_written() -> None:
    """It may be an excerpt, an example, or what is there already."""
    sample = "files/excerpts"
    assert readings(sample) == expected(sample)


def test_what_is_no_file_of_an_operator_is_never_written() -> None:
    """A log, a device, a directory, a program that the text runs."""
    sample = "files/untouchable"
    assert readings(sample) == expected(sample)


def test_a_file_that_the_system_has_is_replaced_with_consent_only() -> None:
    """A file in a directory for additions is a new one."""
    sample = "files/system"
    assert readings(sample) == expected(sample)


def test_lines_to_add_leave_the_other_lines_alone() -> None:
    """If their place matters it takes consent, and a block of several lines is left to a person."""
    sample = "files/lines"
    assert readings(sample) == expected(sample)


def test_settings_to_change_are_changed_where_they_are() -> None:
    """In their sections; those with several values, or among other lines, are left to a person."""
    sample = "files/settings"
    assert readings(sample) == expected(sample)
