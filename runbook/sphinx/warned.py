"""What Sphinx warned of, kept from build to build: it tells of a document only when it reads it."""

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
    r"(?:(?P<place>[^\s:][^:\n]*(?::\d+)?): )?(?P<level>WARNING|ERROR|CRITICAL): (?P<said>.*)",
    re.DOTALL,
)
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\[\d+\]|\b[\w.]+\.(?:\s|\Z)")
_MANY: Final = 5
_LINE: Final = re.compile(r":\d+\Z|:<[^>]*>\Z")


@frozen
class Warned:
    """One warning of Sphinx's, with paths relative to the guide's directory.

    `document` is the one that it is about, if that is known. `whole` says that it is about the
    documents together, and not of a single one's reading.
    """

    text: str
    document: str | None = None
    whole: bool = False

    @property
    def failure(self) -> bool:
        """Whether Sphinx calls it an error."""
        found = _PARTS.match(self.text)
        return found is not None and found["level"] != "WARNING"

    def parts(self) -> tuple[str, str]:
        """Return the place, which may be empty, and the first line of what is said of it."""
        found = _PARTS.match(self.text)
        if found is None:
            return "", self.text.split("\n")[0]
        return found["place"] or "", found["said"].split("\n")[0]


class Listener(StringIO):
    """Hears Sphinx's warnings of one build; it writes each warning in one piece."""

    def __init__(self, guide: Path) -> None:
        super().__init__()
        self.told: list[Warned] = []
        self._prefix = f"{guide}{os.sep}"
        self._env: BuildEnvironment | None = None
        self._reading: str | None = None
        self._read: frozenset[str] = frozenset()
        self._whole = False
        self._checked = False

    def attach(self, app: Sphinx) -> None:
        """Hear as well what Sphinx is at."""
        app.connect("env-before-read-docs", self._begin)
        app.connect("source-read", self._source)
        app.connect("env-updated", self._joined, priority=1)
        app.connect("env-check-consistency", self._check, priority=1)

    def write(self, text: str, /) -> int:
        """Take one warning."""
        said = _COLOUR.sub("", text).strip().replace(self._prefix, "")
        if said:
            document = None if self._env is None or self._whole else self._document(said)
            self.told.append(Warned(said, document, self._whole))
        return len(text)

    def all(self, before: Iterable[Warned]) -> list[Warned]:
        """Return what there is to say, after what builds `before` this one said and it did not."""
        env = self._env
        if env is None:
            return self.told
        touched = {str(path) for name in self._read for path in env.dependencies.get(name, ())}
        kept = [
            one
            for one in before
            if (
                not self._checked
                if one.whole
                else one.document in env.all_docs and one.document not in self._read
                if one.document is not None
                else _LINE.sub("", one.parts()[0]) not in touched
            )
        ]
        return [*kept, *self.told]

    def keeps(self, one: Warned) -> bool:
        """Tell whether the next build will not repeat a warning by itself."""
        return one.whole or one.document is not None

    def _document(self, said: str) -> str | None:
        assert self._env is not None  # noqa: S101  # the caller has looked
        place = _LINE.sub("", Warned(said).parts()[0])
        name = self._env.path2doc(place) if place else None
        return name if name in self._env.found_docs else self._reading

    def _begin(self, _: Sphinx, env: BuildEnvironment, names: Collection[str]) -> None:
        self._env, self._read = env, frozenset(names)

    def _source(self, _: Sphinx, docname: str, __: Any) -> None:
        self._reading = docname

    def _joined(self, *_: Any) -> None:
        self._whole, self._reading = True, None

    def _check(self, *_: Any) -> None:
        self._checked = True


def folded(said: Iterable[tuple[str, str]], *, alike: bool = False) -> Iterator[str]:
    """Yield a line for each thing that is said of one or many places; `said` is place and words.

    With `alike`, things that differ only in the names they quote are one if they are many.
    """
    places: dict[str, list[str]] = {}
    for place, words in said:
        places.setdefault(words, []).append(place)
    kinds: dict[str, list[str]] = {}
    for words in places:
        kinds.setdefault(_QUOTED.sub("", words) if alike else words, []).append(words)
    for several in kinds.values():
        many = len(several) > _MANY
        for words in several[:1] if many else several:
            yield _line(words, places[words], len(several) - 1 if many else 0)


def _line(words: str, where: list[str], others: int) -> str:
    more = f" (and {others} more like this)" if others else ""
    if len(where) == 1:
        return f"{where[0]}: WARNING: {words}{more}" if where[0] else f"WARNING: {words}{more}"
    first = next((place for place in where if place), "")
    beginning = f", first at {first}" if first else ""
    return f"WARNING: {words} ({len(where)} times{beginning}){more}"
