"""The plan as a table: what each step and block was taken for, how certainly, and what is odd."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TextIO

from attrs import frozen
from rich.text import Text

from runbook.lint import Finding
from runbook.model import (
    Action,
    Chapter,
    Command,
    Dialogue,
    FileContent,
    Kind,
    Location,
    Manual,
    Reading,
    Runbook,
    Step,
)
from runbook.proposal import CERTAIN, THRESHOLD
from runbook.report.plan import does, heading, screen
from runbook.report.words import inert, number

_NOT_TYPED: Final = frozenset({Kind.OUTPUT, Kind.SYNOPSIS, Kind.OTHER, Kind.PROSE})
"""Kinds of blocks that nobody types as they stand."""


_GAP: Final = "  "
_LEAST: Final = 40
"""Columns that a command has on its row's own line, at least."""


@frozen
class Row:
    """A line of a table: a step, a block of its own, or an unmarked step with its block."""

    step: Step | None
    block: Reading | None

    @property
    def location(self) -> Location:
        """Where it stands."""
        if self.step is not None:
            return self.step.location
        assert self.block is not None  # noqa: S101  # one of them is there
        return self.block.location

    @property
    def id(self) -> str:
        """The step's id, or the block's."""
        return self.step.id if self.step is not None else self.block.id if self.block else ""


def print_plan(
    runbook: Runbook,
    stream: TextIO,
    *,
    findings: Sequence[Finding] = (),
    objections: Mapping[str, tuple[str, ...]] | None = None,
    commands: bool = False,
) -> None:
    """Write the chapters of `runbook` to `stream`, each with what was found in it.

    With `commands`, all that is typed is written in full below each row.
    """
    console = screen(stream)
    chapters = 0
    told: set[Finding] = set()
    for chapter in runbook.chapters:
        rows = rows_of(chapter)
        if not rows:
            continue
        chapters += 1
        document = rows[0].location.document
        console.print(heading(chapter.title, document))
        if commands:
            for row in rows:
                console.print(_line(row, chapter, document), soft_wrap=True)
                for line in _typed(row):
                    console.print(Text(line, style=_style(row)), soft_wrap=True)
        else:
            for shown in _table(rows, chapter, document, console.width):
                console.print(shown, soft_wrap=True)
        documents = {row.location.document for row in rows}
        here = [f for f in findings if f.location.document in documents and f not in told]
        told.update(here)
        for note in _notes(rows, here, objections or {}):
            console.print(note, soft_wrap=True)
    for finding in (f for f in findings if f not in told):
        console.print(Text(inert(str(finding)), style="yellow"), soft_wrap=True)
    console.print(Text(f"\n{_summary(runbook, chapters, len(findings), objections or {})}"))


def rows_of(chapter: Chapter) -> list[Row]:
    """Return the rows of a chapter in reading order; blocks of marked steps have none."""
    blocks = {block.step: block for block in chapter.blocks if block.step is not None}
    waiting = list(chapter.steps)
    known = {step.id for step in waiting}
    rows: list[Row] = []

    def take() -> None:
        step = waiting.pop(0)
        rows.append(Row(step, None if step.marked else blocks.get(step.id)))

    for block in chapter.blocks:
        if block.step in known:
            while any(step.id == block.step for step in waiting):
                take()
            continue
        while waiting and waiting[0].id not in blocks and _before(waiting[0], block):
            take()
        rows.append(Row(None, block))
    while waiting:
        take()
    return rows


def _before(step: Step, block: Reading) -> bool:
    here, there = step.location, block.location
    return here.document == there.document and here.line < there.line


def _table(rows: Sequence[Row], chapter: Chapter, document: str, width: int) -> Iterator[Text]:
    """Yield the lines of a table: one for each row where all fits into `width`, else two."""
    cells = [_cells(row, chapter, document) for row in rows]
    widths = [max(text.cell_len for text in column) for column in zip(*cells, strict=True)]
    taken = sum(widths) + len(_GAP) * len(widths)
    apart = width - taken < _LEAST
    margin = " " * (widths[0] + len(_GAP)) if apart else ""
    for row, parts in zip(rows, cells, strict=True):
        line = Text()
        for number_, (part, wide) in enumerate(zip(parts, widths, strict=True)):
            # On two lines there is room for a name as long as it is.
            blanks = "" if apart and number_ > 2 else " " * (wide - part.cell_len)
            line.append(blanks if number_ == 0 else "").append_text(part)
            line.append(_GAP if number_ == 0 else blanks + _GAP)
        first = Text(inert(_first(row)), style=_style(row))
        first.truncate(width - (len(margin) if apart else taken), overflow="ellipsis")
        if not apart:
            yield line.append_text(first)
            continue
        line.rstrip()
        yield line
        if first:
            yield Text(margin).append_text(first)


def _cells(row: Row, chapter: Chapter, document: str) -> tuple[Text, ...]:
    style = _style(row)
    return (
        Text(_where(row, document), style="dim"),
        Text(_kind(row), style=style),
        _certainty(row),
        Text(inert(_short(row.id, chapter)), style=style),
        Text(inert(" ".join(_hosts(row))), style=style),
    )


def _line(row: Row, chapter: Chapter, document: str) -> Text:
    """Return a row as one line, for the plan in full."""
    text = Text(f"{_where(row, document)}  ", style="dim")
    text.append(f"{inert(_short(row.id, chapter))}  {_kind(row)}", style=f"not dim {_style(row)}")
    if hosts := _hosts(row):
        text.append(f"  on {inert(' '.join(hosts))}", style=f"not dim {_style(row)}")
    return text.append("  ").append_text(_certainty(row))


def _where(row: Row, document: str) -> str:
    here = row.location
    return f":{here.line}" if here.document == document else inert(str(here))


def _short(id_: str, chapter: Chapter) -> str:
    return id_.removeprefix(f"{chapter.document}/")


def _style(row: Row) -> str:
    return "dim" if row.step is None else "default"


def _kind(row: Row) -> str:
    if row.block is not None:
        return row.block.kind.value
    assert row.step is not None  # noqa: S101
    return "step" if row.step.marked else "commands"


def _hosts(row: Row) -> tuple[str, ...]:
    step = row.step
    if step is not None and (step.marked or step.on):
        return (*step.on, *step.platforms, *step.requires)
    return row.block.hosts if row.block else ()


def _first(row: Row) -> str:
    """Return the first thing that is typed or written, and how many follow."""
    parts: list[str] = []
    if row.step is not None:
        parts = [_headline(action) for action in row.step.actions]
    elif row.block is not None:
        parts = [*row.block.commands, *row.block.typed]
    if not parts:
        return "checks only" if row.step is not None else row.block.path or "" if row.block else ""
    first, *more = parts[0].splitlines() or [""]
    count = f" (+{len(parts) - 1})" if len(parts) > 1 else ""
    return f"{first}{' ...' if more else ''}{count}"


def _headline(action: Action) -> str:
    match action:
        case FileContent():
            return f"writes {action.path}"
        case Manual():
            return "a person's task"
        case Command() | Dialogue():
            return action.text


def _certainty(row: Row) -> Text:
    """Return how certain a reading is, in a word and a number, in the colour of the word."""
    if row.step is not None and row.step.marked:
        return Text(number(len(row.step.checks), "check") if row.step.checks else "no check")
    return certainty(row.step.confidence if row.step else row.block.confidence if row.block else 0)


def certainty(confidence: float) -> Text:
    """Return a confidence as a word with the number."""
    word, style = (
        ("certain", "green")
        if confidence >= CERTAIN
        else ("likely", "yellow")
        if confidence >= THRESHOLD
        else ("doubtful", "red")
    )
    return Text(f"{word} {confidence:.2f}", style=style)


def _typed(row: Row) -> Iterator[str]:
    if row.step is not None:
        yield from does(row.step)
    elif row.block is not None:
        for text in row.block.commands:
            yield from (f"      {line}" for line in inert(text).splitlines())
        for text in row.block.typed:
            yield from (f"          {line}" for line in inert(text).splitlines())


def _notes(
    rows: Sequence[Row], findings: Sequence[Finding], objections: Mapping[str, tuple[str, ...]]
) -> Iterator[Text]:
    for row in rows:
        if row.step is not None and (why := objections.get(row.step.id)):
            text = Text(f"{inert(str(row.location))}: ", style="dim")
            text.append(f"{inert(row.id)} does not run unasked: ", style="not dim red")
            yield text.append(inert("; ".join(why)), style="not dim")
    for finding in findings:
        text = Text(f"{inert(str(finding.location))}: ", style="dim")
        text.append(f"{inert(finding.words)} ", style="not dim yellow")
        yield text.append(f"[{finding.flaw.value}]")


def _summary(runbook: Runbook, chapters: int, findings: int, objections: Collection[str]) -> str:
    steps = list(runbook.steps())
    unmarked = sum(not step.marked for step in steps)
    text = f"{number(len(steps), 'step')} in {number(chapters, 'chapter')}"
    if unmarked:
        text += f", {unmarked} of them unmarked"
    if objections:
        text += f", {len(objections)} of which do not run unasked"
    others = [b for c in runbook.chapters for b in c.blocks if b.kind in _NOT_TYPED]
    if others:
        text += f"; {number(len(others), 'block')} that nobody types"
    return f"{text}; {number(findings, 'finding')}" if findings else text
