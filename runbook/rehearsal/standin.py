"""A stand-in for an interactive program: it plays a script on its terminal.

It is run as `python standin.py SCRIPT REPORT`. At its end it writes to REPORT a list of pairs: the
turn's index of each question asked, and the answer. It starts fast, for hundreds of it are started:
it imports little and nothing from this package, and its files are in the format of marshal.
"""

from __future__ import annotations

import marshal
import os
import sys
import termios
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INDENT = " " * 10
MARGIN = 16
LEVEL = r"\[ [A-Z]+ +\]"
TERMINAL = 0
MOST_SLOW = 10


class InputEnded(Exception):  # noqa: N818  # it names what happened
    """The input has ended."""


class StandIn:
    """Plays one script, and collects the `answers`."""

    def __init__(self, script: dict[str, Any]) -> None:
        self.script = script
        self.answers: list[tuple[int | None, str]] = []
        self._columns = os.get_terminal_size(TERMINAL).columns
        self._slowly = False

    def play(self) -> int:
        """Print all text, ask all questions, and return the exit status."""
        for number, question in enumerate(self.script["questions"]):
            # Of many questions some are enough; each takes a third of a second.
            every = max(1, len(self.script["questions"]) // MOST_SLOW)
            self._slowly = self.script["slow"] and number % every == 0
            if number == self.script["crashes_before"]:
                self.show("[ ERROR ] The stand-in crashes here")
                return int(self.script["status"])
            if question["supplied"] is not None:
                self._supplied(question)
            else:
                self._ask(question)
        self.show(self.script["after"])
        return int(self.script["status"])

    def show(self, text: str) -> None:
        """Print whole lines."""
        if text:
            self._write(self._laid_out(text) + "\n")

    def _ask(self, question: dict[str, Any]) -> None:
        refusal = question["refusal"]
        while True:
            self.show(question["before"])
            self._prompt(question["prompt"])
            answer = self._answer(question)
            self.answers.append((question["turn"], answer))
            problem = refusal or self._problem(question, answer)
            if not problem:
                return
            refusal = None
            self.show(f"[ ERROR ] {problem}")

    def _answer(self, question: dict[str, Any]) -> str:
        if question["hidden"]:
            return self._hidden()
        if question["keys"]:
            return self._keys(question["keys"])
        if question["proposal"]:
            return self._edited(question["proposal"])
        return self._line()

    def _keys(self, count: int) -> str:
        """Read single keys, which no Enter ends."""
        before = termios.tcgetattr(TERMINAL)
        single = [*before[:3], before[3] & ~termios.ICANON, *before[4:]]
        termios.tcsetattr(TERMINAL, termios.TCSANOW, single)
        try:
            keys = b"".join(os.read(TERMINAL, 1) for _ in range(count))
        finally:
            termios.tcsetattr(TERMINAL, termios.TCSANOW, before)
        self._write("\n")
        return keys.decode(errors="replace")

    def _edited(self, proposal: str) -> str:
        """Read a line in which a proposal stands already, as readline does."""
        import readline

        readline.set_startup_hook(lambda: readline.insert_text(proposal))
        try:
            return input()
        except EOFError:
            raise InputEnded from None
        finally:
            readline.set_startup_hook()

    def _supplied(self, question: dict[str, Any]) -> None:
        """Print a question whose answer was supplied beforehand, twice, as installers do."""
        for _ in range(2):
            self.show(question["before"])
            self._prompt(question["prompt"])
            # Long enough for a driver to answer that does not check if the program waits.
            time.sleep(0.08)
            self._write("\n")
        self.show(f"provided answer: {question['supplied']}")

    def _prompt(self, prompt: str) -> None:
        # Installers that wrap lines print no blank after the prompt; others do.
        text = self._laid_out(prompt) + ("" if self.script["wraps"] else " ")
        if not self._slowly:
            self._write(text)
            return
        for place, byte in enumerate(text.encode()):
            os.write(1, bytes([byte]))
            # Slowest just before the end, where the question looks complete.
            time.sleep(0.12 if place >= len(text) - 2 else 0.001)

    def _problem(self, question: dict[str, Any], answer: str) -> str:
        choices = [choice.lower() for choice in question["choices"]]
        if not answer and question["default"] is not None:
            return ""
        if not answer and (choices or question["hidden"]):
            return "Please specify value"
        if choices and answer.lower() not in choices:
            return "Invalid value"
        return ""

    def _laid_out(self, text: str) -> str:
        if not self.script["wraps"]:
            return text
        import re
        import textwrap

        width = self._columns - MARGIN
        lines: list[str] = []
        for line in text.split("\n"):
            words = line.strip()
            if words.startswith("[ "):
                lines.append(re.sub(LEVEL, "\x1b[92m\\g<0>\x1b[0m", words))
            elif not words:
                lines.append("")
            elif width > 0:
                lines += [INDENT + part for part in textwrap.wrap(words, width)]
            else:
                lines += [INDENT + part for part in words.split()]
        return "\n".join(lines)

    def _line(self) -> str:
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(TERMINAL, 1)
            if not byte:
                raise InputEnded
            line += byte
        return line.decode(errors="replace").rstrip("\r\n")

    def _hidden(self) -> str:
        """Turn the echo off, discard pending input, and read a line, as getpass(3) does."""
        before = termios.tcgetattr(TERMINAL)
        hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
        # Programs take a moment between the question and this.
        time.sleep(self.script["echo_off_after"])
        termios.tcsetattr(TERMINAL, termios.TCSAFLUSH, hidden)
        try:
            answer = self._line()
        finally:
            termios.tcsetattr(TERMINAL, termios.TCSAFLUSH, before)
        self._write("\n")
        return answer

    def _write(self, text: str) -> None:
        # Installers that wrap lines end them with CR LF.
        data = (text.replace("\n", "\r\n") if self.script["wraps"] else text).encode()
        while data:
            data = data[os.write(1, data) :]


def main(script: str, report: str) -> int:
    """Play the script in the file `script`, and write the answers to the file `report`."""
    with open(script, "rb") as file:  # noqa: PTH123  # pathlib costs 10 ms here
        stand_in = StandIn(marshal.load(file))  # noqa: S302  # its own process wrote it
    try:
        return stand_in.play()
    except (InputEnded, KeyboardInterrupt):
        return 1
    finally:
        with open(report, "wb") as file:  # noqa: PTH123
            marshal.dump(stand_in.answers, file)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
