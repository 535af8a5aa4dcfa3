"""A code block with all that may tell what it is: plain data, made from the doctree."""

from __future__ import annotations

from attrs import field, frozen

from runbook.model import Action, Location, Reading


@frozen
class Block:
    """A block as its author wrote it, and what stands around it.

    `location` is that of the block's first line; the lines of `text` keep their trailing
    blanks. `directive` is the directive's name, or `::` for a block without one. `language`
    is the one that the author named for this block, or `None`; `default` the one that
    blocks without a language have there. `before` and `after` are the texts of the paragraphs
    next to it, without markup. `headings` are those above it, the outermost first. `labels`
    are titles of the tabs, admonitions and list items that it stands in, the outermost first.
    `path` is the file's if the text names one as the block's title.
    """

    text: str
    location: Location
    directive: str = "::"
    language: str | None = None
    default: str = "default"
    options: dict[str, str] = field(factory=dict)
    before: str = ""
    after: str = ""
    headings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    path: str | None = None


@frozen
class Sentence:
    """A paragraph with commands in its text: `literals` are its literal and strong parts."""

    text: str
    location: Location
    literals: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@frozen
class Proposal:
    """What a block was taken for, and the actions that a step of it would have."""

    reading: Reading
    actions: tuple[Action, ...] = ()
