"""Alternatives of a guide: several ways to the same end, of which a reader takes one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from attrs import frozen


@frozen
class Alternative:
    """One of several ways to the same end, such as a tab of a set of tabs.

    `group` is the name under which the operator chooses, `title` that of this way as the page
    has it, and `titles` those of all in its order. Where the operator chooses nothing, one that
    is for some `platforms` is taken there, and elsewhere the one with the title `first`, except on
    the `other_platforms` that another one is for.
    """

    group: str
    title: str
    titles: tuple[str, ...]
    first: str
    platforms: tuple[str, ...] = ()
    other_platforms: tuple[str, ...] = ()


def choice_value(title: str) -> str:
    """Return how the operator writes a title in a choice: in lower case, with `-` for spaces."""
    return re.sub(r"[\W_]+", "-", title.lower()).strip("-")


def chosen_title(alternative: Alternative, chosen: Mapping[str, str]) -> str | None:
    """Return which title of the group the operator has `chosen`, or `None` if none.

    A value that was chosen under another name counts too: who chose `docker` once means it
    wherever there is a choice with Docker.
    """
    titles = {choice_value(title): title for title in reversed(alternative.titles)}
    values = [chosen.get(alternative.group), *chosen.values()]
    return next((titles[value] for value in values if value in titles), None)


def not_taken(alternative: Alternative, chosen: Mapping[str, str]) -> str:
    """Return why this way is not taken, given what is `chosen` by name; empty if it is."""
    taken = chosen_title(alternative, chosen) or alternative.first
    if taken == alternative.title:
        return ""
    option = f"--choose {alternative.group}={choice_value(alternative.title)}"
    return f'alternative "{alternative.title}"; "{taken}" was taken; {option} takes this one'


def fits(platform: str, names: Collection[str]) -> bool:
    """Return whether `platform` is one of `names`; one without a version is for all versions."""
    return platform in names or platform.rstrip("0123456789") in names
