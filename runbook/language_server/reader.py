"""The process that reads a guide for the server: `python -m runbook.language_server.reader`.

Its arguments are the guide and where to keep what was read, and perhaps `--lenient`. It takes the
texts that an editor shows on its standard input, and tells on its standard output what came of
them. Whatever reads a guide may print, hang or crash, and does it here. It ends with its input.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from attrs import define, evolve, field

from runbook.errors import RunbookError
from runbook.language_server.later import Later
from runbook.language_server.messages import Edited, Found, Told
from runbook.language_server.moved import moved
from runbook.language_server.vocabulary import vocabulary_of
from runbook.lint.findings import Finding, quick_findings
from runbook.lint.uses_before_makes import uses_findings
from runbook.model import Chapter, Location, Runbook, codec
from runbook.results import evidence
from runbook.sphinx.planning.open_guide import OpenGuide, open_guide
from runbook.sphinx.source.problems import Problem

_PAUSE: Final = 0.3
"""Seconds without a change until that is looked for which takes long."""


def main() -> None:
    """Read the guide that is named on the command line until the input ends."""
    guide, output, *options = sys.argv[1:]
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    given = os.dup(0)
    # What the guide's own code prints is no message, and it must not take any.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        with open_guide(Path(guide), Path(output), lenient="--lenient" in options) as opened:
            # What is there now stays, and looking through it takes longer than reading a document.
            gc.collect()
            gc.freeze()
            gc.set_threshold(100_000, 5, 20)
            _Reader(opened, given, told).loop()
    except RunbookError as error:
        _write(told, Told(findings=_of_error(str(error)), failed=True))


def _write(out: TextIO, message: Told) -> None:
    out.write(json.dumps(codec.unstructure(message), ensure_ascii=False) + "\n")
    out.flush()


def _of_error(text: str) -> dict[str, tuple[Found, ...]]:
    """Return what an error says by the files that it names; what names none is about conf.py."""
    found: dict[str, tuple[Found, ...]] = {}
    for said in text.splitlines():
        place, _, message = said.partition(": ")
        path, _, line = place.rpartition(":")
        if path and line.isdecimal() and message:
            found[path] = (*found.get(path, ()), Found(int(line), message, "plan", error=True))
        elif said.strip():
            found["conf.py"] = (*found.get("conf.py", ()), Found(1, said, "plan", error=True))
    return found


@define
class _Reader:
    """Reads what is edited, and tells what is new."""

    opened: OpenGuide
    given: int
    out: TextIO
    _edited: dict[str, Edited] = field(factory=dict)
    _said: dict[str, tuple[Found, ...]] = field(factory=dict)
    _chapters: dict[str, Chapter] = field(factory=dict)
    _problems: tuple[Problem, ...] = ()
    _lint: frozenset[Finding] = frozenset()
    _runbook: Runbook = field(factory=lambda: Runbook(""))
    _uses: tuple[Finding, ...] = ()
    _texts: dict[str, str] = field(factory=dict)
    """Of the edited files when `_uses` was found."""
    _evidenced: tuple[str, ...] = ()
    _buffer: bytes = b""

    def loop(self) -> None:
        """Read until the input ends."""
        self._evidenced = tuple(evidence.platforms_of(self.opened.directory))
        self._look()
        self._tell(first=True)
        later, stale = Later(), True
        while True:
            ready = _readable(_PAUSE if stale else None, self.given, later.fileno)
            if self.given in ready:
                later.end()
                if (edits := self._edits()) is None:
                    return
                self._read(edits)
                stale = True
            elif ready:
                if (found := later.read()) is not None:
                    self._uses = tuple(codec.structure(one, Finding) for one in found)
                    self._tell()
            else:
                stale = False
                self._texts = {path: one.text or "" for path, one in self._edited.items()}
                later.start(self._look_for_uses)

    def _edits(self) -> dict[str, Edited] | None:
        """Return the newest edit of each file that there is by now; `None` at the end."""
        found: dict[str, Edited] = {}
        while not found or _readable(0, self.given):
            data = os.read(self.given, 1 << 20)
            if not data:
                return None
            *lines, self._buffer = (self._buffer + data).split(b"\n")
            for line in lines:
                one = codec.structure(json.loads(line), Edited)
                found[one.path] = one
        return found

    def _read(self, edits: dict[str, Edited]) -> None:
        for path, edited in edits.items():
            if edited.text is None:
                self._edited.pop(path, None)
            else:
                self._edited[path] = edited
        # A document that includes an edited file is read again as well, but each only once.
        changed: dict[str, str | None] = {}
        for path, edited in edits.items():
            where = self.opened.directory / path
            if (docname := self.opened.docname(where)) is not None:
                changed[docname] = edited.text
            for other in self.opened.dependents(where):
                shown = self._edited.get(self.opened.path(other))
                changed.setdefault(other, shown.text if shown else None)
        for docname, text in changed.items():
            self.opened.read(docname, text)
        if changed:
            self._look()
        self._tell()

    def _look(self) -> None:
        """Look at the guide as it is now."""
        shown = self.opened.shown()
        self._runbook, self._problems = shown.collected.runbook, shown.problems
        cluster = self.opened.collector.cluster
        self._lint = quick_findings(self._runbook, cluster, self._evidenced)

    def _look_for_uses(self) -> list[Finding]:
        return list(uses_findings(self._runbook, self.opened.collector.cluster))

    def _tell(self, *, first: bool = False) -> None:
        """Tell what is new."""
        found: dict[str, list[Found]] = {}
        for problem in sorted(self._problems):
            found.setdefault(problem.location.document, []).append(
                Found(problem.location.line, problem.message, problem.kind, problem.error)
            )
        for one in sorted({*self._lint, *self._uses_now()}):
            found.setdefault(one.location.document, []).append(
                Found(one.location.line, one.message, one.kind.value, suggestion=one.suggestion)
            )
        said = {path: tuple(dict.fromkeys(one)) for path, one in found.items()}
        news = {path: one for path, one in said.items() if self._said.get(path) != one}
        news |= dict.fromkeys(self._said.keys() - said.keys(), ())
        chapters = {one.document: one for one in self._runbook.chapters}
        new = [name for name, one in chapters.items() if self._chapters.get(name) is not one]
        self._said, self._chapters = said, chapters
        versions = {p: e.version for p, e in self._edited.items() if e.version is not None}
        notes = {one.id: str(one.location) for one in self._runbook.sources} if first else {}
        _write(
            self.out,
            Told(
                news,
                {name: codec.unstructure(chapters[name]) for name in new},
                self.opened.paths() if first else {},
                tuple(chapters),
                notes,
                vocabulary_of(self.opened.app) if first else None,
                versions,
            ),
        )

    def _uses_now(self) -> Iterator[Finding]:
        """Yield what took long to find, at the lines where it is now."""
        for one in self._uses:
            path = one.location.document
            before, edited = self._texts.get(path), self._edited.get(path)
            if before is None or edited is None or edited.text == before:
                yield one
            elif line := moved(one.location.line, before, edited.text or ""):
                yield evolve(one, location=Location(path, line))


def _readable(timeout: float | None, *files: int) -> list[int]:
    """Return which of the `files` can be read within `timeout` seconds; -1 is none."""
    with selectors.DefaultSelector() as selector:
        for file in files:
            if file >= 0:
                selector.register(file, selectors.EVENT_READ)
        return [key.fd for key, _ in selector.select(timeout)]


if __name__ == "__main__":
    main()
