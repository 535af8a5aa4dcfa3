"""The steps of each document, stored in Sphinx's environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import field, frozen
from docutils import nodes
from docutils.utils import Reporter
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from runbook.model import Citation, Location, Reading, Step
from runbook.model.prose import Prose, Section
from runbook.sphinx.collect.blocks import GuideConfig
from runbook.sphinx.collect.collector import Collector
from runbook.sphinx.collect.prose import prose_of, sections_of
from runbook.sphinx.collect.shown import Conditions, only_shown
from runbook.sphinx.collect.step_problems import step_problems
from runbook.sphinx.directives.source_notes import citations
from runbook.sphinx.source.ids import step_id
from runbook.sphinx.source.lines import absolute
from runbook.sphinx.source.locations import SourceLocations
from runbook.sphinx.source.problems import Problem
from runbook.sphinx.source.typed import as_typed
from runbook.sphinx.translation.originals import ORIGINAL, originals


@frozen
class StepWords:
    """The title of a step and the sentences of its checks in the language of the pages."""

    title: str
    sentences: tuple[str, ...]


Documents = dict[str, "Document"]
"""Documents by docname."""


@frozen
class Document:
    """One document: its steps and blocks, our problems, and docutils' messages.

    `conditions` decided which part of it is shown. If an outcome changes, the document has to be
    collected again. `included_by` has, by the number of a step, the directive that includes the
    file where it stands. One that cannot be read is `left_out`. `prose` and `sections` are what
    is said between the blocks, and `cited` what that relies on. `words` are those of translated
    steps, by their ids.
    """

    steps: tuple[Step, ...]
    blocks: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    messages: tuple[Problem, ...]
    conditions: Conditions
    included_by: dict[int, Location] = field(factory=dict)
    left_out: bool = False
    prose: tuple[Prose, ...] = ()
    sections: tuple[Section, ...] = ()
    cited: tuple[Citation, ...] = ()
    words: dict[str, StepWords] = field(factory=dict)


def documents(env: BuildEnvironment) -> Documents:
    """Return the documents of `env`, a mutable dictionary."""
    # Extensions may add attributes to the environment, but its type does not declare them.
    found: Documents = env.__dict__.setdefault("runbook_documents", {})
    return found


def config_from(app: Sphinx) -> GuideConfig:
    """Return the configuration that the documents of the guide share."""
    config = app.config
    return GuideConfig(Path(app.confdir), config.root_doc, config.highlight_language)


def read_document(app: Sphinx, docname: str, doctree: nodes.document) -> Document:
    """Collect a document from its doctree."""
    guide = config_from(app)
    locations = SourceLocations(guide.directory, str(app.env.doc2path(docname)))
    collector = Collector(guide, docname, locations)
    with only_shown(doctree, app) as shown:
        words = dict(_words(doctree, docname, guide))
        # The original of a translated text has no typographic quotes, so it comes last.
        with as_typed(doctree), originals(doctree):
            collector.collect(doctree)
            prose, sections = (
                tuple(prose_of(doctree, locations)),
                tuple(sections_of(doctree, locations)),
            )
    reported: list[tuple[int, str, int, str]] = doctree.get("runbook_messages") or []
    messages = [
        Problem(
            Location(locations.relative_path(source or locations.source), line or 1),
            text,
            kind="docutils",
            error=level >= Reporter.ERROR_LEVEL,
        )
        for level, source, line, text in reported
    ]
    unread: list[tuple[str, str | None, int | None]] = doctree.get("runbook_unread") or []
    problems = [
        Problem(
            Location(
                locations.relative_path(absolute(source) if source else locations.source), line or 1
            ),
            text,
            kind="unread",
            error=False,
        )
        for text, source, line in unread
    ]
    undecided = [Problem(locations.at(node), message) for node, message in shown.failed]
    alone = [problem for step in collector.steps for problem in step_problems(step)]
    return Document(
        tuple(collector.steps),
        tuple(collector.blocks),
        (*collector.problems, *undecided, *problems, *alone),
        tuple(messages),
        shown.conditions,
        collector.included_by,
        left_out="runbook_left_out" in doctree,
        prose=prose,
        sections=sections,
        cited=tuple(citations(doctree, locations)),
        words=words,
    )


def _words(
    doctree: nodes.document, docname: str, guide: GuideConfig
) -> Iterator[tuple[str, StepWords]]:
    if not any(ORIGINAL in paragraph for paragraph in doctree.findall(nodes.paragraph)):
        return
    for step in doctree.findall(nodes.container):
        if step.get("runbook") == "step":
            sentences = [
                check[0].children[-1].astext()
                for check in step.findall(nodes.container)
                if check.get("runbook") == "check"
            ]
            name = step_id(step["runbook_data"]["id"], docname, guide.root)
            yield name, StepWords(step[0].astext(), tuple(sentences))


def process_doctree(app: Sphinx, doctree: nodes.document) -> None:
    """Store the document that Sphinx has just read."""
    env = app.env
    documents(env)[env.docname] = read_document(app, env.docname, doctree)


def purge_document(_: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Remove a document that was deleted, or is about to be read again."""
    documents(env).pop(docname, None)


def merge_documents(
    _: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment
) -> None:
    """Add the documents that another process has read."""
    theirs = documents(other)
    documents(env).update({name: theirs[name] for name in docnames if name in theirs})


def get_document(app: Sphinx, docname: str) -> Document:
    """Return a document, collected again if a condition changed its value."""
    document = documents(app.env).get(docname)
    if document is None or any(
        condition.outcome(app) != was for condition, was in document.conditions.items()
    ):
        document = documents(app.env)[docname] = read_document(
            app, docname, app.env.get_doctree(docname)
        )
    return document
