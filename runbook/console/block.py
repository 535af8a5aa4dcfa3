"""Code blocks and what surrounds them, as plain data made from the doctree."""

from __future__ import annotations

from attrs import field, frozen

from runbook.model import Action, Location, Reading


@frozen
class Block:
    """A code block as its author wrote it, with its context.

    `location` is that of the block's first line; the lines of `text` keep their trailing spaces.
    `directive` is the name of the directive, or `::` for a literal block. `language` is the one
    set on this block, or `None`; `default` is the document's highlight language. `before` and
    `after` are the neighbouring paragraphs, without markup. `headings` are the enclosing section
    titles, outermost first. `labels` are the titles of the enclosing tabs, admonitions and list
    items, outermost first. `path` is the file that the title of the block names, if any.
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
    """A paragraph that mentions commands: `literals` are its literal and strong parts."""

    text: str
    location: Location
    literals: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@frozen
class BlockReading:
    """How a block was read, and the actions of the step that it would become."""

    reading: Reading
    actions: tuple[Action, ...] = ()
