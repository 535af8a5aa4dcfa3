"""Titles and sentences that name systems say for which platforms something is."""

from __future__ import annotations

import pytest

from runbook.console.clues.systems import platforms_in, platforms_in_sentence, platforms_of


@pytest.mark.parametrize(
    ("title", "platforms"),
    [
        ("Debian", ("debian",)),
        ("Debian 12 (bookworm)", ("debian12",)),
        ("Ubuntu 22.04 LTS", ("ubuntu22",)),
        ("RHEL 8/9", ("el8", "el9")),
        ("CentOS Stream 9", ("el9",)),
        ("RHEL/CentOS/Rocky/Alma", ("el",)),
        ("RHEL 8 and later", ("el",)),
        ("Fedora 40+", ("fedora",)),
        ("el9", ("el9",)),
        ("Debian and Ubuntu", ("debian", "ubuntu")),
        ("Installing on Debian", ("debian",)),
        ("RPM-based systems", ("el", "fedora")),
        ("openSUSE Leap 15", ("opensuse-leap15",)),
        ("Using apt", ("debian", "ubuntu")),
        ("macOS", ("darwin",)),
        ("Linux", ()),
        ("From source", ()),
        ("Fedora CoreOS", ()),
        ("Debian mirror", ()),
    ],
)
def test_a_title_that_is_the_name_of_systems_stands_for_platforms(
    title: str, platforms: tuple[str, ...]
) -> None:
    """With the versions that it names, unless it names only the oldest or newest."""
    found = platforms_of(title)
    assert found[: len(platforms)] == platforms
    assert bool(found) == bool(platforms)


def test_a_tab_may_say_more_than_the_name_of_its_system() -> None:
    """Its neighbours show that it is one."""
    assert platforms_in("Fedora CoreOS") == ("fedora",)
    assert platforms_in("Docker") == ()


@pytest.mark.parametrize(
    ("sentence", "platforms"),
    [
        ("On Debian:", ("debian",)),
        ("On Fedora, install the package with:", ("fedora",)),
        ("Or on Fedora:", ("fedora",)),
        ("If you use Ubuntu 22.04, run:", ("ubuntu22",)),
        ("Install it on Debian:", ("debian",)),
        ("With apt:", ("debian", "ubuntu")),
        ("For example, on Ubuntu:", ()),
        ("On the server:", ()),
        ("On Debian systems the file differs, see below and edit it:", ()),
        ("Install the package for Fedora CoreOS:", ()),
    ],
)
def test_a_sentence_begins_or_ends_with_the_system_that_it_is_for(
    sentence: str, platforms: tuple[str, ...]
) -> None:
    """One that only mentions a system is for all."""
    assert platforms_in_sentence(sentence) == platforms
