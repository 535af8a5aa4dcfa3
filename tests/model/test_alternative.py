"""Which of several alternatives is taken."""

from __future__ import annotations

import pytest
from attrs import evolve

from runbook.model.alternative import Alternative, choice_value, chosen_title, fits, not_taken

ONE = Alternative("install", "From packages", ("From packages", "From source"), "From packages")
OTHER = evolve(ONE, title="From source")


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [
        ({}, ONE),
        ({"install": "from-source"}, OTHER),
        ({"install": "from-packages"}, ONE),
        ({"elsewhere": "from-source"}, OTHER),
        ({"install": "from-nowhere"}, ONE),
        ({"elsewhere": "from-source", "install": "from-packages"}, ONE),
    ],
)
def test_one_is_taken_and_the_others_are_not(chosen: dict[str, str], taken: Alternative) -> None:
    """The chosen one by its own name, then by any name, then the first."""
    assert [one for one in (ONE, OTHER) if not not_taken(one, chosen)] == [taken]


def test_the_reason_names_what_was_taken_and_how_to_take_the_other() -> None:
    """As it is typed."""
    assert not_taken(OTHER, {}) == (
        'alternative "From source"; "From packages" was taken; '
        "--choose install=from-source takes this one"
    )
    assert chosen_title(OTHER, {"install": choice_value("From source")}) == "From source"


@pytest.mark.parametrize(
    ("platform", "names", "expected"),
    [
        ("debian12", ("debian12",), True),
        ("debian12", ("debian",), True),
        ("debian12", ("debian11",), False),
        ("opensuse-leap15", ("opensuse-leap",), True),
        ("arch", ("arch",), True),
        ("el9", ("fedora",), False),
    ],
)
def test_a_platform_without_a_version_stands_for_all_versions(
    platform: str, names: tuple[str, ...], *, expected: bool
) -> None:
    """One with a version only for that."""
    assert fits(platform, names) is expected
