"""Changes of a document that an editor can offer at a line of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from runbook.language_server.cursor import directive_of
from runbook.language_server.guide import GuideState
from runbook.lint.consent import THRESHOLD
from runbook.model import Chapter, FileContent, Location, Runbook, Step
from runbook.report.markers import CHECK_SKELETON, MarkerPosition, find_directive, markers

_INDENT: Final = "   "
_ANSWERS: Final = re.compile(r"^ {4}\.\. answers::\n\n((?: {7}:.*\n?)+)", re.MULTILINE)
"""The lines that a stopped dialogue says to add; see `runbook.dialogue.advice`."""


@frozen
class Change:
    """A change: the lines from `first` up to `end`, counted from 0, become `lines`.

    It is a `fix` if something is wrong there, and otherwise another way to write the same.
    """

    title: str
    first: int
    end: int
    lines: tuple[str, ...]
    fix: bool = True


def changes(
    lines: Sequence[str], guide: GuideState, path: str, wanted: tuple[int, int]
) -> Iterator[Change]:
    """Yield what can be changed where the lines of `wanted` are, the first and the last from 0."""
    chapter = guide.chapter_of(path)
    if chapter is None or not path.endswith((".rst", ".txt")):
        return
    texts = [line.rstrip("\r\n") for line in lines]
    yield from _marked(texts, guide, chapter, path, wanted)
    step = guide.step_at(path, wanted[0] + 1)
    if step is None or step.location.line > len(texts):
        return
    end = _end(texts, step.location.line - 1)
    if wanted[0] < end:
        yield from _checked(texts, step, end)
        yield from _answered(texts, guide, step, end)


def _marked(
    texts: list[str], guide: GuideState, chapter: Chapter, path: str, wanted: tuple[int, int]
) -> Iterator[Change]:
    """Yield a step for each unmarked block there."""
    hosts = guide.cluster.hosts if guide.cluster else ()
    names = [host.name for host in hosts]
    names += sorted({group for host in hosts for group in host.groups})
    of_steps = {step.id for step in chapter.steps if not step.marked}
    ids = of_steps | {block.id for block in chapter.blocks if block.step is None}
    runbook = Runbook("", (chapter,))

    def found(location: Location) -> MarkerPosition:
        return find_directive(location, texts if location.document == path else ())

    for one in markers(runbook, found, names, ids):
        first = one.position.location.line - 1
        if one.position.location.document != path or first >= len(texts):
            continue
        indent = one.position.indent
        end = _end(texts, first, indent)
        if first <= wanted[1] and wanted[0] < end:
            # A directive may begin in the line of the list item that it belongs to.
            new = [texts[first][:indent] + one.text.split("\n")[0]]
            more = one.text.rstrip("\n").split("\n")[1:]
            new += [f"{' ' * indent}{line}".rstrip() for line in more]
            doubtful = one.confidence < THRESHOLD
            title = "Make this doubtful block a step" if doubtful else "Make this block a step"
            yield Change(title, first, end, (*_before(texts[first]), *new), doubtful)


def _before(text: str) -> tuple[str, ...]:
    """Return what stays of the line above a block: the text of a paragraph that ends with `::`."""
    if directive_of(text) is not None or not text.endswith("::") or text.strip() == "::":
        return ()
    said = text[:-2].rstrip() if text[-3:-2].isspace() else text[:-1]
    return (said, "")


def _checked(texts: list[str], step: Step, end: int) -> Iterator[Change]:
    """Yield a check for a step that has none."""
    exempt = step.readonly or step.undo
    if step.checks or exempt or any(isinstance(one, FileContent) for one in step.actions):
        return
    indent = " " * _indent(texts[step.location.line - 1]) + _INDENT
    new = [f"{indent}{line}".rstrip() for line in CHECK_SKELETON]
    yield Change("Add a check to this step", end, end, ("", *new))


def _answered(texts: list[str], guide: GuideState, step: Step, end: int) -> Iterator[Change]:
    """Yield the lines that a dialogue of the step lacked when it was last run."""
    first = step.location.line - 1
    body = "\n".join(texts[first:end])
    for fields in _advised(guide, step):
        if fields[0].split(": ")[0] in body:
            continue
        place = next((n for n in range(first, end) if _is_answers(texts[n])), None)
        indent = " " * _indent(texts[first]) + _INDENT
        if place is not None:
            inner = " " * _indent(texts[place]) + _INDENT
            at, new = _end(texts, place), [f"{inner}{field}" for field in fields]
        else:
            checks = (n for n in range(first, end) if _name(texts[n]) == "check")
            at = next(checks, end)
            new = [f"{indent}.. answers::", "", *(f"{indent}{_INDENT}{one}" for one in fields)]
            new = [*new, ""] if at < end else ["", *new]
        yield Change(f"Answer what the last run was asked: {fields[0]}", at, at, tuple(new))


def _advised(guide: GuideState, step: Step) -> list[tuple[str, ...]]:
    """Return the fields that the last outcome of a step says to add, each way only once."""
    found: dict[tuple[str, ...], None] = {}
    for text in guide.complaints.of(step.id):
        for advice in _ANSWERS.finditer(f"{text}\n"):
            found[tuple(line.strip() for line in advice[1].rstrip("\n").split("\n"))] = None
    return list(found)


def _is_answers(text: str) -> bool:
    return _name(text) == "answers"


def _name(text: str) -> str:
    found = directive_of(text)
    return found.name if found else ""


def _end(texts: list[str], first: int, indent: int | None = None) -> int:
    """Return the line behind the last one that belongs to the directive or block at `first`."""
    depth = _indent(texts[first]) if indent is None else indent
    end = first + 1
    for number in range(first + 1, len(texts)):
        if texts[number].strip():
            if _indent(texts[number]) <= depth:
                break
            end = number + 1
    return end


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
