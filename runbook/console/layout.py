"""What each piece of a console block is to the eye: a prompt, a command, output, an answer.

The same rules that read the block's actions say it, so that a page and a run cannot differ.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence

from attrs import frozen

from runbook.console import is_transcript
from runbook.console.dialogue import turns
from runbook.console.prompts import SECRET
from runbook.console.shell import pieces
from runbook.console.transcript import SECOND, prompt, read, remark, sign_of
from runbook.model import Turn


class Role(enum.Enum):
    """What a piece of a line is to the person who follows the block."""

    PROMPT = "prompt"
    COMMAND = "command"
    OUTPUT = "output"
    QUESTION = "question"
    """What a program prints before it waits for an answer."""
    ANSWER = "answer"
    ENTER = "enter"
    """An empty piece: only Enter is pressed, and the default is taken."""
    SECRET = "secret"  # noqa: S105  # no password, a role
    """An empty piece: something is typed that is not shown."""
    REMARK = "remark"


@frozen
class Piece:
    """Some text of one line, and what it is."""

    role: Role
    text: str


Line = tuple[Piece, ...]


def layout(
    text: str, *, language: str = "console", answers: Sequence[Turn] | None = None
) -> tuple[Line, ...] | None:
    """Return the pieces of each line of `text`, or `None` if the block cannot be understood.

    The texts of a line's pieces make up the line, but for its trailing blanks and an answer that
    only `answers` has, which is `None` where the guide says nothing of answers.
    """
    lines = text.split("\n")
    if not is_transcript(text, language):
        return _script(lines)
    transcript = read(lines)
    if transcript.problem or not transcript.entries:
        return None
    first = next(line for line in lines if prompt(line))
    sign = sign_of(first)
    shown: list[Line] = [_other(line, sign) for line in lines]
    for entry in transcript.entries:
        shown[entry.offset] = _typed(lines[entry.offset], sign)
        for number in range(entry.offset + 1, entry.output_offset):
            shown[number] = _continued(lines[number])
        behind = entry.output_offset
        output: list[int] = []
        while len(output) < len(entry.output):
            if not prompt(lines[behind], sign):
                output.append(behind)
            behind += 1
        asked = turns([lines[number] for number in output], answers)
        for number, turn in zip(output, asked, strict=True):
            if turn is not None:
                shown[number] = tuple(_asked(lines[number], turn, answers or ()))
    return tuple(shown)


def _script(lines: Sequence[str]) -> tuple[Line, ...] | None:
    found, problem = pieces(lines)
    if problem:
        return None
    commands = {
        piece.offset + number for piece in found for number in range(piece.text.count("\n") + 1)
    }
    return tuple(
        _line(Piece(Role.COMMAND if number in commands else Role.REMARK, line.rstrip()))
        for number, line in enumerate(lines)
    )


def _other(line: str, sign: str | None) -> Line:
    found = prompt(line, sign)
    if found and remark(line[found.end :].strip()):
        return _line(Piece(Role.REMARK, line.rstrip()))
    return _line(Piece(Role.OUTPUT, line.rstrip()))


def _typed(line: str, sign: str | None) -> Line:
    found = prompt(line, sign)
    end = found.end if found else 0
    return _line(Piece(Role.PROMPT, line[:end]), Piece(Role.COMMAND, line[end:].rstrip()))


def _continued(line: str) -> Line:
    found = SECOND.match(line)
    end = found.end() if found else 0
    # A blank line of a here-document is typed like any other.
    typed = Piece(Role.COMMAND, line[end:].rstrip())
    return (Piece(Role.PROMPT, line[:end]), typed) if end else (typed,)


def _asked(line: str, turn: Turn, answers: Sequence[Turn]) -> Iterator[Piece]:
    bare = line.rstrip()
    answer = turn.answer or ""
    if answer and bare.endswith(answer):
        yield Piece(Role.QUESTION, bare[: -len(answer)])
        yield Piece(Role.ANSWER, answer)
        return
    yield Piece(Role.QUESTION, bare + " ")
    named = next((one for one in answers if one.prompt in turn.prompt), None)
    # A question that shows its default shows its answer as well.
    hidden = SECRET.match(bare) and not bare.endswith(("]:", "] :"))
    if hidden or (named is not None and named.secret):
        yield Piece(Role.SECRET, "")
    elif named is not None and named.answer:
        yield Piece(Role.ANSWER, named.answer)
    elif named is None or not named.overrides:
        yield Piece(Role.ENTER, "")


def _line(*found: Piece) -> Line:
    return tuple(piece for piece in found if piece.text)


def commands(shown: Sequence[Line]) -> str:
    """Return what is typed at the shell, line by line: no prompts, no output, no answers."""
    typed = (
        [piece.text for piece in line if piece.role is Role.COMMAND]
        for line in shown
        if any(piece.role is Role.COMMAND for piece in line)
    )
    return "\n".join("".join(line) for line in typed)
