"""Programs that draw on the screen are answered by the labels of buttons and items."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from runbook.execution.hosts.host import HostConnection
from runbook.execution.sessions.session import Session
from runbook.model import Dialogue, Location, Turn, Typing
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import DialogueStopped
from runbook.terminal.running import Completed

MENU = """
import curses
def main(screen):
    items, at = ["Alpha", "Beta", "Gamma Ray"], 0
    while True:
        screen.erase()
        screen.addstr(1, 4, "Which store is to be used?")
        for n, item in enumerate(items):
            screen.addstr(3 + n, 6, item, curses.A_REVERSE if n == at else 0)
        key = screen.getch()
        if key == curses.KEY_DOWN: at = min(at + 1, 2)
        elif key == curses.KEY_UP: at = max(at - 1, 0)
        elif key == 10: return items[at]
print("took", curses.wrapper(main))
"""
"""A menu of curses, whose list does not start anew at its end."""

LIST = """
import sys, termios, tty
items, at = ["aws", "gcp", "bare metal"], 0
old = termios.tcgetattr(0)
tty.setcbreak(0)
print("? Platform:  [Use arrows to move]")
while True:
    for n, item in enumerate(items):
        print(("\\x1b[36m\\u276f " if n == at else "  ") + item + "\\x1b[0m\\x1b[K")
    keys = sys.stdin.buffer.raw.read(8)
    if keys == b"\\x1b[B": at = (at + 1) % 3
    if keys in (b"\\r", b"\\n"): break
    print("\\x1b[4A")
termios.tcsetattr(0, termios.TCSADRAIN, old)
print("took", items[at])
"""
"""A list whose chosen item has a mark before it, and which draws below what was printed."""


class Box:
    """A session on this machine that runs programs in Python."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def python(self, source: str, *turns: Turn) -> Completed:
        """Run a dialogue with a Python program."""
        text = f"python3 - 3<&0 <<'END'\nimport os; os.dup2(3, 0)\n{source}\nEND"
        dialogue = Dialogue(text, Location("d", 1), turns)
        return self.session.converse(dialogue, secrets=lambda _: "x", timeout=30)


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A session on this machine."""
    live = HostConnection(LocalConnection("box"), {})
    yield Box(live.session(getpass.getuser()))
    live.close()


@pytest.mark.parametrize("item", ["Alpha", "Beta", "Gamma Ray"])
def test_an_item_of_a_menu_is_chosen_by_its_label(box: Box, item: str) -> None:
    """It stands out by its colours; what was drawn is not in the output."""
    completed = box.python(MENU, Turn("Which store is to be used?", item))
    assert completed.output == f"took {item}\n"


@pytest.mark.parametrize("item", ["aws", "bare metal"])
def test_an_item_of_a_list_is_chosen_by_its_mark(box: Box, item: str) -> None:
    """The list is below lines that were printed."""
    completed = box.python(LIST, Turn("? Platform:", item))
    assert completed.output.endswith(f"took {item}\n")


def test_keys_may_be_named(box: Box) -> None:
    """For what has no label."""
    turn = Turn("Which store is to be used?", "Down Down Enter", typing=Typing.KEY)
    assert box.python(MENU, turn).output == "took Gamma Ray\n"


def test_a_label_that_is_not_there_stops_the_step(box: Box) -> None:
    """Nothing else is chosen in its place."""
    with pytest.raises(DialogueStopped, match="'Delta' to 'Which store is to be used"):
        box.python(MENU, Turn("Which store is to be used?", "Delta"))


def test_a_question_that_is_drawn_and_not_answered_stops_the_step(box: Box) -> None:
    """With the question, and the lines to add."""
    with pytest.raises(DialogueStopped) as caught:
        box.python(MENU, Turn("Another question?", "x"))
    assert "draws a question that the guide does not answer: 'Which store" in str(caught.value)
    assert ":Which store is to be used?: ``LABEL``" in str(caught.value)
