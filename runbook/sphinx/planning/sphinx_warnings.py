"""Sphinx's warnings, kept between builds: Sphinx reports a document only when it reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PARTS: Final = re.compile(
    r"(?:(?P<location>[^\s:][^:\n]*(?::\d+)?): )?"
    r"(?P<level>WARNING|ERROR|CRITICAL): (?P<message>.*)",
    re.DOTALL,
)
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\[\d+\]|\b[\w.]+\.(?:\s|\Z)")
_MAX_SIMILAR: Final = 5
_LINE: Final = re.compile(r":\d+\Z|:<[^>]*>\Z")


@frozen
class SphinxWarning:
    """One warning of Sphinx's, with paths relative to the guide's directory.

    `document` is the document that it is about, if known. `whole` is true of a warning about the
    guide as a whole, which is not due to the reading of one document.
    """

    text: str
    document: str | None = None
    whole: bool = False

    @property
    def is_error(self) -> bool:
        """Whether Sphinx calls it an error."""
        found = _PARTS.match(self.text)
        return found is not None and found["level"] != "WARNING"

    def parts(self) -> tuple[str, str]:
        """Return the location, which may be empty, and the first line of the message."""
        found = _PARTS.match(self.text)
        if found is None:
            return "", self.text.split("\n")[0]
        return found["location"] or "", found["message"].split("\n")[0]


class WarningRecorder(StringIO):
    """A stream that records the warnings of one build; Sphinx writes each in one call."""

    def __init__(self, guide: Path) -> None:
        super().__init__()
        self.warnings: list[SphinxWarning] = []
        self._prefix = f"{guide}{os.sep}"
        self._env: BuildEnvironment | None = None
        self._reading: str | None = None
        self._read: frozenset[str] = frozenset()
        self._whole = False
        self._checked = False

    def attach(self, app: Sphinx) -> None:
        """Follow which document `app` is reading."""
        app.connect("env-before-read-docs", self._before_read_docs)
        app.connect("source-read", self._source_read)
        app.connect("env-updated", self._env_updated, priority=1)
        app.connect("env-check-consistency", self._check_consistency, priority=1)

    def follow(self, docname: str) -> None:
        """Forget the warnings so far; those that come next are due to reading one document."""
        self.warnings.clear()
        self._reading, self._whole = docname, False

    def write(self, text: str, /) -> int:
        """Record one warning."""
        warning = _COLOUR.sub("", text).strip().replace(self._prefix, "")
        if warning:
            document = None if self._env is None or self._whole else self._document(warning)
            self.warnings.append(SphinxWarning(warning, document, self._whole))
        return len(text)

    def merged(self, earlier: Iterable[SphinxWarning]) -> list[SphinxWarning]:
        """Return the `earlier` builds' warnings that still hold, then those of this build."""
        env = self._env
        if env is None:
            return self.warnings
        touched = {str(path) for name in self._read for path in env.dependencies.get(name, ())}
        still_valid = [
            one
            for one in earlier
            if (
                not self._checked
                if one.whole
                else one.document in env.all_docs and one.document not in self._read
                if one.document is not None
                else _LINE.sub("", one.parts()[0]) not in touched
            )
        ]
        return [*still_valid, *self.warnings]

    @staticmethod
    def needs_saving(one: SphinxWarning) -> bool:
        """Tell whether the next build may not repeat the warning by itself."""
        return one.whole or one.document is not None

    def _document(self, text: str) -> str | None:
        assert self._env is not None  # noqa: S101  # checked by the caller
        path = _LINE.sub("", SphinxWarning(text).parts()[0])
        name = self._env.path2doc(path) if path else None
        return name if name in self._env.found_docs else self._reading

    def _before_read_docs(self, _: Sphinx, env: BuildEnvironment, names: Collection[str]) -> None:
        self._env, self._read = env, frozenset(names)

    def _source_read(self, _: Sphinx, docname: str, __: Any) -> None:
        self._reading = docname

    def _env_updated(self, *_: Any) -> None:
        self._whole, self._reading = True, None

    def _check_consistency(self, *_: Any) -> None:
        self._checked = True


def grouped(warnings: Iterable[tuple[str, str]], *, similar: bool = False) -> Iterator[str]:
    """Yield a line for each message with its locations; `warnings` are locations and messages.

    With `similar`, many messages that differ only in the names they quote share one line.
    """
    locations: dict[str, list[str]] = {}
    for location, message in warnings:
        locations.setdefault(message, []).append(location)
    groups: dict[str, list[str]] = {}
    for message in locations:
        groups.setdefault(_QUOTED.sub("", message) if similar else message, []).append(message)
    for messages in groups.values():
        many = len(messages) > _MAX_SIMILAR
        for message in messages[:1] if many else messages:
            yield _line(message, locations[message], len(messages) - 1 if many else 0)


def _line(message: str, locations: list[str], others: int) -> str:
    more = f" (and {others} more like this)" if others else ""
    if len(locations) == 1:
        prefix = f"{locations[0]}: " if locations[0] else ""
        return f"{prefix}WARNING: {message}{more}"
    first = next((location for location in locations if location), "")
    beginning = f", first at {first}" if first else ""
    return f"WARNING: {message} ({len(locations)} times{beginning}){more}"
