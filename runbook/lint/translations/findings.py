"""All that is odd in the catalogues of a language."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from attrs import frozen

from runbook.lint.finding import Finding, FindingKind
from runbook.lint.translations import catalogue
from runbook.lint.translations.catalogue import Translation
from runbook.lint.translations.parts import changes
from runbook.lint.translations.style import style_problems
from runbook.lint.translations.terms import Terms, term_problems
from runbook.model import Location

_LONGEST = 90
"""Characters of a message that a finding quotes."""


@frozen
class Expected:
    """What the catalogues of a language have to translate, and how.

    `messages` are those of the documents, by the path of the catalogue without a suffix.
    `questions` are those of programs, which are quoted as the program asks them.
    """

    language: str
    messages: Mapping[Path, Collection[str]]
    terms: Terms
    questions: Collection[str] = ()


def translation_findings(
    directory: Path, expected: Expected, relative_to: Path
) -> Iterator[Finding]:
    """Yield what is odd in the catalogues below `directory`, that of a language's messages."""
    for name, messages in expected.messages.items():
        path = directory / name.with_suffix(".po")
        shown = path.relative_to(relative_to).as_posix()
        if not path.is_file():
            if messages:
                yield Finding(
                    Location(shown, 1),
                    FindingKind.UNTRANSLATED,
                    "there is no such catalogue; `runbook translations` makes it",
                )
            continue
        yield from _of_catalogue(path, shown, messages, expected)
    known = {directory / name.with_suffix(".po") for name in expected.messages}
    for path in sorted(directory.rglob("*.po")):
        if path not in known and path.name != "sphinx_runbook.po":
            yield Finding(
                Location(path.relative_to(relative_to).as_posix(), 1),
                FindingKind.OBSOLETE,
                "the guide has no document of this name",
            )


def _of_catalogue(
    path: Path, shown: str, messages: Collection[str], expected: Expected
) -> Iterator[Finding]:
    found = catalogue.read(path)
    wanted = set(messages)
    for one in found.translations:
        where = Location(shown, one.line)
        if one.original not in wanted:
            yield Finding(
                where,
                FindingKind.OBSOLETE,
                f"no document says this any more: {_quoted(one.original)}",
            )
            continue
        for kind, message in message_problems(one, expected):
            yield Finding(where, kind, message)
    for one in found.obsolete:
        yield Finding(
            Location(shown, one.line),
            FindingKind.OBSOLETE,
            f"it is only kept, no document says it: {_quoted(one.original)}; "
            "`runbook translations --prune` removes it",
        )
    there = {one.original for one in found.translations}
    for message in messages:
        if message not in there:
            yield Finding(
                Location(shown, 1),
                FindingKind.UNTRANSLATED,
                f"it lacks the message {_quoted(message)}; `runbook translations` adds it",
            )


def message_problems(one: Translation, expected: Expected) -> Iterator[tuple[FindingKind, str]]:
    """Yield what is odd in one translation."""
    if one.fuzzy:
        yield FindingKind.OUTDATED, _outdated(one)
        return
    if not one.translated.strip():
        yield FindingKind.UNTRANSLATED, f"it is not translated: {_quoted(one.original)}"
        return
    if one.original in expected.questions and one.original not in one.translated:
        yield (
            FindingKind.TRANSLATION,
            f"it does not quote the question as the program asks it: {_quoted(one.original)}",
        )
    for problem in changes(one.original, one.translated):
        yield FindingKind.TRANSLATION, f"{problem}: {_quoted(one.original)}"
    if one.original == one.translated:
        return
    for problem in style_problems(expected.language, one.translated):
        yield FindingKind.TRANSLATION_STYLE, problem
    for problem in term_problems(expected.terms, one.original, one.translated, one.comments):
        yield FindingKind.TRANSLATION_TERM, f"{problem}: {_quoted(one.original)}"


def _outdated(one: Translation) -> str:
    if not one.previous:
        return f"it is marked as fuzzy, so that pages do not show it: {_quoted(one.original)}"
    before, after = _differing(one.previous, one.original)
    return (
        f'the English has changed since it was translated, from "{before}" to '
        f'"{after}"; translate it again, and remove the mark fuzzy'
    )


def _differing(before: str, after: str) -> tuple[str, str]:
    """Return two long texts without the words that they have in common at both ends."""
    if len(before) + len(after) <= 2 * _LONGEST:
        return before, after
    old, new = before.split(" "), after.split(" ")
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changed = [one for one in blocks if one[0] != "equal"]
    if not changed:
        return before, after
    first, last = changed[0], changed[-1]
    return (
        _cut(old, first[1], last[2]),
        _cut(new, first[3], last[4]),
    )


def _cut(words: list[str], start: int, end: int) -> str:
    """Return the words from `start` to `end` with some around them."""
    around = 4
    begin = max(0, start - around)
    text = " ".join(words[begin : end + around])
    return ("... " if begin else "") + text + (" ..." if end + around < len(words) else "")


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f'"{text if len(text) <= _LONGEST else text[: _LONGEST - 3].rstrip() + "..."}"'
