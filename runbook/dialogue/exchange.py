"""What a program and the guide say to each other: which question is answered when, and with what.

A program asks when it waits for input after an incomplete line. Only its host knows whether it
waits (see `monitor`); where the host cannot be asked, silence decides. Which question it asks is
recognised by its text (see `recognition` and `shown`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Final, NoReturn

from runbook.console.prompts.answers import hides_input, is_mask
from runbook.dialogue import advice, silence
from runbook.dialogue.blank import BlankSecrets
from runbook.dialogue.drawing import Drawing
from runbook.dialogue.foreground import ForegroundState
from runbook.dialogue.full_screen import TAKEN
from runbook.dialogue.history import History
from runbook.dialogue.keyboard import Keyboard
from runbook.dialogue.monitor import ForegroundMonitor
from runbook.dialogue.recognition import Recogniser, Recognition
from runbook.dialogue.shown import ShownAnswer, ShownAnswers, unresolved_name
from runbook.dialogue.unwrap import last_question
from runbook.model import Dialogue, Turn, Typing
from runbook.model.secret_reference import filled_in, only_reference
from runbook.terminal.faults import DialogueStopped
from runbook.terminal.marks import BEGIN, LEFT, Mark
from runbook.terminal.output import plain
from runbook.terminal.pty import COLUMNS
from runbook.terminal.shell import RunningCommand, Shell, Silence

_MAX_OUTPUT: Final = 16384
"""Bytes kept of the output since the last answer."""

_ASKS: Final = re.compile(r"(?:[?:>\])=#]|\b[yY]/[nN]\b.*)$")


class Exchange:
    """The turns answered so far, and the output since the last answer."""

    def __init__(
        self,
        shell: Shell,
        run: RunningCommand,
        dialogue: Dialogue,
        secrets: Callable[[str], str],
        monitor: ForegroundMonitor,
    ) -> None:
        self._shell = shell
        self._run = run
        self._turns = dialogue.turns
        self._recogniser = Recogniser(dialogue.turns)
        self._shown = ShownAnswers(dialogue.output, dialogue.turns)
        self._asks = bool(dialogue.turns or dialogue.output)
        self._last_turn: Turn | None = None
        self._secrets = secrets
        self._monitor = monitor
        self._keyboard = Keyboard(shell, run, monitor)
        self._drawing = Drawing(shell, run, newline=not self._asks)
        self._output = b""
        self.history = History(dialogue.turns)
        self._blank = BlankSecrets()
        self._columns = COLUMNS
        self._began = False
        self._last_output_at = time.monotonic()
        self.ended = False

    def shown(self) -> str:
        """Return what the guide shows, with the answers as the terminal has shown them."""
        return self._shown.as_echoed()

    def silence_limit(self) -> float:
        """Return the seconds until further silence has a meaning."""
        near = self._monitor.is_local
        return silence.until_next(self._silent(), asks=self._asks, near=near)

    def on_mark(self, mark: Mark) -> None:
        """Note that the program begins, or has ended."""
        if mark.kind == BEGIN:
            if self._asks:
                self._monitor.begin()
            self._columns = COLUMNS if mark.number is None else mark.number
            self._began, self._output, self._last_output_at = True, b"", time.monotonic()
        elif mark.kind == LEFT:
            self.ended = True
            self._shell.send(self._shell.channel.token, self._run)

    def on_output(self, data: bytes) -> None:
        """Note what the program has printed."""
        self._last_output_at = time.monotonic()
        self._output = (self._output + data)[-_MAX_OUTPUT:]
        self._drawing.feed(data)

    def on_silence(self) -> None:
        """Answer the question of a program that waits for input."""
        if not self._began or self.ended:
            return
        text = self._text()
        line = text.rpartition("\n")[2].strip()
        silent = self._silent()
        if silent < silence.NO_PROMPT and not (line and self._asks):
            return
        # A program of somebody else may ask at this terminal, such as an agent for passphrases.
        asked = bool(line) or self._drawing.is_active
        state = self._monitor.state(others=asked and silent >= silence.NO_PROMPT)
        item = self._shell.receive(time.monotonic(), self._run)
        if not isinstance(item, Silence):
            # The program printed more meanwhile, so the state does not belong to this text.
            self._shell.unread(item)
            return
        if state.columns is not None:
            self._columns = state.columns
        recognition = self._recogniser.recognise(text, self._columns)
        if recognition.number is None and self._drawing.is_active and self._reply_drawn(state):
            return
        if not line:
            self._no_prompt(text, recognition, state)
        elif recognition.number is not None:
            if self._is_waiting(state, self._turns[recognition.number]):
                self._reply(recognition, recognition.number, text, state)
        elif not (self._asks and self._reply_as_shown(text, state)):
            self._stop_if_unexpected(text, line, state)

    def _is_waiting(self, state: ForegroundState, turn: Turn) -> bool:
        """Return whether the program waits for the answer, rather than just prints the text."""
        if state.waits is not None:
            return state.waits
        silent = self._silent()
        if turn.secret is not None and state.echo is None:
            return silent >= silence.SECRET
        return silent >= (silence.UNCERTAIN if self._monitor.sees else silence.QUESTION)

    def _no_prompt(self, text: str, recognition: Recognition, state: ForegroundState) -> None:
        """Answer a program that waits without a prompt, or after a question with a line end."""
        number = self._recogniser.without_prompt
        if number is not None and state.waits is not False:
            self._answer(number, state)
        elif state.waits and recognition.number is not None and text.strip():
            self._reply(recognition, recognition.number, text, state)
        elif (
            state.waits
            and (shown := self._shown.below(text))
            and not (shown.answer and state.hides)
        ):
            typing = Typing.LINE if shown.answer else Typing.ENTER
            self._type_shown(shown, Turn("", shown.answer or None, typing=typing), state)
        elif state.waits and self._silent() >= silence.UNEXPECTED:
            self._stop(
                "the program waits for input that the guide does not give"
                + advice.no_prompt(text or plain(self._output))
            )

    def _reply(
        self, recognition: Recognition, number: int, text: str, state: ForegroundState
    ) -> None:
        turn = self._turns[number]
        if recognition.refused:
            if self._silent() >= silence.NO_PROMPT:
                again = last_question(text, self._columns)
                self._stop(self.history.refusal(number, text, again))
        elif recognition.default is not None:
            self._stop(
                f"the default of {turn.prompt!r} is now {recognition.default!r}"
                + advice.changed_default(turn, recognition.default)
            )
        elif self._blank.refuses(turn, state):
            question = last_question(text, self._columns)
            prompts = self._blank.prompts(self._turns[number:])
            self._stop(advice.missing_secrets(question, prompts))
        else:
            self._answer(number, state)

    def _reply_as_shown(self, text: str, state: ForegroundState) -> bool:
        """Type what the guide shows behind the text at which the program is seen to wait."""
        if state.waits is False or (not state.waits and self._silent() < silence.SECRET):
            return False
        if (proposed := self._recogniser.proposal(text)) is not None:
            number, proposal = proposed
            turn = self._turns[number]
            if proposal == (turn.answer or proposal):
                self._answer(number, state, Turn(turn.prompt, typing=Typing.ENTER))
                return True
            if state.canonical is False:
                self._answer(number, state, Turn(turn.prompt, turn.answer, typing=Typing.EDIT))
                return True
        shown = self._shown.find(text, self._columns)
        if shown is None or shown.missing or (not shown.answer and state.hides):
            return False
        question = last_question(text, self._columns)
        if is_mask(shown.answer) and (state.hides or hides_input(question)):
            self._stop(advice.missing_secrets(question, [question]))
        self._type_shown(shown, Turn(question, shown.answer or None), state)
        return True

    def _type_shown(self, shown: ShownAnswer, turn: Turn, state: ForegroundState) -> None:
        if name := only_reference(shown.answer):
            turn = Turn(turn.prompt, secret=name)
        elif name := unresolved_name(shown.answer):
            self._stop(advice.unresolved(turn.prompt, shown.answer, name))
        answer = filled_in(shown.answer, self._secrets)
        if self._keyboard.type(turn, answer, state):
            pause = not turn.prompt and turn.typing is Typing.ENTER
            self._shown.use(shown, hidden=state.hides, pause=pause and state.echo is True)
            self._begin_anew(turn)

    def _reply_drawn(self, state: ForegroundState) -> bool:
        """Answer what the program has drawn on its screen; false if that is no question."""
        if state.waits is False or self._silent() < silence.UNCERTAIN:
            return False
        number = self._drawing.asked(self._recogniser.unanswered())
        question = self._drawing.question()
        if number is None:
            if question and self._silent() >= silence.UNEXPECTED:
                offered = advice.drawn_question(question, self._drawing.choices())
                self._stop(TAKEN if self._drawing.is_taken else offered)
            return False
        turn = self._turns[number]
        if turn.secret is None and turn.answer is not None and turn.typing is not Typing.KEY:
            if not self._drawing.choose(turn.answer):
                self._stop(f"the answer {turn.answer!r} to {turn.prompt!r} cannot be chosen")
            turn = Turn(turn.prompt, typing=Typing.ENTER)
        self._answer(number, state, turn)
        return True

    def _answer(self, number: int, state: ForegroundState, how: Turn | None = None) -> None:
        turn = how or self._turns[number]
        if turn.secret is not None:
            answer = self._secrets(turn.secret)
            self._shell.known.add(answer)
        else:
            answer = turn.answer or ""
        text = self._text()
        application = self._drawing.application_keys
        if not self._keyboard.type(turn, answer, state, application=application):
            return
        self._recogniser.mark_answered(number)
        self._shown.pass_turn(self._turns[number], text)
        self.history.note(number, text)
        self._begin_anew(self._turns[number])

    def _begin_anew(self, turn: Turn) -> None:
        self._last_turn = turn
        self._drawing.begin_anew()
        self._output = b""
        self._last_output_at = time.monotonic()

    def _text(self) -> str:
        """Return the output since the last answer, without the echo of the answer."""
        return plain(self._output).removeprefix(self._keyboard.echoed)

    def _silent(self) -> float:
        return time.monotonic() - self._last_output_at

    def _stop_if_unexpected(self, text: str, line: str, state: ForegroundState) -> None:
        """Stop a program that asks what the guide does not answer."""
        if state.waits is False:
            return
        patience = silence.UNEXPECTED if state.waits or self._turns else silence.UNSEEN
        if self._silent() < patience or not (state.waits or _ASKS.search(line)):
            return
        question = last_question(text, self._columns)
        shown = self._shown.find(text, self._columns)
        if shown and shown.missing:
            self._stop(advice.not_reached(question, shown.missing))
        if state.hides and shown:
            self._stop(advice.missing_secrets(question, [question]))
        if state.canonical is False and (edited := self._shown.edited(text)):
            self._stop(advice.proposal(question, *edited))
        closest = self._recogniser.closest(question)
        # Where nothing is typed, the echo is off for every question.
        hidden = state.hides if self._asks else hides_input(question)
        self._stop(
            f"the program asks what the guide does not answer: {question!r}"
            + advice.unexpected_question(
                question, self._last_turn, closest, hidden=hidden, above=self._shown.above(text)
            )
        )

    def _stop(self, why: str) -> NoReturn:
        # The program may have printed the secret, and its output is quoted here.
        why = self._shell.redact(why)
        output = self._run.output()
        if self._drawing.is_active:
            self._monitor.end_others()  # they would take what is typed next
        if not self._run.stop(self._monitor.kill):
            why += "\nIt could not be stopped, so its shell was closed."
        raise DialogueStopped(why, output)
