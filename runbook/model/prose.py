"""The prose of a document: its headings and paragraphs, without code."""

from __future__ import annotations

from attrs import frozen

from runbook.model.location import Location


@frozen
class Prose:
    """A heading, a paragraph or the like.

    `text` has the lines of the source, so that a place in it has a line; code in it is left out.
    """

    text: str
    location: Location


@frozen
class Section:
    """A section of a document, by its heading."""

    title: str
    location: Location
