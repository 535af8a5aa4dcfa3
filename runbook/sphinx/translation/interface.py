"""The interface's own words in the language of the guide: labels, dates, durations, statuses.

They come from catalogues named `sphinx_runbook.po`, those of the guide before ours. Catalogues are
read as translators write them, so that nothing has to be compiled where the harness is installed.
"""

from __future__ import annotations

import datetime
import functools
import gettext
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx
from sphinx.config import Config

CATALOGUE: Final = "sphinx_runbook"
"""The name of the catalogues, without a suffix."""

OURS: Final = Path(__file__).parents[1] / "locale"
"""The catalogues that come with the harness."""


class _Words:
    """The language that is in use, and its words."""

    language = "en"
    translations = gettext.NullTranslations()
    paths: tuple[Path, ...] = ()


_words: Final = _Words()


def set_language(app: Sphinx, config: Config) -> None:
    """Use the words of the guide's language; where they have no translation, the English ones."""
    guide = [Path(app.srcdir, one) for one in config.locale_dirs]
    use_language(config.language or "en", guide)


def use_language(language: str, directories: Iterable[Path] = ()) -> None:
    """Use the words of `language`, from the catalogues in `directories` before ours."""
    _words.language = language
    _words.paths = tuple(_catalogues(language, (*directories, OURS)))
    _words.translations = gettext.NullTranslations()
    for path in reversed(_words.paths):
        found = _read(path, path.stat().st_mtime_ns)
        if _words.translations.__class__ is not gettext.NullTranslations:
            found.add_fallback(_words.translations)
        _words.translations = found


def _(message: str) -> str:
    """Return `message` in the language of the guide."""
    return _words.translations.gettext(message)


def N_(message: str) -> str:  # noqa: N802  # gettext's name
    """Return `message`, which is translated where it is shown."""
    return message


def ngettext(one: str, many: str, number: int) -> str:
    """Return the message for `number` things, of which `%s` is the number."""
    return _words.translations.ngettext(one, many, number) % number


def day(started: str) -> str:
    """Return the day of a time in ISO 8601, as the language writes it."""
    from babel.dates import format_date

    try:
        when = datetime.datetime.fromisoformat(started)
    except ValueError:
        return started
    style = "d MMMM y" if _words.language.startswith("en") else "long"
    return format_date(when.date(), style, locale=_locale())


def duration(seconds: float) -> str:
    """Return a duration in words, rounded to what an operator needs."""
    if seconds < 1:
        return _("under 1 s")
    if seconds < 90:
        return _("%s s") % _number(seconds, 0)
    if seconds < 5400:
        return _("%s min") % _number(seconds / 60, 0)
    return _("%s h") % _number(seconds / 3600, 1)


def exact_seconds(seconds: float) -> str:
    """Return a duration in seconds, with one decimal."""
    return _("%s s") % _number(seconds, 1)


def _number(number: float, decimals: int) -> str:
    text = f"{number:.{decimals}f}"
    if _words.language.startswith("en"):
        return text
    from babel.numbers import get_decimal_symbol

    return text.replace(".", get_decimal_symbol(_locale()))


def is_known(language: str) -> bool:
    """Return whether the harness comes with the words of a language."""
    return any(_catalogues(language, [OURS]))


def script_words() -> dict[str, str | list[str]]:
    """Return the translated words of the pages' scripts; several forms of those with a number.

    They are empty if the language has no catalogue.
    """
    found: dict[str, str | list[str]] = {}
    for path in reversed(_words.paths):
        found |= _read_scripts(path, path.stat().st_mtime_ns)
    return found


def plural_rule() -> str:
    """Return the expression for the form of a number `n`, which JavaScript reads as C does."""
    for path in _words.paths:
        rule = _read(path, path.stat().st_mtime_ns).info().get("plural-forms", "")
        expression = rule.partition("plural=")[2].strip(" ;")
        if expression:
            gettext.c2py(expression)  # refuses whatever is not one
            return expression
    return "n != 1"


def _catalogues(language: str, directories: Iterable[Path]) -> Iterator[Path]:
    names = dict.fromkeys((language, language.replace("-", "_"), language.partition("_")[0]))
    for directory in directories:
        for name in names:
            path = directory / name / "LC_MESSAGES" / f"{CATALOGUE}.po"
            if path.is_file():
                yield path


@functools.cache
def _read(path: Path, _changed: int) -> gettext.GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@functools.cache
def _read_scripts(path: Path, _changed: int) -> dict[str, str | list[str]]:
    from babel.messages.pofile import read_po

    found: dict[str, str | list[str]] = {}
    with path.open("rb") as file:
        for message in read_po(file):
            if not any(place.endswith(".js") for place, _line in message.locations):
                continue
            name, text = message.id, message.string
            if message.fuzzy or not name or not text:
                continue
            if isinstance(name, str):
                found[name] = str(text)
            elif all(text):
                found[name[0]] = [str(form) for form in text]
    return found


def _locale() -> str:
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(_words.language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return "en"
