"""The plan as a table: the kind and confidence of each step and block, with lint findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TextIO

from attrs import frozen
from rich.text import Text

from runbook.lint import Finding
from runbook.lint.consent import CERTAIN, THRESHOLD
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
from runbook.report.plan import action_lines, heading
from runbook.report.screen import Screen
from runbook.report.text import pluralize, sanitize

_NOT_COMMANDS: Final = frozenset({Kind.OUTPUT, Kind.SYNOPSIS, Kind.OTHER, Kind.PROSE})
"""Kinds of blocks that are not typed at a prompt."""

_GAP: Final = "  "
_MIN_COMMAND: Final = 40
"""Columns that a command needs to share a line with the rest of its row."""


@frozen
class Row:
    """A row of the table: a step, a block without a step, or an unmarked step with its block."""

    step: Step | None
    block: Reading | None

    @property
    def location(self) -> Location:
        """The location of the step or block."""
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
    consent_reasons: Mapping[str, tuple[str, ...]] | None = None,
    commands: bool = False,
) -> None:
    """Write the chapters of `runbook` to `stream`, each with its findings and objections.

    With `commands`, everything that is typed follows each row in full.
    """
    console = Screen(stream)
    chapters = 0
    reported: set[Finding] = set()
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
        here = [f for f in findings if f.location.document in documents and f not in reported]
        reported.update(here)
        for note in _notes(rows, here, consent_reasons or {}):
            console.print(note, soft_wrap=True)
    for finding in (f for f in findings if f not in reported):
        console.print(Text(sanitize(str(finding)), style="yellow"), soft_wrap=True)
    console.print(Text(f"\n{_summary(runbook, chapters, len(findings), consent_reasons or {})}"))


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
    """Yield the lines of a table: one for each row if all fit into `width`, else two."""
    cells = [_cells(row, chapter, document) for row in rows]
    widths = [max(text.cell_len for text in column) for column in zip(*cells, strict=True)]
    taken = sum(widths) + len(_GAP) * len(widths)
    own_line = width - taken < _MIN_COMMAND
    margin = " " * (widths[0] + len(_GAP)) if own_line else ""
    for row, parts in zip(rows, cells, strict=True):
        line = Text()
        for number_, (part, wide) in enumerate(zip(parts, widths, strict=True)):
            # A command on a line of its own leaves room for long names.
            padding = "" if own_line and number_ > 2 else " " * (wide - part.cell_len)
            line.append(padding if number_ == 0 else "").append_text(part)
            line.append(_GAP if number_ == 0 else padding + _GAP)
        first = Text(sanitize(_summary_of_actions(row)), style=_style(row))
        first.truncate(width - (len(margin) if own_line else taken), overflow="ellipsis")
        if not own_line:
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
        Text(sanitize(_short(row.id, chapter)), style=style),
        Text(sanitize(" ".join(_hosts(row))), style=style),
    )


def _line(row: Row, chapter: Chapter, document: str) -> Text:
    """Return a row as one line, for the plan in full."""
    text = Text(f"{_where(row, document)}  ", style="dim")
    text.append(
        f"{sanitize(_short(row.id, chapter))}  {_kind(row)}", style=f"not dim {_style(row)}"
    )
    if hosts := _hosts(row):
        text.append(f"  on {sanitize(' '.join(hosts))}", style=f"not dim {_style(row)}")
    return text.append("  ").append_text(_certainty(row))


def _where(row: Row, document: str) -> str:
    here = row.location
    return f":{here.line}" if here.document == document else sanitize(str(here))


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


def _summary_of_actions(row: Row) -> str:
    """Return the first command or file of a row, and how many follow."""
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
            return "a manual task"
        case Command() | Dialogue():
            return action.text


def _certainty(row: Row) -> Text:
    """Return the confidence of a row; for a marked step, the number of its checks."""
    if row.step is not None and row.step.marked:
        return Text(pluralize(len(row.step.checks), "check") if row.step.checks else "no check")
    return certainty(row.step.confidence if row.step else row.block.confidence if row.block else 0)


def certainty(confidence: float) -> Text:
    """Return a confidence as a coloured word and its number."""
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
        yield from action_lines(row.step)
    elif row.block is not None:
        for text in row.block.commands:
            yield from (f"      {line}" for line in sanitize(text).splitlines())
        for text in row.block.typed:
            yield from (f"          {line}" for line in sanitize(text).splitlines())


def _notes(
    rows: Sequence[Row], findings: Sequence[Finding], consent_reasons: Mapping[str, tuple[str, ...]]
) -> Iterator[Text]:
    for row in rows:
        if row.step is not None and (why := consent_reasons.get(row.step.id)):
            text = Text(f"{sanitize(str(row.location))}: ", style="dim")
            text.append(f"{sanitize(row.id)} does not run unless you agree: ", style="not dim red")
            yield text.append(sanitize("; ".join(why)), style="not dim")
    for finding in findings:
        text = Text(f"{sanitize(str(finding.location))}: ", style="dim")
        text.append(f"{sanitize(finding.text)} ", style="not dim yellow")
        yield text.append(f"[{finding.kind.value}]")


def _summary(
    runbook: Runbook, chapters: int, findings: int, consent_reasons: Collection[str]
) -> str:
    steps = list(runbook.steps())
    unmarked = sum(not step.marked for step in steps)
    text = f"{pluralize(len(steps), 'step')} in {pluralize(chapters, 'chapter')}"
    if unmarked:
        text += f", {unmarked} of them unmarked"
    if consent_reasons:
        text += f", {len(consent_reasons)} of which do not run unless you agree"
    others = [b for c in runbook.chapters for b in c.blocks if b.kind in _NOT_COMMANDS]
    if others:
        text += f"; {pluralize(len(others), 'block')} that are not commands"
    return f"{text}; {pluralize(findings, 'finding')}" if findings else text
