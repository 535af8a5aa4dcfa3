"""The output that a document shows of a command: where it stands, and how it has to change.

The plan says how many lines of output a command has. So a block ends where the plan has read its
end, whatever the markup of the document is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from runbook.commands.authoring.document_text import Change, lines_of, places_of, without_end
from runbook.console.transcript import prompt, read
from runbook.execution.texts.revise import revised
from runbook.model import Command, Dialogue


@frozen
class _Place:
    """Where a document shows output: lines `start` to `end`, without remarks after the last.

    `texts` are these lines without the `prefix` that they share and without their ends. `printed`
    are the numbers of those that are output, counted from the first. `command` is how the
    document has the command, and `newline` how its lines end.
    """

    start: int
    end: int
    prefix: str
    newline: str
    texts: tuple[str, ...]
    printed: tuple[int, ...]
    command: str


def change_of(
    text: str, shown: Command | Dialogue, printed: str, as_printed: Callable[[str], str]
) -> Change | None:
    """Return the change of a document to what was `printed`, or `None` if it shows nothing there.

    `text` is that of the document. `as_printed` gives a line of it as a program prints it.
    """
    found = [
        one
        for place in places_of(text, shown.location.line)
        if (one := _place(lines_of(text), place, shown))
    ]
    if not found:
        return None
    place = next((one for one in found if one.command == shown.text), found[0])
    came = printed.rstrip("\n")
    new = revised(
        place.texts,
        came.split("\n") if came else (),
        as_printed,
        shown.turns if isinstance(shown, Dialogue) else (),
        exact=isinstance(shown, Command) and shown.compare,
    )
    lines = lines_of(text)[place.start : place.end]
    # A line that stays is not even indented anew.
    written = dict(zip(place.texts, lines, strict=True))
    changed = [
        written.get(line) or f"{place.prefix if line.strip() else ''}{line}{place.newline}"
        for line in new
    ]
    if changed and not lines[-1].endswith("\n"):
        changed[:-1] = [
            line if line.endswith("\n") else line + place.newline for line in changed[:-1]
        ]
        changed[-1] = without_end(changed[-1])
    return Change(
        place.start, place.end, tuple(changed), shown.location, shown.text,
        _output(place, new, shown.output or ""),
    )  # fmt: skip


def _output(place: _Place, new: Sequence[str], before: str) -> str | None:
    """Return the output of the plan with the `new` lines; `before` is that without them."""
    planned = dict.fromkeys(place.texts)
    planned |= {
        place.texts[n]: one for n, one in zip(place.printed, before.split("\n"), strict=True)
    }
    texts = [planned.get(line, line.rstrip()) for line in new]
    output = [text for text in texts if text is not None]
    while output and not output[-1].strip():
        output.pop()
    return "\n".join(output) if output else None


def _place(lines: Sequence[str], start: int, shown: Command | Dialogue) -> _Place | None:
    """Return the place of the output of a command, unless it does not begin in this line."""
    if start >= len(lines) or not shown.output:
        return None
    first = without_end(lines[start])
    prefix = first[: len(first) - len(first.lstrip(" \t"))]
    size = shown.output.count("\n") + 1
    block = list(_block(lines[start:], prefix, shown.text.count("\n") + 1 + size))
    entries = read(block).entries
    if not entries or entries[0].offset != 0:
        return None
    entry, offset = entries[0], entries[0].output_offset
    numbers = entry.output_lines[:size]
    if len(numbers) < size:
        return None
    end = numbers[-1] + 1
    return _Place(
        start + offset,
        start + end,
        prefix,
        lines[start][len(first) :],
        tuple(block[offset:end]),
        tuple(number - offset for number in numbers),
        entry.text,
    )


def _block(lines: Sequence[str], prefix: str, size: int) -> Iterator[str]:
    """Yield the lines without `prefix` up to the last of `size` lines that show no prompt.

    A line that is indented less ends them, too.
    """
    width = len(prefix.expandtabs())
    for line in map(without_end, lines):
        text = line.removeprefix(prefix)
        if text == line and prefix:
            # It is indented in another way, or blank.
            expanded = line.expandtabs()
            if expanded[:width].strip():
                return
            text = expanded[width:]
        yield text
        size -= prompt(text) is None
        if not size:
            return
