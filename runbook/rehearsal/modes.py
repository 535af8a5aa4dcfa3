"""Modes: how a stand-in deviates from its transcript, and how the driver must react.

Real programs are slow, wrap lines, reorder and change their questions, refuse answers and crash.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from runbook.console.prompts.answers import accepted_answers, is_command_prompt
from runbook.model import Dialogue
from runbook.rehearsal.script import Question, Script, compile_script, replaced

EXTRA: Final = "Configure the stand-in on this host (Yes, No) [Yes]:"
REFUSAL: Final = "The stand-in refuses this answer once"

_ECHO_DELAY: Final = 0.25
"""Seconds until the echo is off: a driver that does not wait for that has answered by then."""
_CRASH_OFFSET: Final = 97
"""Added to the documented exit status for a crash, so that it never matches by chance."""


@frozen
class Mode:
    """One way to play a script.

    `change` returns the script to play, or `None` if the mode does not apply. `stops` is text
    that the driver must stop with, or empty if it must reach the end. `columns` is the width of
    the terminal. If not `watched`, the driver can recognize a question only by silence.
    """

    name: str
    change: Callable[[Dialogue, Script], Script | None]
    stops: str = ""
    columns: int | None = None
    watched: bool = True


def _as_written(_: Dialogue, script: Script) -> Script:
    return script


def _slow(_: Dialogue, script: Script) -> Script:
    return evolve(script, slow=True)


def _late_echo_off(_: Dialogue, script: Script) -> Script | None:
    """Keep echoing input for a while after asking for a secret."""
    if not any(question.hidden for question in script.questions):
        return None
    if any(question.proposal for question in script.questions):
        return None  # whether a proposal may be edited has to be seen
    return evolve(script, echo_off_after=_ECHO_DELAY)


def _wrapped(_: Dialogue, script: Script) -> Script:
    return evolve(script, wraps=True)


def _reordered(_: Dialogue, script: Script) -> Script | None:
    """Shuffle the questions, but keep the confirmation of a secret behind it."""
    if _is_repl(script) or len(script.questions) < 2:
        return None
    groups: list[list[Question]] = []
    for question in script.questions:
        follows = groups and question.hidden and groups[-1][-1].hidden
        if follows or (groups and question.prompt == groups[-1][-1].prompt):
            groups[-1].append(question)
        else:
            groups.append([question])
    random.Random(len(groups)).shuffle(groups)  # noqa: S311  # the same order every time
    return evolve(script, questions=tuple(question for group in groups for question in group))


def _extra(_: Dialogue, script: Script) -> Script:
    middle = len(script.questions) // 2
    extra = Question(EXTRA, None, choices=("Yes", "No"), default="Yes")
    asked = (*script.questions[:middle], extra, *script.questions[middle:])
    return evolve(script, questions=asked)


def _dropped(_: Dialogue, script: Script) -> Script | None:
    if len(script.questions) < 2 or _is_repl(script):
        return None
    middle = len(script.questions) // 2
    prompts = [question.prompt for question in script.questions]
    if prompts.count(prompts[middle]) > 1:
        return None  # which of them is missing could not be told
    return evolve(script, questions=script.questions[:middle] + script.questions[middle + 1 :])


def _every(dialogue: Dialogue, script: Script) -> Script | None:
    """Also ask the questions that come only sometimes; no other mode plays their answers."""
    asking = compile_script(dialogue, status=script.status, every=True)
    return None if asking == script else asking


def _default(dialogue: Dialogue, script: Script) -> Script | None:
    """Change a default that the guide accepts with an empty answer."""
    return _other_default(dialogue, script, typed=False)


def _default_unused(dialogue: Dialogue, script: Script) -> Script | None:
    """Change a default for which the guide types an answer."""
    return _other_default(dialogue, script, typed=True)


def _other_default(dialogue: Dialogue, script: Script, *, typed: bool) -> Script | None:
    for number, question in enumerate(script.questions):
        answer = dialogue.turns[question.turn or 0].answer
        other = next(
            (c for c in question.choices if c.lower() != (question.default or "").lower()), None
        )
        if bool(answer) is typed and not question.hidden and question.default and other:
            prompt = question.prompt.replace(f"[{question.default}]", f"[{other}]")
            if accepted_answers(prompt).default == other:
                changed = evolve(question, prompt=prompt, default=other)
                asked = replaced(script.questions, number, changed)
                return evolve(script, questions=asked)
    return None


def _refused(dialogue: Dialogue, script: Script) -> Script | None:
    return _refusing(dialogue, script, hidden=False)


def _secret_refused(dialogue: Dialogue, script: Script) -> Script | None:
    return _refusing(dialogue, script, hidden=True)


def _refusing(dialogue: Dialogue, script: Script, *, hidden: bool) -> Script | None:
    if _is_repl(script):
        return None
    for number, question in enumerate(script.questions):
        if question.hidden is hidden and _can_be_refused(dialogue, question.turn or 0):
            refusing = evolve(question, refusal=REFUSAL)
            return evolve(script, questions=replaced(script.questions, number, refusing))
    return None


def _can_be_refused(dialogue: Dialogue, number: int) -> bool:
    """Tell whether the driver can know that the answer of a turn was refused.

    Not if the guide says that the same question is asked again, for another thing.
    """
    prompt = dialogue.turns[number].prompt
    later = dialogue.turns[number + 1 :]
    return bool(prompt) and not any(turn.again and turn.prompt == prompt for turn in later)


def _crash(_: Dialogue, script: Script) -> Script:
    status = (script.status + _CRASH_OFFSET) % 256
    return evolve(script, crashes_before=len(script.questions) // 2, status=status)


def _supplied(dialogue: Dialogue, script: Script) -> Script | None:
    for number, question in enumerate(script.questions):
        turn = dialogue.turns[question.turn or 0]
        if turn.secret is None and turn.prompt and not _is_repl(script):
            given = turn.answer or question.default or "something"
            known = evolve(question, supplied=given)
            return evolve(script, questions=replaced(script.questions, number, known))
    return None


def _is_repl(script: Script) -> bool:
    return any(is_command_prompt(question.prompt) for question in script.questions)


AS_WRITTEN: Final = Mode("as written", _as_written)
MODES: Final = (
    AS_WRITTEN,
    Mode("slow", _slow),
    Mode("late echo off", _late_echo_off),
    Mode("late echo off, unwatched", _late_echo_off, watched=False),
    *(Mode(f"{columns} columns", _wrapped, columns=columns) for columns in (0, 80, 132, 1000)),
    Mode("reordered", _reordered),
    Mode("extra question", _extra, stops=EXTRA),
    Mode("dropped question", _dropped),
    Mode("every question", _every),
    Mode("changed default", _default, stops="the default of"),
    Mode("changed default, not taken", _default_unused),
    Mode("refused answer", _refused, stops=REFUSAL),
    Mode("refused secret", _secret_refused, stops=REFUSAL),
    Mode("crash", _crash),
    Mode("supplied answer", _supplied),
)
