"""Collect the steps of the whole guide in reading order."""

from __future__ import annotations

import os
from collections.abc import Iterator

from attrs import define, evolve, field, frozen
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.matching import patmatch

from runbook.lint.template import template_remarks
from runbook.lint.terms import term_remarks
from runbook.model import Chapter, Citation, Cluster, Location, Remark, Runbook, Step
from runbook.observation.unchecked import problem
from runbook.sphinx.collect.document import Document, get_document
from runbook.sphinx.directives.prose_rules import terms_of
from runbook.sphinx.directives.source_notes import notes_of
from runbook.sphinx.directives.values import load_cluster
from runbook.sphinx.planning.place_commands import place_commands
from runbook.sphinx.planning.validate import validate
from runbook.sphinx.source.ids import document_id
from runbook.sphinx.source.problems import Problem

_NO_PROJECT = "Project name not set"


@frozen
class CollectedGuide:
    """The runbook of a guide, our own problems, and docutils' messages."""

    runbook: Runbook
    problems: tuple[Problem, ...]
    messages: tuple[Problem, ...]


def collect_guide(app: Sphinx, *, unlisted: bool = False) -> CollectedGuide:
    """Collect the documents that `app` has read, in the order of the toctrees.

    With `unlisted`, documents that are in no toctree come last.
    """
    return GuideCollector(app, unlisted=unlisted).collect()


@frozen
class _Collected:
    """What follows from one document alone; `chapter` is `None` if it has no steps or blocks."""

    document: Document
    chapter: Chapter | None
    misplaced: tuple[Problem, ...]
    remarks: tuple[Remark, ...]


@define
class GuideCollector:
    """Collects a guide, again and again while its documents are read one by one.

    What follows from one document alone is kept for as long as it is not read again.
    """

    app: Sphinx
    unlisted: bool = False
    cluster: Cluster | None = field(init=False)
    _kept: dict[str, _Collected] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.cluster = load_cluster(self.app)

    def collect(self) -> CollectedGuide:
        """Return the guide as it is now."""
        app, env, config = self.app, self.app.env, self.app.config
        chapters: list[Chapter] = []
        problems: list[Problem] = []
        messages: list[Problem] = []
        included_by: dict[int, str] = {}
        remarks: list[Remark] = []
        cited: list[Citation] = []
        first = 0
        for docname in self._names():
            # Pages without steps, such as a manual or a glossary.
            if any(patmatch(docname, pattern) for pattern in config.runbook_exclude):
                continue
            one = self._of(docname)
            document = one.document
            problems += (*document.problems, *one.misplaced)
            messages += document.messages
            cited += document.cited
            remarks += one.remarks
            path = os.path.relpath(env.doc2path(docname), app.confdir)
            for number, step in enumerate(document.steps, first):
                if step.location.document != path:
                    included_by[number] = str(document.included_by.get(number - first, path))
            first += len(document.steps)
            if one.chapter is not None:
                chapters.append(one.chapter)
        title = config.project
        if title == _NO_PROJECT:
            title = env.titles[config.root_doc].astext()
        runbook = Runbook(
            title, tuple(chapters), notes_of(app), tuple(sorted(remarks)), tuple(cited),
            tuple(config.runbook_unchecked),
        )  # fmt: skip
        problems += validate(runbook, self.cluster, included_by)
        problems += [
            Problem(Location("conf.py", 1), f"runbook_unchecked: {wrong}")
            for pattern in runbook.unchecked
            if (wrong := problem(pattern))
        ]
        return CollectedGuide(runbook, tuple(sorted(problems)), tuple(messages))

    def _names(self) -> list[str]:
        env = self.app.env
        names = list(in_order(env, self.app.config.root_doc))
        # One that could not be read may have had the toctree.
        if self.unlisted or any(get_document(self.app, name).left_out for name in names):
            names += sorted(env.all_docs.keys() - set(names))
        return names

    def _of(self, docname: str) -> _Collected:
        app, cluster = self.app, self.cluster
        document = get_document(app, docname)
        kept = self._kept.get(docname)
        if kept is not None and kept.document is document:
            return kept
        remarks = (
            *term_remarks(document.prose, terms_of(app)),
            *template_remarks(document.steps, document.sections, app.config.runbook_template),
        )
        chapters: tuple[Chapter, ...] = ()
        misplaced: list[Problem] = []
        if document.steps or document.blocks:
            known = frozenset(
                name
                for host in (cluster.hosts if cluster else ())
                for name in (host.name, *host.groups)
            )
            chapter = _translated(_chapter(app, docname, document, known), document)
            chapters, misplaced = place_commands([chapter], cluster)
        kept = _Collected(document, chapters[0] if chapters else None, tuple(misplaced), remarks)
        self._kept[docname] = kept
        return kept


def _translated(chapter: Chapter, document: Document) -> Chapter:
    """Return the chapter with the words of the language; everything else is the original."""
    if not document.words:
        return chapter
    steps = []
    for step in chapter.steps:
        words = document.words.get(step.id)
        if words is not None and len(words.sentences) == len(step.checks):
            checks = tuple(
                evolve(check, sentence=sentence)
                for check, sentence in zip(step.checks, words.sentences, strict=True)
            )
            step = evolve(step, title=words.title, checks=checks)
        steps.append(step)
    return evolve(chapter, steps=tuple(steps))


def chapter_from(app: Sphinx, docname: str) -> Chapter:
    """Return the chapter of one document, with its marked steps as in the plan."""
    return _chapter(app, docname, get_document(app, docname), frozenset())


def _chapter(app: Sphinx, docname: str, document: Document, known: frozenset[str]) -> Chapter:
    name = document_id(docname, app.config.root_doc)
    steps = _on_hosts(document, known)
    title = app.env.titles[docname].astext()
    return _with_full_needs(Chapter(name, title, steps, document.blocks))


def _on_hosts(document: Document, known: frozenset[str]) -> tuple[Step, ...]:
    """Return the steps; an unmarked one runs on the hosts that its text names, if any."""
    named = {
        block.step: tuple(host for host in block.hosts if host in known)
        for block in document.blocks
    }
    return tuple(
        step if step.marked or not named.get(step.id) else evolve(step, on=named[step.id])
        for step in document.steps
    )


def in_order(env: BuildEnvironment, root: str) -> Iterator[str]:
    """Yield the documents in reading order: each before those in its toctrees."""
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        docname = waiting.pop()
        if docname in seen or docname not in env.all_docs:
            continue
        seen.add(docname)
        yield docname
        waiting += reversed(env.toctree_includes.get(docname, []))


def _with_full_needs(chapter: Chapter) -> Chapter:
    """Return the chapter with full ids in `needs`; an id without `/` is of the same document."""
    return evolve(
        chapter,
        steps=tuple(
            evolve(
                step,
                needs=step.needs
                and tuple(n if "/" in n else f"{chapter.document}/{n}" for n in step.needs),
            )
            for step in chapter.steps
        ),
    )
