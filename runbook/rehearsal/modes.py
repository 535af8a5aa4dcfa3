"""The ways in which a stand-in departs from its transcript, and how the driver must end.

A mode that only played the transcript would prove little: programs are slow, wrap their lines,
change their order and their questions, refuse answers and die.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from runbook.model import Dialogue
from runbook.questions import is_for_commands, offer
from runbook.rehearsal.script import Question, Script, compile_script, replaced

EXTRA: Final = "Configure the stand-in on this host (Yes, No) [Yes]:"
REFUSAL: Final = "The stand-in refuses this answer once"

_LATE: Final = 0.25
"""Seconds in which an answer would long be typed by a driver that does not look."""
_DEATH: Final = 97
"""What the exit status of a death is above the documented one: it is never right by chance."""


@frozen
class Mode:
    """One way to play a script.

    `change` returns the script to play, or `None` where the mode does not apply. `stops` is
    what the driver's refusal to go on must say; empty if it has to come to the end. `columns` is
    the terminal's width. Where it is not `watched`, only silence tells that a question is one.
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


def _late(_: Dialogue, script: Script) -> Script | None:
    """Show what is typed for a while after the question for a secret."""
    if not any(question.hidden for question in script.questions):
        return None
    return evolve(script, hides_after=_LATE)


def _wrapped(_: Dialogue, script: Script) -> Script:
    return evolve(script, wraps=True)


def _reordered(_: Dialogue, script: Script) -> Script | None:
    """Shuffle what may stand in any order: a secret's confirmation stays behind it."""
    if _repl(script) or len(script.questions) < 2:
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
    place = len(script.questions) // 2
    stranger = Question(EXTRA, None, choices=("Yes", "No"), default="Yes")
    asked = (*script.questions[:place], stranger, *script.questions[place:])
    return evolve(script, questions=asked)


def _dropped(_: Dialogue, script: Script) -> Script | None:
    if len(script.questions) < 2 or _repl(script):
        return None
    place = len(script.questions) // 2
    return evolve(script, questions=script.questions[:place] + script.questions[place + 1 :])


def _every(dialogue: Dialogue, script: Script) -> Script | None:
    """Ask as well what comes only sometimes: nothing else plays those answers."""
    asking = compile_script(dialogue, status=script.status, every=True)
    return None if asking == script else asking


def _default(dialogue: Dialogue, script: Script) -> Script | None:
    """Change the default of a choice that the guide takes by an empty answer."""
    return _other_default(dialogue, script, typed=False)


def _default_unused(dialogue: Dialogue, script: Script) -> Script | None:
    """Change the default of a choice for which the guide types its answer."""
    return _other_default(dialogue, script, typed=True)


def _other_default(dialogue: Dialogue, script: Script, *, typed: bool) -> Script | None:
    for place, question in enumerate(script.questions):
        answer = dialogue.turns[question.turn or 0].answer
        other = next(
            (c for c in question.choices if c.lower() != (question.default or "").lower()), None
        )
        if bool(answer) is typed and not question.hidden and question.default and other:
            prompt = question.prompt.replace(f"[{question.default}]", f"[{other}]")
            if offer(prompt).default == other:
                changed = evolve(question, prompt=prompt, default=other)
                asked = replaced(script.questions, place, changed)
                return evolve(script, questions=asked)
    return None


def _refused(dialogue: Dialogue, script: Script) -> Script | None:
    return _refusing(dialogue, script, hidden=False)


def _secret_refused(dialogue: Dialogue, script: Script) -> Script | None:
    return _refusing(dialogue, script, hidden=True)


def _refusing(dialogue: Dialogue, script: Script, *, hidden: bool) -> Script | None:
    if _repl(script):
        return None
    for place, question in enumerate(script.questions):
        if question.hidden is hidden and dialogue.turns[question.turn or 0].prompt:
            refusing = evolve(question, refusal=REFUSAL)
            return evolve(script, questions=replaced(script.questions, place, refusing))
    return None


def _death(_: Dialogue, script: Script) -> Script:
    status = (script.status + _DEATH) % 256
    return evolve(script, dies_before=len(script.questions) // 2, status=status)


def _supplied(dialogue: Dialogue, script: Script) -> Script | None:
    for place, question in enumerate(script.questions):
        turn = dialogue.turns[question.turn or 0]
        if turn.secret is None and turn.prompt and not _repl(script):
            given = turn.answer or question.default or "something"
            known = evolve(question, supplied=given)
            return evolve(script, questions=replaced(script.questions, place, known))
    return None


def _repl(script: Script) -> bool:
    return any(is_for_commands(question.prompt) for question in script.questions)


AS_WRITTEN: Final = Mode("as written", _as_written)
MODES: Final = (
    AS_WRITTEN,
    Mode("slow", _slow),
    Mode("hides late", _late),
    Mode("hides late, unwatched", _late, watched=False),
    *(Mode(f"{columns} columns", _wrapped, columns=columns) for columns in (0, 80, 132, 1000)),
    Mode("reordered", _reordered),
    Mode("extra question", _extra, stops=EXTRA),
    Mode("dropped question", _dropped),
    Mode("every question", _every),
    Mode("changed default", _default, stops="the default of"),
    Mode("changed default, not taken", _default_unused),
    Mode("refused answer", _refused, stops=REFUSAL),
    Mode("refused secret", _secret_refused, stops=REFUSAL),
    Mode("death", _death),
    Mode("supplied answer", _supplied),
)
