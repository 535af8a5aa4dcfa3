"""On which hosts a block is meant to be followed."""

from __future__ import annotations

from tests.reading import expected, readings


def test_a_role_in_the_sentence_says_which_host() -> None:
    """In the words of the text."""
    sample = "hosts/role"
    assert readings(sample) == expected(sample)


def test_every_server_is_all_of_them() -> None:
    """Or all with a role."""
    sample = "hosts/every"
    assert readings(sample) == expected(sample)


def test_a_role_glued_to_a_path_is_the_files_host() -> None:
    """And no part of the path."""
    sample = "hosts/glued"
    assert readings(sample) == expected(sample)


def test_a_heading_names_the_host_of_what_stands_under_it() -> None:
    """If nothing nearer does."""
    sample = "hosts/heading"
    assert readings(sample) == expected(sample)
