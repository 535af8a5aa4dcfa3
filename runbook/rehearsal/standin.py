"""A stand-in for a program that asks: it plays a script on the terminal that it was started on.

It runs as a program of its own (`python standin.py SCRIPT REPORT`) and imports nothing of this
package, so that it starts fast. At its end it writes into REPORT, as JSON, a list of the
questions that it asked, by their turn's number, with the answers that it got.
"""

from __future__ import annotations

import json
import os
import re
import sys
import termios
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

INDENT = " " * 10
MARGIN = 16
LEVEL = re.compile(r"\[ [A-Z]+ +\]")
TERMINAL = 0


class Ended(Exception):  # noqa: N818  # it names what happened
    """The input has come to its end."""


class StandIn:
    """Plays one script; `answers` are what it was told."""

    def __init__(self, script: dict[str, Any]) -> None:
        self.script = script
        self.answers: list[tuple[int | None, str]] = []
        self._columns = os.get_terminal_size(TERMINAL).columns

    def play(self) -> int:
        """Print and ask everything; return the exit status."""
        for number, question in enumerate(self.script["questions"]):
            if number == self.script["dies_before"]:
                self.show("[ ERROR ] The stand-in ends here, as it was told to")
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
            answer = self._hidden() if question["hidden"] else self._line()
            self.answers.append((question["turn"], answer))
            problem = refusal or self._problem(question, answer)
            if not problem:
                return
            refusal = None
            self.show(f"[ ERROR ] {problem}")

    def _supplied(self, question: dict[str, Any]) -> None:
        """Print a question whose answer is known from elsewhere, as installers do: twice."""
        for _ in range(2):
            self.show(question["before"])
            self._prompt(question["prompt"])
            # Long enough for a driver that does not look whether somebody waits for it.
            time.sleep(0.08)
            self._write("\n")
        self.show(f"provided answer: {question['supplied']}")

    def _prompt(self, prompt: str) -> None:
        # Installers that wrap leave no blank behind the prompt; the others leave one.
        text = self._laid_out(prompt) + ("" if self.script["wraps"] else " ")
        if not self.script["slow"]:
            self._write(text)
            return
        for place, byte in enumerate(text.encode()):
            os.write(1, bytes([byte]))
            # Longest just before the end, where a question seems complete and is not.
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
        width = self._columns - MARGIN
        lines: list[str] = []
        for line in text.split("\n"):
            words = line.strip()
            if words.startswith("[ "):
                lines.append(LEVEL.sub("\x1b[92m\\g<0>\x1b[0m", words))
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
                raise Ended
            line += byte
        return line.decode(errors="replace").rstrip("\r\n")

    def _hidden(self) -> str:
        with _no_echo(self.script["hides_after"]):
            answer = self._line()
        self._write("\n")
        return answer

    def _write(self, text: str) -> None:
        # Installers that wrap end lines as a terminal without its own line discipline wants it.
        data = (text.replace("\n", "\r\n") if self.script["wraps"] else text).encode()
        while data:
            data = data[os.write(1, data) :]


@contextmanager
def _no_echo(delay: float) -> Iterator[None]:
    """Hide what is typed, and throw away what was typed before, as getpass(3) does."""
    before = termios.tcgetattr(TERMINAL)
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    # A program is at work for a moment between its question and this.
    time.sleep(delay)
    termios.tcsetattr(TERMINAL, termios.TCSAFLUSH, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(TERMINAL, termios.TCSAFLUSH, before)


def main(script: str, report: str) -> int:
    """Play the script in the file `script`; leave the answers in the file `report`."""
    with open(script, encoding="utf-8") as file:  # noqa: PTH123  # pathlib costs 10 ms here
        stand_in = StandIn(json.load(file))
    try:
        return stand_in.play()
    except (Ended, KeyboardInterrupt):
        return 1
    finally:
        with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(stand_in.answers, file)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
