"""A program is answered when it really waits, and stopped at an unexpected question.

The host is this machine, monitored from another shell as the hosts of a lab are.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from runbook.errors import RunbookError
from runbook.execution.hosts.host import HostConnection
from runbook.execution.sessions.session import Session
from runbook.model import Dialogue, Location, Turn
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import DialogueStopped
from runbook.terminal.running import Completed

SECRET = "correct horse"


class DialogueHost:
    """A session on this machine that runs dialogues."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def converse(self, text: str, *turns: Turn) -> Completed:
        """Run a dialogue with a shell command."""
        dialogue = Dialogue(text, Location("d", 1), turns)
        return self.session.converse(dialogue, secrets=lambda _: SECRET, timeout=30)

    def python(self, source: str, *turns: Turn) -> Completed:
        """Run a dialogue with a Python program."""
        return self.converse(
            f"python3 - 3<&0 <<'END'\nimport os; os.dup2(3, 0)\n{source}\nEND", *turns
        )


@pytest.fixture(params=["as a host", "alone"])
def box(request: pytest.FixtureRequest) -> Iterator[DialogueHost]:
    """A session on this machine: of a host of a lab, or without another shell."""
    connection, user = LocalConnection("box"), getpass.getuser()
    if request.param == "alone":
        with Session.open(connection.shell(user), host="box") as session:
            yield DialogueHost(session)
    else:
        live = HostConnection(connection, {})
        yield DialogueHost(live.session(user))
        live.close()


SLOWLY = """
import sys, time
def slowly(text):
    for character in text:
        sys.stdout.write(character); sys.stdout.flush(); time.sleep(0.1)
"""


def test_a_question_that_is_only_printed_gets_no_answer(box: DialogueHost) -> None:
    """An answer file supplies its answer; later the same question is really asked."""
    completed = box.python(
        SLOWLY + "slowly('Name [x]:'); time.sleep(0.5); print('\\nprovided answer: y')\n"
        "slowly('Name [x]: '); print('got', sys.stdin.readline())",
        Turn("Name [x]:", "bob"),
    )
    assert "provided answer: y\nName [x]: bob\ngot bob\n" in completed.output


def test_a_secret_is_typed_only_with_the_echo_off(box: DialogueHost) -> None:
    """A program that turns the echo off late discards what was typed before."""
    completed = box.python(
        "import getpass, sys, time\n"
        "sys.stdout.write('Pass: '); sys.stdout.flush(); time.sleep(0.6)\n"
        "print('got', len(getpass.getpass('')))",
        Turn("Pass:", secret="p"),
    )
    assert f"got {len(SECRET)}\n" in completed.output
    assert SECRET not in completed.output


def test_a_question_with_a_line_end_is_answered(box: DialogueHost) -> None:
    """The program waits on the next line."""
    completed = box.converse("echo 'Your name?'; read x; echo got $x", Turn("Your name?", "bob"))
    assert completed.output.endswith("got bob\n")


def test_an_unexpected_question_stops_the_step(box: DialogueHost) -> None:
    """The message has the question and the lines to add to the guide."""
    with pytest.raises(DialogueStopped) as caught:
        box.converse(
            "read -p 'Name: ' a; read -p 'Configure Foo (Yes, No) [Yes]: ' b", Turn("Name:", "bob")
        )
    message = str(caught.value)
    assert "does not answer: 'Configure Foo (Yes, No) [Yes]:'" in message
    assert "transcript after the line 'Name:'" in message
    assert ".. answers::\n\n       :Configure Foo (Yes, No) [Yes]: ``ANSWER``, sometimes" in message


def test_a_program_that_waits_without_a_question_stops_the_step(box: DialogueHost) -> None:
    """Its last lines are shown."""
    with pytest.raises(DialogueStopped, match="waits for input") as caught:
        box.converse("echo some words; cat", Turn("Name:", "bob"))
    assert "some words" in str(caught.value)


def test_a_refused_answer_is_shown_with_the_error_message(box: DialogueHost) -> None:
    """It is quoted from the output."""
    with pytest.raises(DialogueStopped, match="refused") as caught:
        box.converse(
            "while :; do read -p 'Size (1, 2)[1]: ' n; echo '[ ERROR ] Invalid value'; done",
            Turn("Size (1, 2)[1]:", "3"),
            Turn("Size (1, 2)[1]:", "1"),
        )
    assert "    [ ERROR ] Invalid value\n    Size (1, 2)[1]:" in str(caught.value)


def test_a_changed_default_is_not_accepted(box: DialogueHost) -> None:
    """A reader who presses Enter would get something else than the guide intends."""
    with pytest.raises(DialogueStopped, match=r"the default of .* is now 'No'"):
        box.converse(
            "read -p 'Engine here? (Yes, No) [No]: ' x", Turn("Engine here? (Yes, No) [Yes]:")
        )


def test_a_progress_line_that_looks_like_a_question_is_ignored(box: DialogueHost) -> None:
    """The program does not wait for input, however long it takes."""
    completed = box.converse("printf 'Waiting (1/3):'; sleep 3; echo ' done'", Turn("Name:", "bob"))
    assert completed.output == "Waiting (1/3): done\n"


@pytest.mark.parametrize("columns", [0, 80, 132, 1000])
def test_a_program_that_wraps_its_questions_is_answered_at_every_width(
    box: DialogueHost, columns: int
) -> None:
    """Installers wrap to the width of the terminal, which may be unknown."""
    long = "Do you wish to set the application as the default page of the server? (Yes, No) [Yes]:"
    source = (
        "import os, textwrap, sys\n"
        "columns = os.get_terminal_size(0).columns\n"
        f"words = {long!r}\n"
        "lines = textwrap.wrap(words, columns - 16) if columns > 16 else words.split()\n"
        "sys.stdout.write('\\n'.join(lines)); sys.stdout.flush()\n"
        "print('got', sys.stdin.readline())"
    )
    box.session.run(f"stty cols {columns} </dev/tty", timeout=5)
    completed = box.python(source, Turn(long, "no"))
    assert "got no" in completed.output


@pytest.mark.parametrize("columns", [0, 40, 132])
def test_a_wrapped_question_is_reported_in_one_line(box: DialogueHost, columns: int) -> None:
    """The suggested lines are the same at any width, and answer it the next time."""
    question = "How should the store be reached from here? (Local, Remote) [Local]:"
    source = f"""
import shutil, textwrap
width = max(1, os.get_terminal_size().columns - 16)
lines = textwrap.wrap({question!r}, width, break_long_words=False)
print("Settings follow.")
print("\\n".join(lines), end="", flush=True)
print(input())
"""
    box.session.run(f"stty cols {columns} </dev/tty", timeout=5)
    with pytest.raises(DialogueStopped) as caught:
        box.python(source)
    assert f"does not answer: {question!r}" in str(caught.value)
    assert f"\n    {question} ANSWER\n" in str(caught.value)
    assert box.python(source, Turn(question, "remote")).output.endswith("remote\n")


def test_a_secret_is_suggested_for_an_unexpected_hidden_question(box: DialogueHost) -> None:
    """A password does not belong into the guide."""
    with pytest.raises(DialogueStopped) as caught:
        box.python("import getpass\ngetpass.getpass('Store password: ')", Turn("Name:", "bob"))
    message = str(caught.value)
    assert "\n    Store password:\n" in message
    assert ":Store password\\:: :secret:`NAME`" in message
    assert "ANSWER" not in message


def test_a_quoted_error_message_is_redacted(box: DialogueHost) -> None:
    """Some programs print the input that they refuse."""
    with pytest.raises(DialogueStopped) as caught:
        box.python(
            "import getpass\nwhile True: print('Sorry, too simple:', getpass.getpass('Key: '))",
            Turn("Key:", secret="p"),
        )
    assert "Sorry, too simple: [secret]" in str(caught.value)
    with pytest.raises(DialogueStopped) as caught:
        box.python(
            "import getpass\nkey = getpass.getpass('Key: ')\ninput('Is ' + key + ' right? (y/n) ')",
            Turn("Key:", secret="p"),
        )
    assert SECRET not in str(caught.value)


def test_an_error_message_before_another_question_is_shown(box: DialogueHost) -> None:
    """A warning, a question whether to go on, and then the first question again."""
    with pytest.raises(DialogueStopped) as caught:
        box.converse(
            "while :; do read -p 'Please specify a size: ' a; echo '[WARNING] 5 is small';"
            " read -p 'Take it? (Yes, No) [No]: ' b; done",
            Turn("Please specify a size:", "5"),
            Turn("Take it? (Yes, No) [No]:"),
        )
    assert str(caught.value) == (
        "the answer '5' was refused, and the program asks again: 'Please specify a size:'\n"
        "    [WARNING] 5 is small\n    Please specify a size:"
    )


def test_a_refused_default_is_not_repeated_forever(box: DialogueHost) -> None:
    """Not even if the question may be asked any number of times."""
    with pytest.raises(DialogueStopped, match="refused"):
        box.converse(
            "while :; do read -p 'Type: (A, B) [A]: ' a; echo '[ ERROR ] no A here'; done",
            Turn("Type: (A, B) [A]:", sometimes=True),
        )


@pytest.mark.parametrize(("columns", "size"), [("0", "0 0"), ("80", "24 80"), ("", "24 132")])
def test_the_terminals_width_can_be_set(
    monkeypatch: pytest.MonkeyPatch, columns: str, size: str
) -> None:
    """To that of an operator's terminal."""
    monkeypatch.setenv("RUNBOOK_COLUMNS", columns)
    with Session.open(LocalConnection("box").shell(getpass.getuser()), host="box") as session:
        assert session.run("stty size </dev/tty", timeout=5).output == f"{size}\n"


@pytest.mark.parametrize("columns", ["wide", "-1", "80 "])
def test_an_invalid_width_is_refused(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """The message names the variable."""
    monkeypatch.setenv("RUNBOOK_COLUMNS", columns)
    with pytest.raises(RunbookError, match="RUNBOOK_COLUMNS is"):
        Session.open(LocalConnection("box").shell(getpass.getuser()), host="box")
