"""A guide that stays open, so that one document can be read again as an editor shows it.

Nothing that an editor has not saved is ever written: no doctree, no environment, no plan.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Final, cast

from attrs import define, field, frozen
from sphinx.application import Sphinx

from runbook.model import Location
from runbook.sphinx.collect.document import documents
from runbook.sphinx.planning.collected import CollectedGuide, GuideCollector
from runbook.sphinx.planning.output import stdout_to_stderr
from runbook.sphinx.planning.plan import Opened, locked, not_in_documents, opened
from runbook.sphinx.planning.sphinx_warnings import SphinxWarning
from runbook.sphinx.source.ids import document_id
from runbook.sphinx.source.lines import set_unsaved
from runbook.sphinx.source.problems import Problem

_KEPT: Final = ("all_docs", "titles", "longtitles", "toctree_includes", "dependencies")
"""What the environment knows of a document, beside our own, that a plan is made from."""


@frozen
class Shown:
    """A guide as it is now, and all there is to say about it, in no particular order."""

    collected: CollectedGuide
    problems: tuple[Problem, ...]


@contextmanager
def open_guide(guide: Path, output: Path, *, lenient: bool = False) -> Iterator[OpenGuide]:
    """Yield `guide` as `runbook plan` reads it, up to date with the disk.

    Raises:
        PlanError: it cannot be read.
        RunbookError: the cluster file is wrong.

    """
    with ExitStack() as lock:
        lock.enter_context(locked(output))
        with opened(guide, output=output, lenient=lenient) as reading:
            lock.close()
            with TemporaryDirectory(dir=output) as scratch:
                yield OpenGuide(guide.resolve(), reading, Path(scratch))


@define
class OpenGuide:
    """A guide that Sphinx has read, of which any document can be read again."""

    directory: Path
    _opened: Opened
    _scratch: Path
    _previews: dict[str, str] = field(factory=dict)
    _including: dict[str, list[str]] = field(factory=dict)
    _unsaved: dict[str, str] = field(factory=dict)
    _unread: dict[str, Problem] = field(factory=dict)
    _warnings: list[SphinxWarning] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._warnings = list(self._opened.warnings)
        app = self._opened.app
        # Early, so that what other extensions do to a source is done to the unsaved one.
        app.connect("source-read", self._inject, priority=0)
        # Sphinx would keep what was read for its next run, and that may be on no disk.
        cast("Any", app.builder).write_doctree = lambda *_, **__: None
        env: Any = app.env
        env.relfn2path = self._previewed(env.relfn2path)

    @property
    def app(self) -> Sphinx:
        """The application, for what is registered there."""
        return self._opened.app

    @property
    def collector(self) -> GuideCollector:
        """What collects the guide."""
        return self._opened.collector

    def docname(self, path: Path) -> str | None:
        """Return the name of the document at `path`, `None` if there is none."""
        name = self.app.env.path2doc(path)
        return name if name in self.app.env.all_docs or name in self.app.project.docnames else None

    def path(self, docname: str) -> str:
        """Return the path of a document, relative to the guide's directory."""
        return os.path.relpath(self.app.env.doc2path(docname), self.directory)

    def paths(self) -> dict[str, str]:
        """Return the paths of all documents by their names in the plan."""
        root = self.app.config.root_doc
        return {document_id(name, root): self.path(name) for name in self.app.env.all_docs}

    def dependents(self, path: Path) -> list[str]:
        """Return the documents that include the file at `path`."""
        # Sphinx names some files relative to the guide, and others not.
        directory, wanted = (
            self.app.srcdir,
            {os.path.normpath(path.absolute()), os.path.realpath(path)},
        )
        return sorted(
            name
            for name, files in self.app.env.dependencies.items()
            if any(os.path.normpath(directory / one) in wanted for one in files)
        )

    def read(self, docname: str, text: str | None) -> None:
        """Read a document again, with `text` as its content, or `None` for that on the disk.

        One that cannot be read stays as it was, with a problem that says why.
        """
        env = self.app.env
        source = str(env.doc2path(docname))
        set_unsaved(source, text)
        if text is None:
            self._unsaved.pop(docname, None)
        else:
            self._unsaved[docname] = text
        kept = [(store, store[docname]) for store in self._stores() if docname in store]
        self._opened.recorder.follow(docname)
        self._unread.pop(docname, None)
        try:
            with stdout_to_stderr():
                self.app.emit("env-purge-doc", env, docname)
                env.clear_doc(docname)
                self.app.builder.read_doc(docname)
        except (Exception, SystemExit) as error:
            for store, value in kept:
                store[docname] = value
            self._clean_up()
            why = f"it cannot be read: {type(error).__name__}: {' '.join(str(error).split())}"
            self._unread[docname] = Problem(Location(self.path(docname), 1), why, kind="unread")
        self._warnings = [one for one in self._warnings if one.document != docname]
        self._warnings += self._opened.recorder.warnings

    def preview(self, path: Path, text: str) -> None:
        """Read again all that shows the file at `path`, with `text` as its content.

        The file may be a document, or one of which documents include a part, or both.
        """
        real = os.path.realpath(path)
        # Afterwards they depend on the file that stands for it.
        including = self._including.setdefault(real, self.dependents(path))
        if including:
            # What was read of a file is kept by its name and time, so each has a name of its own.
            beside = Path(mkdtemp(dir=self._scratch)) / path.name
            with beside.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.write(text)
            self._previews[real] = str(beside)
        docname = self.docname(path)
        if docname is not None:
            self.read(docname, text.removeprefix("\ufeff").replace("\r\n", "\n"))
        for other in including:
            if other != docname:
                self.read(other, self._unsaved.get(other))

    def shown(self) -> Shown:
        """Return the guide as it is now."""
        collected = self.collector.collect()
        others = not_in_documents(self._warnings, collected)
        foreign = self._opened.app.is_foreign
        notes = (Problem(Location("conf.py", 1), one, error=False) for one in self._opened.notes)
        return Shown(
            collected,
            (
                *collected.problems,
                *(
                    Problem(m.location, m.message, m.kind, error=m.error and not foreign)
                    for m in collected.messages
                ),
                *(_problem(one, error=one.is_error and not foreign) for one in others),
                *self._unread.values(),
                *notes,
            ),
        )

    def _inject(self, _: Sphinx, docname: str, content: list[str]) -> None:
        if docname in self._unsaved:
            content[0] = self._unsaved[docname]

    def _previewed(
        self, relfn2path: Callable[..., tuple[str, str]]
    ) -> Callable[..., tuple[str, str]]:
        """Return a `relfn2path` that leads to what is previewed; directives ask it for files."""

        def lead(*arguments: Any, **more: Any) -> tuple[str, str]:
            name, path = relfn2path(*arguments, **more)
            return name, self._previews.get(os.path.realpath(path), path)

        return lead

    def _stores(self) -> Iterator[dict[str, Any]]:
        env = self.app.env
        yield cast("dict[str, Any]", documents(env))
        for name in _KEPT:
            yield getattr(env, name)

    def _clean_up(self) -> None:
        """Forget the document that was being read, as Sphinx does behind each."""
        env: Any = self.app.env
        env.ref_context.clear()
        with suppress(Exception):
            reset: Callable[[], None] = env.temp_data.clear
            reset()


def _problem(warning: SphinxWarning, *, error: bool) -> Problem:
    """Return a warning of Sphinx's as a problem; one without a location is about the guide."""
    location, message = warning.parts()
    path, colon, line = location.rpartition(":")
    if colon and line.isdecimal():
        place = Location(path, int(line))
    else:
        place = Location(location.split(":")[0] or "conf.py", 1)
    return Problem(place, message, kind="sphinx", error=error)
