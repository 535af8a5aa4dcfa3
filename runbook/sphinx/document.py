"""What is kept of each document in Sphinx's environment, so that none is read twice."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attrs import frozen
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from runbook.model import Location, Reading, Step
from runbook.sphinx.blocks import Guide, Places
from runbook.sphinx.collect import Collector
from runbook.sphinx.lines import absolute
from runbook.sphinx.problems import Problem
from runbook.sphinx.values import ERROR

Documents = dict[str, "Document"]
"""By the documents' names."""


@frozen
class Document:
    """One document as it was read: its steps and blocks, our complaints, and docutils' own.

    `conditions` are the expressions of its `only` directives; when one of them changes its
    value, the document is to be collected anew.
    """

    steps: tuple[Step, ...]
    blocks: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    messages: tuple[Problem, ...]
    conditions: dict[str, bool]


def documents(env: BuildEnvironment) -> Documents:
    """Return what `env` keeps, which can be changed."""
    # The environment is made for things like this, which its own type does not know.
    kept: Documents = env.__dict__.setdefault("runbook_documents", {})
    return kept


def guide_of(app: Sphinx) -> Guide:
    """Return what the documents of the guide have in common."""
    config = app.config
    return Guide(
        Path(app.confdir), config.root_doc, config.highlight_language, app.tags.eval_condition
    )


def read(app: Sphinx, docname: str, doctree: nodes.document) -> Document:
    """Return what is to be kept of a document."""
    guide = guide_of(app)
    places = Places(guide.directory, str(app.env.doc2path(docname)))
    collector = Collector(guide, docname, places)
    collector.read(doctree)
    told: list[tuple[int, str, int, str]] = doctree.get("runbook_messages") or []
    messages = [
        Problem(
            Location(places.name(source or places.source), line or 1),
            text,
            kind="docutils",
            error=level >= ERROR,
        )
        for level, source, line, text in told
    ]
    unread: list[tuple[str, str | None, int | None]] = doctree.get("runbook_unread") or []
    problems = [
        Problem(
            Location(places.name(absolute(source) if source else places.source), line or 1),
            text,
            kind="unread",
            error=False,
        )
        for text, source, line in unread
    ]
    return Document(
        tuple(collector.steps),
        tuple(collector.blocks),
        (*collector.problems, *problems),
        tuple(messages),
        collector.conditions,
    )


def keep(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what Sphinx has just read."""
    env = app.env
    documents(env)[env.docname] = read(app, env.docname, doctree)


def purge(_: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a document that is gone, or is about to be read again."""
    documents(env).pop(docname, None)


def merge(
    _: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment
) -> None:
    """Take over what another process has read."""
    theirs = documents(other)
    documents(env).update({name: theirs[name] for name in docnames if name in theirs})


def of(app: Sphinx, docname: str) -> Document:
    """Return what is kept of a document, collected anew if other tags are set now."""
    kept = documents(app.env).get(docname)
    if kept is None or any(
        app.tags.eval_condition(expression) != was for expression, was in kept.conditions.items()
    ):
        kept = documents(app.env)[docname] = read(app, docname, app.env.get_doctree(docname))
    return kept
