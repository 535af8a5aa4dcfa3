"""A stand-in for a program that is made with otopi, such as `engine-setup`, on a terminal.

It prints and asks as otopi 1.10.5 does (`dialog/human.py`): texts are wrapped to the terminal's
width less 16 and indented by ten, a question ends without a newline, an answer is compared
regardless of case and as a whole, and a refused one is asked for again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import asdict, evolve, frozen

from runbook.execution.hosts.host import HostConnection
from runbook.model import Dialogue
from runbook.terminal.connection import LocalConnection
from runbook.terminal.running import Completed

_PROGRAM = """
import getpass, json, os, sys, textwrap
items, log = json.load(open(sys.argv[1])), open(sys.argv[2], "a")
width = max(os.get_terminal_size(1).columns - 16, 1)

def note(text, end="\\n"):
    lines = []
    for line in text.splitlines():
        lines += textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    shown = "\\n".join(" " * 10 + line if line else " " * 9 for line in lines)
    print(shown, end=end, flush=True)

def ask(text, values, default, hidden):
    while True:
        if hidden:
            note(text, "")
            answer = getpass.getpass("") or default
        else:
            note(text, "")
            answer = input() or default
        if values and answer.lower() not in [one.lower() for one in values]:
            print("\\033[0;31m[ ERROR ]\\033[0m Invalid value", flush=True)
        elif not answer:
            print("\\033[0;31m[ ERROR ]\\033[0m Please specify value", flush=True)
        else:
            return answer

for item in items:
    if isinstance(item, str):
        if item.startswith("["):
            print("\\033[92m" + item[:9] + "\\033[0m" + item[9:], flush=True)
        else:
            note(item)
        continue
    print(ask(item["text"], item["values"], item["default"], item["hidden"]), file=log, flush=True)
"""


@frozen
class Question:
    """A question; `text` names its values and its default itself."""

    text: str
    values: tuple[str, ...] = ()
    default: str = ""
    hidden: bool = False


def yes_or_no(text: str, default: str) -> Question:
    """Return a question that is answered with yes or no."""
    return Question(f"{text}(Yes, No) [{default}]: ", ("Yes", "No"), default)


def ok_or_cancel(text: str, default: str) -> Question:
    """Return a question that is answered with OK or Cancel."""
    return Question(f"{text}(OK, Cancel) [{default}]: ", ("OK", "Cancel"), default)


def converse(
    shown: Dialogue, items: Sequence[str | Question], directory: Path
) -> tuple[Completed, list[str]]:
    """Answer a program with these notes and questions as `shown` says.

    Returns what the program printed, and what it has read, with defaults filled in.
    """
    script, asks, log = (directory / name for name in ("program.py", "items.json", "log"))
    script.write_text(_PROGRAM)
    asks.write_text(json.dumps([one if isinstance(one, str) else asdict(one) for one in items]))
    log.write_text("")
    live = HostConnection(LocalConnection("box"), {})
    try:
        done = live.session("root").converse(
            evolve(shown, text=f"{sys.executable} {script} {asks} {log}"),
            secrets=lambda name: f"<{name}>",
            timeout=30,
        )
    finally:
        live.close()
    return done, log.read_text().splitlines()
