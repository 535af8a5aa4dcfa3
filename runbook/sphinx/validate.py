"""Collect the whole guide's steps in reading order, and say what is wrong with them."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.matching import patmatch

from runbook.cluster import PLACE
from runbook.model import Chapter, Check, Cluster, Dialogue, Location, Runbook, Step, Turn
from runbook.questions import hides, is_for_commands, offer
from runbook.sphinx.document import Document, of
from runbook.sphinx.flaws import flaws
from runbook.sphinx.ids import document_id
from runbook.sphinx.problems import Problem
from runbook.sphinx.values import cluster_of

_logger = logging.getLogger(__name__)
_NO_PROJECT = "Project name not set"


@frozen
class Collected:
    """A guide as it was read: the runbook, our own complaints, and those of docutils."""

    runbook: Runbook
    problems: tuple[Problem, ...]
    messages: tuple[Problem, ...]


def collect(app: Sphinx, *, unlisted: bool = False) -> Collected:
    """Return the guide that `app` has read, from the documents below the root's toctrees.

    With `unlisted`, those that no toctree lists come after them.
    """
    env, config = app.env, app.config
    cluster = cluster_of(app)
    known = (
        {name for host in cluster.hosts for name in (host.name, *host.groups)} if cluster else ()
    )
    chapters: list[Chapter] = []
    problems: list[Problem] = []
    told: list[Problem] = []
    names = list(in_order(env, config.root_doc))
    if unlisted:
        names += sorted(env.all_docs.keys() - set(names))
    for docname in names:
        # Pages about something else than the work: a manual of tools, a glossary.
        if any(patmatch(docname, pattern) for pattern in config.runbook_exclude):
            continue
        document = of(app, docname)
        problems += document.problems
        told += document.messages
        if document.steps or document.blocks:
            chapters.append(_chapter(app, docname, document, frozenset(known)))
    title = config.project
    if title == _NO_PROJECT:
        title = env.titles[config.root_doc].astext()
    runbook = Runbook(title, tuple(chapters))
    problems += validate(runbook, cluster)
    return Collected(runbook, tuple(sorted(problems)), tuple(told))


def chapter_of(app: Sphinx, docname: str) -> Chapter:
    """Return the chapter of one document, with its marked steps as the plan has them."""
    return _chapter(app, docname, of(app, docname), frozenset())


def _chapter(app: Sphinx, docname: str, document: Document, known: frozenset[str]) -> Chapter:
    name = document_id(docname, app.config.root_doc)
    steps = _on_hosts(document, known)
    title = app.env.titles[docname].astext()
    return _with_whole_needs(Chapter(name, title, steps, document.blocks))


def _on_hosts(document: Document, known: frozenset[str]) -> tuple[Step, ...]:
    """Return the steps; an unmarked one is on the hosts that its text names, if there are any."""
    named = {
        block.step: tuple(host for host in block.hosts if host in known)
        for block in document.blocks
    }
    return tuple(
        step if step.marked or not named.get(step.id) else evolve(step, on=named[step.id])
        for step in document.steps
    )


def in_order(env: BuildEnvironment, root: str) -> Iterator[str]:
    """Yield the documents as a reader meets them: each before those that it lists."""
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        docname = waiting.pop()
        if docname in seen or docname not in env.all_docs:
            continue
        seen.add(docname)
        yield docname
        waiting += reversed(env.toctree_includes.get(docname, []))


def _with_whole_needs(chapter: Chapter) -> Chapter:
    """Return the chapter with the ids in `needs` whole: a short one is of its own document."""
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


def validate(runbook: Runbook, cluster: Cluster | None) -> Iterator[Problem]:
    """Yield everything that is wrong with the steps of `runbook`."""
    steps = list(runbook.steps())
    first: dict[str, Location] = {}
    for step in steps:
        if step.id in first:
            yield Problem(
                step.location, f"the step id {step.id!r} is taken by the step at {first[step.id]}"
            )
        first.setdefault(step.id, step.location)
    earlier: set[str] = set()
    for step in steps:
        yield from _validate_step(step, cluster, first, earlier)
        earlier.add(step.id)


def _validate_step(
    step: Step, cluster: Cluster | None, known: dict[str, Location], earlier: set[str]
) -> Iterator[Problem]:
    yield from _validate_hosts(step, cluster)
    for need in step.needs or ():
        if need not in known:
            yield Problem(step.location, f"needs: there is no step {need!r}")
        elif need not in earlier:
            yield Problem(step.location, f"needs: the step {need!r} does not come before this one")
    if not step.actions and not step.checks:
        yield Problem(step.location, "the step has neither actions nor checks")
    elif step.marked and not step.checks and not step.readonly:
        yield Problem(
            step.location,
            "the step has no check, so nothing can prove it; add one, or ':readonly:'",
            kind="check",
            error=False,
        )
    for action in step.actions:
        if isinstance(action, Dialogue) and step.marked:
            yield from _validate_dialogue(action)
    for check in step.checks:
        yield from _validate_check(check)


def _validate_dialogue(dialogue: Dialogue) -> Iterator[Problem]:
    """Yield what an operator would stumble over who follows the transcript."""
    for turn, following in zip(dialogue.turns, (*dialogue.turns[1:], None), strict=True):
        shown = following is not None and following.prompt == turn.prompt and following.before
        if message := "" if shown else _doubt(turn):
            yield Problem(dialogue.location, message, kind="answer", error=False)


def _doubt(turn: Turn) -> str:
    """Return what is wrong with the answer that the guide gives to a question."""
    if turn.secret is not None or not turn.prompt:
        return ""
    known = offer(turn.prompt)
    if hides(turn.prompt):
        if turn.answer is not None:
            return f"the answer to {turn.prompt!r} is a secret, and is shown; name it instead"
        return f"the answer to {turn.prompt!r} is a secret, and nobody names it"
    if turn.answer is None:
        said = turn.sometimes or turn.overrides or is_for_commands(turn.prompt)
        if known.default is None and not said:
            return f"{turn.prompt!r} has neither an answer nor a default"
        return ""
    if not known.accepts(turn.answer):
        return f"the answer {turn.answer!r} is not among the choices of {turn.prompt!r}"
    return ""


def _validate_hosts(step: Step, cluster: Cluster | None) -> Iterator[Problem]:
    if cluster is None:
        return
    for choice in step.choices:
        if choice.partition("=")[0] not in cluster.choices:
            yield Problem(
                step.location,
                f"choice: {PLACE} does not say what is chosen for {choice.partition('=')[0]!r}",
            )
    hosts = [host.name for host in cluster.hosts]
    groups = sorted({group for host in cluster.hosts for group in host.groups})
    named = [(name, step.location) for name in step.on]
    named += [
        (name, action.location)
        for action in step.actions
        if isinstance(action, Dialogue)
        for name in dict.fromkeys(n for t in action.turns for o in t.overrides for n in o.on)
    ]
    for name, place in named:
        if name not in hosts and name not in groups:
            yield Problem(
                place,
                f"on: there is no host or group {name!r}; "
                f"hosts: {', '.join(hosts)}; groups: {', '.join(groups)}",
            )


def _validate_check(check: Check) -> Iterator[Problem]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(check.source, check.location.document, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = check.location.line + (error.lineno or 1) - 1
        yield Problem(
            Location(check.location.document, line), f"the check has a syntax error: {error.msg}"
        )
        return
    except ValueError as error:
        yield Problem(check.location, f"the check is not Python: {error}")
        return
    if not any(
        isinstance(node, ast.Assert | ast.Call) for node in ast.walk(ast.parse(check.source))
    ):
        yield Problem(check.location, "the check asserts nothing")


def tell(app: Sphinx, env: BuildEnvironment) -> None:  # noqa: ARG001
    """Warn of what is wrong, in the main process: directives may run in silent ones."""
    if app.builder.name == "runbook":
        return
    collected = collect(app)
    _tell_all((*collected.problems, *flaws(collected.runbook, cluster_of(app))))


def _tell_all(problems: Sequence[Problem]) -> None:
    for problem in problems:
        log = _logger.error if problem.error else _logger.warning
        log(problem.message, location=str(problem.location), type="runbook", subtype=problem.kind)
