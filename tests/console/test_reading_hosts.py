"""On which hosts a block is to be followed."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_a_role_in_the_sentence_names_the_host() -> None:
    """In the words of the text."""
    sample = "hosts/role"
    assert readings(sample) == expected(sample)


def test_every_server_means_all_hosts() -> None:
    """Or all with a role."""
    sample = "hosts/every"
    assert readings(sample) == expected(sample)


def test_a_role_in_front_of_a_path_is_the_host_of_the_file() -> None:
    """It is not part of the path."""
    sample = "hosts/glued"
    assert readings(sample) == expected(sample)


def test_a_heading_names_the_host_of_its_section() -> None:
    """Unless something nearer does."""
    sample = "hosts/heading"
    assert readings(sample) == expected(sample)
