"""Collect the steps of the whole guide in reading order."""

from __future__ import annotations

import os
from collections.abc import Iterator

from attrs import evolve, frozen
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.matching import patmatch

from runbook.lint.template import template_remarks
from runbook.lint.terms import term_remarks
from runbook.model import Chapter, Citation, Remark, Runbook, Step
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
    env, config = app.env, app.config
    cluster = load_cluster(app)
    known = (
        {name for host in cluster.hosts for name in (host.name, *host.groups)} if cluster else ()
    )
    chapters: list[Chapter] = []
    problems: list[Problem] = []
    messages: list[Problem] = []
    names = list(in_order(env, config.root_doc))
    # One that could not be read may have had the toctree.
    if unlisted or any(get_document(app, name).left_out for name in names):
        names += sorted(env.all_docs.keys() - set(names))
    included_by: dict[int, str] = {}
    remarks: list[Remark] = []
    cited: list[Citation] = []
    terms, template = terms_of(app), app.config.runbook_template
    for docname in names:
        # Pages without steps, such as a manual or a glossary.
        if any(patmatch(docname, pattern) for pattern in config.runbook_exclude):
            continue
        document = get_document(app, docname)
        problems += document.problems
        messages += document.messages
        cited += document.cited
        remarks += term_remarks(document.prose, terms)
        remarks += template_remarks(document.steps, document.sections, template)
        path = os.path.relpath(env.doc2path(docname), app.confdir)
        first = sum(len(chapter.steps) for chapter in chapters)
        for number, step in enumerate(document.steps):
            if step.location.document != path:
                included_by[first + number] = str(document.included_by.get(number, path))
        if document.steps or document.blocks:
            chapters.append(_chapter(app, docname, document, frozenset(known)))
    title = config.project
    if title == _NO_PROJECT:
        title = env.titles[config.root_doc].astext()
    placed_chapters, misplaced = place_commands(chapters, cluster)
    problems += misplaced
    runbook = Runbook(title, placed_chapters, notes_of(app), tuple(sorted(remarks)), tuple(cited))
    problems += validate(runbook, cluster, included_by)
    return CollectedGuide(runbook, tuple(sorted(problems)), tuple(messages))


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
