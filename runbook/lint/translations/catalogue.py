"""Catalogues of a guide: the files in which a translator works, and how they are renewed."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, denormalize, read_po, write_po

from runbook.errors import RunbookError

MESSAGES: Final = "LC_MESSAGES"
"""The directory of a language's catalogues, within that of the language."""

_CHURNING: Final = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By|'
    r'Report-Msgid-Bugs-To|Project-Id-Version): .*"\n',
    re.MULTILINE,
)
"""Lines of a header that would change without a change of a message, or say nothing."""


_LITERAL: Final = re.compile(r"``[^`]+``")
"""A message that is only a literal, which is the same in all languages."""

_LONG: Final = 20
"""Characters that a message has at least of which another one is told to be the new form."""

_ALIKE: Final = 0.7
"""How much of two messages is the same if one is the new form of the other."""


class CatalogueError(RunbookError):
    """A catalogue cannot be read."""


@frozen
class Translation:
    """A message of a catalogue with its translation, and the line where it stands."""

    original: str
    translated: str
    line: int
    fuzzy: bool = False
    previous: str = ""
    """The original that was translated, if it has changed since."""
    comments: tuple[str, ...] = ()
    """What the translator says about it."""


@frozen
class Catalogue:
    """The translations in one file, and those that it only keeps."""

    path: Path
    translations: tuple[Translation, ...]
    obsolete: tuple[Translation, ...]


def languages(directory: Path) -> list[str]:
    """Return the languages that have catalogues in a directory of a guide."""
    if not directory.is_dir():
        return []
    return sorted(one.name for one in directory.iterdir() if (one / MESSAGES).is_dir())


def read(path: Path) -> Catalogue:
    """Return what is in the catalogue at `path`.

    Raises:
        CatalogueError: it is not one.

    """
    catalog = _read(path)
    return Catalogue(
        path,
        tuple(_translation(one) for one in catalog if one.id),
        tuple(_translation(one) for one in catalog.obsolete.values()),
    )


def _translation(message: Message) -> Translation:
    previous = message.previous_id[0] if message.previous_id else ""
    return Translation(
        _text(message.id),
        _text(message.string),
        message.lineno or 1,
        message.fuzzy,
        previous,
        tuple(message.user_comments),
    )


def _text(words: object) -> str:
    """Return a message, of which a document has one form only."""
    if isinstance(words, list | tuple):
        return str(words[0])
    return str(words or "")


def _read(path: Path) -> Catalog:
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise CatalogueError(f"{path}:{error.lineno + 1}: {error}") from error
    except (UnicodeDecodeError, ValueError) as error:
        raise CatalogueError(f"{path}:1: this is not a catalogue in UTF-8: {error}") from error
    for message in (*catalog, *catalog.obsolete.values()):
        _note_previous(message)
    return catalog


def _note_previous(message: Message) -> None:
    """Give a message the one that was translated, which Babel writes and reads as a comment."""
    lines = [one.removeprefix("|").strip() for one in message.user_comments if one.startswith("|")]
    if lines:
        message.user_comments = [one for one in message.user_comments if not one.startswith("|")]
        if lines[0].startswith("msgid "):
            # Babel breaks long comments at spaces, within the quotation marks.
            text = "".join(f"\n{one}" if one.startswith('"') else f" {one}" for one in lines)
            message.previous_id = [denormalize(text.strip().removeprefix("msgid ").strip())]


def templates(directory: Path) -> dict[Path, tuple[str, ...]]:
    """Return the messages of the templates below `directory`, by their paths without a suffix."""
    return {
        path.relative_to(directory).with_suffix(""): tuple(
            _text(message.id) for message in _read(path) if message.id
        )
        for path in sorted(directory.rglob("*.pot"))
    }


def renew(
    path: Path,
    language: str,
    messages: Iterable[str],
    known: Mapping[str, str],
    title: str,
    *,
    prune: bool = False,
) -> str:
    """Return the text of the catalogue at `path`, which need not exist, with these `messages`.

    A translation stays with its message. One of a message that has changed is kept for it, and
    marked with the old message; one of a message that is gone is kept at the end. `known` has
    translations of the same messages in other catalogues.
    """
    template = Catalog(fuzzy=False)
    for message in messages:
        template.add(message)
    catalog = _read(path) if path.exists() else Catalog(fuzzy=False)
    before = {one.id: one for one in catalog}
    catalog.update(template, update_header_comment=False)
    for one in list(catalog):
        if one.fuzzy and not one.previous_id and one.id in before:
            one.previous_id = before[one.id].previous_id
        elif one.fuzzy and not _is_alike(one):
            # Babel takes far too much for a change; what it was is kept, and not for this one.
            previous = one.previous_id[0]
            one.string, one.previous_id = "", []
            one.flags.discard("fuzzy")
            if previous not in catalog:
                catalog.obsolete[previous] = before[previous]
        _complete(one, known)
    if prune:
        catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = f"# {title}: {language}."
    catalog.locale = _locale(language)
    return _written(catalog, language)


def _is_alike(message: Message) -> bool:
    """Return whether a message may be a changed one, and not a new one like another."""
    if not message.previous_id:
        return True
    before, after = message.previous_id[0], _text(message.id)
    long = min(len(before), len(after)) >= _LONG
    return long and difflib.SequenceMatcher(None, before, after, autojunk=False).ratio() >= _ALIKE


def _written(catalog: Catalog, language: str) -> str:
    written = io.BytesIO()
    # Not 0: previous messages would still be broken into lines.
    write_po(written, catalog, width=1_000_000, include_previous=True)
    text = _CHURNING.sub("", written.getvalue().decode())
    return re.sub(r'^"Language: .*"\n', f'"Language: {language}\\\\n"\n', text, flags=re.MULTILINE)


def words_for(language: str, words: Path) -> str:
    """Return the text of a new catalogue for the interface's own words.

    `words` is the catalogue of another language, which has them all.
    """
    catalog = Catalog(fuzzy=False, locale=_locale(language))
    for message in _read(words):
        if message.id:
            catalog.add(
                message.id,
                locations=[(name, 0) for name, _line in message.locations],
                flags=message.flags,
            )
    catalog.header_comment = f"# The interface's own words: {language}."
    return _written(catalog, language)


def _complete(message: Message, known: Mapping[str, str]) -> None:
    """Give a message the translation that it has elsewhere, and take away where it stands."""
    original = _text(message.id)
    text = original if _LITERAL.fullmatch(original) else known.get(original, "")
    if text and (message.fuzzy or not message.string):
        message.string = text
        message.flags.discard("fuzzy")
        message.previous_id = []
    message.locations = []
    message.auto_comments = []


def _locale(language: str) -> str | None:
    try:
        return str(Locale.parse(language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return None


def translated(catalogues: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield the messages of catalogues with their translations, of those that are up to date."""
    for path in catalogues:
        for one in read(path).translations:
            if one.translated and not one.fuzzy:
                yield one.original, one.translated
