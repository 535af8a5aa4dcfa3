"""`runbook translations` and `runbook lint --translations`: catalogues, renewed and inspected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from runbook.errors import RunbookError
from runbook.lint import Finding
from runbook.lint.translations import catalogue, readme, terms
from runbook.lint.translations.findings import Expected, translation_findings
from runbook.model import Dialogue, Runbook
from runbook.report.text import pluralize
from runbook.results import artefact
from runbook.sphinx.translation import interface
from runbook.sphinx.translation.extraction import Extracted, extract


def renew_catalogues(guide: Path, languages: Sequence[str], *, prune: bool) -> None:
    """Write the catalogues of `languages`, or of those that the guide has, as documents are now.

    With `prune`, translations of what no document says any more are removed.

    Raises:
        RunbookError: the guide or a catalogue cannot be read, or there is no language.

    """
    found = _extracted(guide)
    directory = found.directories[0] if found.directories else guide / "locale"
    languages = languages or catalogue.languages(directory)
    if not languages:
        raise RunbookError(
            f"{directory}: there are no catalogues; name a language, such as "
            "`runbook translations --language fr`"
        )
    messages = catalogue.templates(found.templates)
    for language in languages:
        own = directory / language / catalogue.MESSAGES
        paths = {name: own / name.with_suffix(".po") for name in messages}
        known = dict(catalogue.translated(one for one in paths.values() if one.is_file()))
        changed = left = 0
        words = own / f"{interface.CATALOGUE}.po"
        if not words.is_file() and not interface.is_known(language):
            english = interface.OURS / "en" / catalogue.MESSAGES / words.name
            artefact.write(words, catalogue.words_for(language, english), public=True)
        for name, path in paths.items():
            if not messages[name]:
                continue
            text = catalogue.renew(path, language, messages[name], known, found.title, prune=prune)
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                artefact.write(path, text, public=True)
                changed += 1
            left += sum(
                not one.translated or one.fuzzy for one in catalogue.read(path).translations
            )
        click.echo(
            f"{language}: {pluralize(changed, 'catalogue')} of {len(paths)} written, "
            f"{pluralize(left, 'message')} to translate in {own}"
        )


def inspect_catalogues(
    guide: Path, runbook: Runbook, languages: Sequence[str]
) -> tuple[Finding, ...]:
    """Return what is odd in the catalogues of `languages`, or of all that the guide has.

    Raises:
        RunbookError: the guide or a catalogue cannot be read, or there is no such language.

    """
    found = _extracted(guide)
    directories = {
        language: directory
        for directory in reversed(found.directories)
        for language in catalogue.languages(directory)
    }
    for language in languages:
        if language not in directories:
            there = ", ".join(sorted(directories)) or "none"
            raise RunbookError(
                f"there are no catalogues for the language {language!r}; there are: {there}"
            )
    messages = catalogue.templates(found.templates)
    questions = frozenset(_questions(runbook))
    problems: list[Finding] = []
    for language in languages or sorted(directories):
        directory = directories[language] / language
        expected = Expected(language, messages, terms.load(directory / terms.TERMS), questions)
        problems += translation_findings(directory / catalogue.MESSAGES, expected, guide)
        problems += readme.readme_findings(guide, language, expected.terms)
    return tuple(sorted(problems))


def _questions(runbook: Runbook) -> Iterator[str]:
    for step in runbook.steps():
        for action in step.actions:
            if isinstance(action, Dialogue):
                yield from (turn.prompt for turn in action.turns if turn.prompt)


def _extracted(guide: Path) -> Extracted:
    if not (guide / "conf.py").is_file():
        raise RunbookError(f"{guide}: not a guide: it has no conf.py")
    return extract(guide, guide / "build" / "translations")
