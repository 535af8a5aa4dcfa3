"""What the server knows of one guide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from runbook.language_server.complaints import Complaints
from runbook.language_server.messages import Found, Told, Vocabulary
from runbook.language_server.shared_names import Definition
from runbook.model import Chapter, Cluster, Runbook, Step, codec, shared_source
from runbook.model.guide_python import SharedChecksError
from runbook.results.basis import ProofKeys, basis_of


@define(eq=False)
class GuideState:
    """A guide as it was last read; it is nothing at all until then.

    `findings` are by path, relative to the `directory`; those of the `own` are of files that the
    server reads itself. `cluster` and `shared` are what the cluster file and
    `lab/checks.py` say as they are edited.
    """

    directory: Path
    findings: dict[str, tuple[Found, ...]] = field(factory=dict)
    own: dict[str, tuple[Found, ...]] = field(factory=dict)
    versions: dict[str, int] = field(factory=dict)
    vocabulary: Vocabulary = field(factory=Vocabulary)
    notes: dict[str, str] = field(factory=dict)
    cluster: Cluster | None = None
    shared: dict[str, Definition] = field(factory=dict)
    paths: dict[str, str] = field(factory=dict)
    complaints: Complaints = field(init=False)
    _order: tuple[str, ...] = ()
    _plain: dict[str, Any] = field(factory=dict)
    _chapters: dict[str, Chapter] = field(factory=dict)
    _keys: ProofKeys | None = None

    def __attrs_post_init__(self) -> None:
        self.complaints = Complaints(self.directory)

    def take(self, told: Told) -> set[str]:
        """Note what was told; return the files of which there is something new to say."""
        changed = set(told.findings)
        if told.failed:
            changed |= self.findings.keys()
            self.findings = {}
        elif told.vocabulary is not None:
            changed |= self.findings.keys()
            self.findings, self.vocabulary, self.notes = {}, told.vocabulary, told.notes
            self._plain, self._chapters, self.paths = {}, {}, {}
        self.findings.update(told.findings)
        if not told.failed:
            self._order, self.versions = told.order, told.versions
            if told.chapters:
                self._keys = None
            self._plain.update(told.chapters)
            self.paths.update(told.paths)
            for name in told.chapters:
                self._chapters.pop(name, None)
        return changed

    def found(self, path: str) -> tuple[Found, ...]:
        """Return what there is to say about the file at `path`."""
        return (*self.own.get(path, ()), *self.findings.get(path, ()))

    def chapter(self, document: str) -> Chapter:
        """Return one chapter of those that `order` lists."""
        known = self._chapters.get(document)
        if known is None:
            # Only what is asked for: a message would take longer if it were made of nouns at once.
            known = codec.structure(self._plain[document], Chapter)
            self._chapters[document] = known
        return known

    def chapters(self) -> Iterator[Chapter]:
        """Yield all chapters in reading order."""
        yield from map(self.chapter, self._order)

    def chapter_of(self, path: str) -> Chapter | None:
        """Return the chapter that the document at `path` makes, if there is one."""
        found = (name for name in self._order if self.paths.get(name) == path)
        return next((self.chapter(name) for name in found), None)

    def is_document(self, path: str) -> bool:
        """Tell whether the file at `path` is one that has been read."""
        return path in self.paths.values()

    def steps(self) -> Iterator[Step]:
        """Yield all steps in reading order."""
        for chapter in self.chapters():
            yield from chapter.steps

    def step(self, id_: str, document: str = "") -> Step | None:
        """Return the step with an id, which may leave out the `document` that it is used in."""
        full = id_ if "/" in id_ or not document else f"{document}/{id_}"
        return next((one for one in self.steps() if one.id == full), None)

    def step_at(self, path: str, line: int) -> Step | None:
        """Return the marked step whose directive begins at a line or next above it."""
        chapter = self.chapter_of(path)
        above = [
            one
            for one in (chapter.steps if chapter else ())
            if one.marked and one.location.document == path and one.location.line <= line
        ]
        return max(above, key=lambda one: one.location.line, default=None)

    def document_of(self, path: str) -> str:
        """Return the name of the document at `path`, empty if it is none."""
        return next((name for name, one in self.paths.items() if one == path), "")

    def keys(self) -> ProofKeys:
        """Return the keys under which the steps of the guide as it is now are proven."""
        if self._keys is None:
            runbook = Runbook("", tuple(self.chapters()))
            try:
                basis = basis_of(runbook, self.cluster, shared_source.read(self.directory))
            except SharedChecksError as error:
                unreadable = shared_source.SharedSource.unreadable(error)
                basis = basis_of(runbook, self.cluster, unreadable)
            self._keys = ProofKeys(basis)
        return self._keys
