"""Answers that the guide shows in the output of a program, where nothing marks them as typed.

`Motto: x` may be a question with its answer, or all printed by the program. Whoever sees the
program wait after `Motto:` knows. Which of the lines that begin so is meant says what was printed
before: a line that the program has printed whole is no answer, and none is looked for beyond lines
that have not been printed yet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from runbook.console.prompts.answers import is_pause
from runbook.console.prompts.marked import marked_turn
from runbook.console.prompts.question import cleaned
from runbook.dialogue.printed_lines import PrintedLines, compact
from runbook.dialogue.unwrap import last_question
from runbook.model import Turn
from runbook.model.secret_reference import REFERENCE

_MIN_QUESTION: Final = 2
"""Characters of a question; one alone is a question only below a line that the guide shows."""
_MORE: Final = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])\s*[:?]")
"""Choices or a default, so that the line shows a longer question."""
_OFFERS_MORE: Final = re.compile(
    r"(?i)\bor\s+(?:type|enter|input|specify|give|choose|select|write)\b"
)
"""Words of a pause at which something else than Enter may be meant."""
_PROPOSED: Final = re.compile(r"(?P<prompt>.*?[:?])\s+(?P<text>\S.*)")
_NAME: Final = re.compile(r"<(?!secret:)(?:[a-z0-9][a-z0-9-]*:)?[a-z][a-z0-9_-]*(?: [a-z0-9_-]+)*>")
_WORDS: Final = frozenset({"<default>", "<empty>", "<none>", "<null>", "<unknown>"})
"""Words in angle brackets with which programs name a value."""
_PATTERN: Final = re.compile(r".* \((?:glob|re)\)")


@frozen
class ShownAnswer:
    """What the guide shows after a question: the number of its line, and the answer.

    The answer is empty where the line ends with the question. `missing` is a line before it that
    the program should have printed by then, and has not; then it is not to be typed. `printed` are
    the lines before it that the program has printed.
    """

    line: int
    answer: str
    missing: str = ""
    printed: frozenset[int] = frozenset()


class ShownAnswers:
    """The lines of a transcript that may show answers; each answers one question.

    `turns` are the questions that are recognised anywhere, so that their lines may be missing.
    """

    def __init__(self, output: str, turns: tuple[Turn, ...] = ()) -> None:
        self._output = output
        lines = [cleaned(line).rstrip() for line in output.split("\n")]
        marked = [marked_turn(line) for line in lines]
        self._prompts = [None if turn is None else turn.prompt for turn in marked]
        # A marked answer is a turn, and as such it is typed.
        self._lines = [
            line if turn is None else "" for line, turn in zip(lines, marked, strict=True)
        ]
        self._turns = [turn.prompt for turn in turns if turn.prompt]
        self._next = 0
        self._spent: set[int] = set()
        self._hidden: list[ShownAnswer] = []
        self._pauses: set[int] = set()

    def find(self, text: str, columns: int) -> ShownAnswer | None:
        """Return the answer to the question that `text` ends with, if a line shows that question.

        It is looked for from the line after the last that was used. `text` is the output since
        then, so that lines which it has whole are passed over.
        """
        questions = _questions(text, columns)
        above, _, last = text.rpartition("\n")

        def answer(number: int) -> str | None:
            line = self._lines[number]
            found = (text_after(line, question) for question in questions)
            shown = next((one for one in found if one is not None), None)
            if shown is None and len(last.strip()) == 1 and number:
                known = compact(self._lines[number - 1])
                if known and known == compact(above.rpartition("\n")[2]):
                    return text_after(line, last)
            return shown

        found = self._reach(PrintedLines(above.split("\n"), self._next > 0), answer)
        if found is None or found.missing:
            # A program may ask in another order than the transcript.
            return self._passed_over(answer) or found
        return found

    def below(self, text: str) -> ShownAnswer | None:
        """Return what the guide answers to a whole line, the last of those printed as `text`.

        At a pause that is Enter, otherwise the line below. Where nothing was printed, it is the
        next line.
        """
        printed = [line for line in text.split("\n") if line.strip()]
        if not printed:
            return self._line_from(self._next)
        last = printed.pop().strip()

        def reached(number: int) -> str | None:
            return "" if compact(self._lines[number]) == compact(last) else None

        found = self._reach(PrintedLines(printed, self._next > 0), reached)
        if found is None or found.missing:
            return None
        after = found.line + 1
        if is_pause(last):
            is_blank = after + 1 < len(self._lines) and not self._lines[after].strip()
            return found if is_blank or not _OFFERS_MORE.search(last) else None
        return self._line_from(after)

    def _line_from(self, start: int) -> ShownAnswer | None:
        lines = enumerate(self._lines[start:], start)
        return next((ShownAnswer(n, line.strip()) for n, line in lines if line.strip()), None)

    def above(self, text: str) -> str | None:
        """Return the line of the guide that stands above the question at the end of `text`.

        It is the last one that `text` has as well, or empty; `None` if the guide shows no output.
        """
        printed = {compact(line) for line in text.split("\n")}
        found = [line for line in self._lines if line.strip() and compact(line) in printed]
        return found[-1].strip() if found else "" if any(self._lines) else None

    def edited(self, text: str) -> tuple[str, str] | None:
        """Return the question before a proposal at the end of `text`, and what the guide answers.

        A program that edits lines has written the proposal, and the guide shows another text.
        """
        asked = _PROPOSED.fullmatch(text.rpartition("\n")[2].strip())
        for line in self._lines[self._next :] if asked else ():
            shown = _PROPOSED.fullmatch(line.strip())
            if asked and shown and compact(shown["prompt"]) == compact(asked["prompt"]):
                return shown["prompt"], shown["text"]
        return None

    def use(self, shown: ShownAnswer, *, hidden: bool = False, pause: bool = False) -> None:
        """Note that the answer has been typed, maybe `hidden` by the terminal.

        At a `pause` on a line of its own, the terminal shows an empty line.
        """
        self._go_to(shown)
        if hidden:
            self._hidden.append(shown)
        elif pause:
            self._pauses.add(shown.line)

    def pass_turn(self, turn: Turn, text: str) -> None:
        """Note that a recognised question was answered after the program had printed `text`."""
        wanted = compact(turn.prompt)
        lines = text.split("\n")
        if lines and (not lines[-1].strip() or compact(lines[-1]).startswith(wanted)):
            lines.pop()
        if lines and compact(lines[-1]) == wanted:
            lines.pop()

        def asked(number: int) -> str | None:
            if (prompt := self._prompts[number]) is not None:
                return "" if compact(prompt) == wanted else None
            if wanted:
                return text_after(self._lines[number], turn.prompt)
            return "" if compact(self._lines[number]) == compact(turn.answer or "") else None

        found = self._reach(PrintedLines(lines, self._next > 0), asked)
        if found is not None and not (found.missing and turn.sometimes):
            self._go_to(found)

    def _go_to(self, shown: ShownAnswer) -> None:
        self._spent |= {shown.line, *shown.printed}
        self._next = max(self._next, shown.line + 1)

    def _passed_over(self, answer: Callable[[int], str | None]) -> ShownAnswer | None:
        """Return the first line with an `answer` before the place that the program has come to.

        Neither was it answered nor has the program printed it.
        """
        left = (n for n in range(self._next) if n not in self._spent)
        found = ((number, answer(number)) for number in left)
        return next((ShownAnswer(n, shown) for n, shown in found if shown is not None), None)

    def as_echoed(self) -> str:
        """Return the transcript as the terminal has shown the answers that were typed.

        Those that it hid are left out. The empty line of a pause may be missing in the guide.
        """
        lines = self._output.split("\n")
        for shown in self._hidden:
            lines[shown.line] = self._lines[shown.line].removesuffix(shown.answer)
        for number in self._pauses:
            if "".join(lines[number + 1 : number + 2]).strip():
                lines[number] += "\n"
        return "\n".join(lines)

    def _reach(
        self, printed: PrintedLines, answer: Callable[[int], str | None]
    ) -> ShownAnswer | None:
        """Return the first line that has an `answer` and was not printed whole.

        Lines before it must have been printed. Where a line is missing, but a later one was
        printed that stands nowhere else, the program has got further nevertheless.
        """
        missing, blocked = "", None
        spent: set[int] = set()
        for number in range(self._next, len(self._lines)):
            line = self._lines[number]
            shown = answer(number)
            if line.strip() and printed.take(line, asks=shown is not None):
                if missing and self._is_unique(number):
                    missing, blocked = "", None
                spent.add(number)
                continue
            if shown is not None:
                if printed.take_question(line, shown):
                    spent.add(number)
                    continue
                found = ShownAnswer(number, shown, missing, frozenset(spent))
                if not missing:
                    return found
                blocked = blocked or found
            elif self._may_be_missing(line):
                continue
            elif printed.take_similar(line):
                spent.add(number)
                continue
            missing = missing or line.strip()
        return blocked

    def _may_be_missing(self, line: str) -> bool:
        if not line.strip() or line.strip() == "..." or _PATTERN.fullmatch(line):
            return True
        if REFERENCE.search(line):
            return True  # the program prints the secret itself, if anything
        return any(text_after(line, prompt) is not None for prompt in self._turns)

    def _is_unique(self, number: int) -> bool:
        wanted = compact(self._lines[number])
        return sum(compact(line) == wanted for line in self._lines[self._next :]) == 1


def _questions(text: str, columns: int) -> list[str]:
    """Return the question at the end of `text` as its last line, and unwrapped."""
    found = (text.rpartition("\n")[2], last_question(text, columns))
    return list(dict.fromkeys(one for one in found if len(one.strip()) >= _MIN_QUESTION))


def unresolved_name(answer: str) -> str:
    """Return the first `<name>` in an answer that nothing stands for, empty if there is none."""
    if "</" in answer:
        return ""  # it is markup
    return next((found for found in _NAME.findall(answer) if found not in _WORDS), "")


def text_after(line: str, question: str) -> str | None:
    """Return what follows `question` in `line`, `None` if that does not begin with it.

    Blanks do not count, except that a word must not go on after the question.
    """
    wanted = "".join(question.split())
    end = line_end = 0
    for char, place in _characters(line):
        if end == len(wanted) or char != wanted[end]:
            break
        end += 1
        line_end = place + 1
    if end < len(wanted):
        return None
    rest = line[line_end:]
    if (rest[:1].isalnum() and wanted[-1].isalnum()) or _MORE.match(rest):
        return None
    return rest.strip()


def _characters(line: str) -> Iterator[tuple[str, int]]:
    return ((char, place) for place, char in enumerate(line) if not char.isspace())
