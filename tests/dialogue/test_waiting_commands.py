"""A command that waits for input is answered by what the guide shows, or stopped with advice.

It may run on this machine, in a container, or behind ssh.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from runbook import console
from runbook.execution.actions.perform import perform
from runbook.execution.hosts.host import HostConnection
from runbook.model import Location, Turn
from runbook.results import Performed
from tests.support.transports import REMOTE, open_connection

TIMEOUT = 120.0
"""Seconds that a command may take; one that waits is stopped long before."""
SECRET = "correct horse"


class Box:
    """A host on which blocks of a guide are followed."""

    def __init__(self, live: HostConnection, user: str) -> None:
        self._live = live
        self._user = user

    def follow(self, block: str, *answers: Turn) -> Performed:
        """Carry out the only command of a block, which shows what it prints."""
        place = Location("guide.rst", 1)
        (action,) = console.actions(block, place, compare=True, answers=answers or None)
        began = time.monotonic()
        done = perform(
            action,
            self._live.session(self._user),
            timeout=TIMEOUT,
            statuses=(0,),
            secrets=lambda _: SECRET,
        )
        assert time.monotonic() - began < TIMEOUT / 2
        return done


@pytest.fixture(scope="module", params=["local", *REMOTE])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """A host over one transport."""
    connection, user = open_connection(request)
    live = HostConnection(connection, {})
    yield Box(live, user)
    live.close()


@pytest.mark.parametrize(
    ("command", "question", "line"),
    [
        ("read -p 'Motto: ' m", "'Motto:'", "    Motto: ANSWER\n"),
        ("read -e -p 'Motto: ' m", "'Motto:'", "    Motto: ANSWER\n"),
        ("read -n 1 -p 'Go on? [y/N] ' m", "'Go on? [y/N]'", "    Go on? [y/N] ANSWER\n"),
        ("read -p 'Press [ENTER] to go on'", "to go on'", "    Press [ENTER] to go on *Enter*"),
        ("read -s -p 'Password: ' p", "'Password:'", ":Password\\:: :secret:`NAME`"),
        ("sh -c 'printf \"Sure? \"; read x </dev/tty'", "'Sure?'", "    Sure? ANSWER\n"),
    ],
)  # fmt: skip
def test_a_command_that_asks_is_stopped_with_the_lines_to_add(
    box: Box, command: str, question: str, line: str
) -> None:
    """Within seconds, though the guide shows nothing of what it prints."""
    complaint = box.follow(f"# {command}").complaint
    assert "asks what the guide does not answer" in complaint
    assert question in complaint
    assert line in complaint


def test_a_command_that_waits_without_a_question_is_stopped(box: Box) -> None:
    """With what it has printed."""
    complaint = box.follow("# echo reading; cat >/dev/null").complaint
    assert "waits for input that the guide does not give\n    reading" in complaint


@pytest.mark.parametrize(
    "block",
    [
        "# read -p '? Project name: ' a; echo \"<$a>\"\n? Project name: demo\n<demo>",
        "# read -p 'Motto: ' a; echo \"<$a>\"\nMotto: per aspera ad astra\n<per aspera ad astra>",
        "# read -p 'Country [AU]:' a; echo \"<$a>\"\nCountry [AU]:CH\n<CH>",
        "# printf 'Mail\\n (c cancels): '; read a; echo \"<$a>\"\nMail\n (c cancels): a@b\n<a@b>",
        "# select a in nfs smb; do break; done; echo \"<$a>\"\n1) nfs\n2) smb\n#? 2\n<smb>",
        "# PS3='Storage: '; select a in nfs smb; do break; done; echo \"<$a>\"\n1) nfs\n2) smb\n"
        "Storage: 2\n<smb>",
        "# read -p 'Press [ENTER] to go on or Ctrl-c to cancel.'; echo on\n"
        "Press [ENTER] to go on or Ctrl-c to cancel.\non",
        "# read -n1 -rp 'Press any key...'; echo; read -p 'Port [22]: ' p; echo \"<$p>\"\n"
        "Press any key...\nPort [22]: 2222\n<2222>",
        "# read -e -i 10.0.0.1 -p 'Address: ' a; echo \"<$a>\"\nAddress: 10.0.0.1\n<10.0.0.1>",
        "# read -e -i 1 -p 'Choice [1-3]: ' a; echo \"<$a>\"\nChoice [1-3]: 2\n<2>",
        "# read -n1 -p 'Sure? [y/n] ' a; read -p ' Name? ' b; echo \"<$a$b>\"\nSure? [y/n] y\n"
        " Name? bob\n<ybob>",
        "# read -e -n1 -p 'Sure? [y/n] ' a; echo; echo \"<$a>\"\nSure? [y/n] y\n<y>",
        "# read -e -p 'Sure? [y/n] ' a; echo \"<$a>\"\nSure? [y/n] y\n<y>",
        "# read -e -i 1 -p 'Port: ' a; echo \"<$a>\"\nPort: *edit* 22\n<22>",
        "# read -p 'Press a key '; echo \"<$REPLY>\"\nPress a key *Enter*\n<>",
        "# read -n 1 -p 'Key: '; read -t 0.2 x; echo \"<$REPLY$x>\"\nKey: *key* q\n<q>",
        "# for i in 1 2; do read -p 'Brick: ' b; echo error: $b; done; echo \"<$b>\"\n"
        "Brick: *again* a\nerror: a\nBrick: *again* b\nerror: b\n<b>",
    ],
)  # fmt: skip
def test_what_the_guide_shows_behind_a_question_is_typed(box: Box, block: str) -> None:
    """Whether or not the line can be told from output: the program is seen to wait."""
    done = box.follow(block)
    assert not done.complaint
    assert block.rpartition("\n")[2] in done.output


def test_a_command_with_a_terminal_keeps_the_status_before_it(box: Box) -> None:
    """As at any prompt."""
    box.follow("# (exit 3)")
    assert not box.follow("# echo $?\n3").complaint


def test_a_program_that_watches_its_terminal_beside_its_work_goes_on(box: Box) -> None:
    """As ssh and many others do; nothing of what it prints is a question."""
    block = "# timeout 4 python3 -c 'import select; select.select([0], [], [], 3)'; echo over\nover"
    assert not box.follow(block).complaint


def test_a_secret_that_would_be_shown_is_not_typed(box: Box) -> None:
    """The program reads with the echo on."""
    done = box.follow("# read -p 'Password: ' p\nPassword:", Turn("Password", secret="p"))
    assert "the terminal would show it" in done.complaint
    assert SECRET not in done.output


def test_an_answer_that_a_terminal_would_cut_is_refused(box: Box) -> None:
    """Where a program edits lines, it arrives whole."""
    long = "x" * 5000
    block = "# read {}-p 'Key: ' k; echo ${{#k}}\nKey:"
    done = box.follow(block.format(""), Turn("Key", long))
    assert "5000 bytes, but a terminal takes lines of at most" in done.complaint
    assert box.follow(block.format("-e "), Turn("Key", long)).output.endswith("5000\n")
