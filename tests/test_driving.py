"""The driver answers when a program really waits, and stops at once when it asks otherwise.

The host is this machine, seen from beside the terminal as every host of a lab is.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from runbook.connect import LocalConnection
from runbook.errors import RunbookError
from runbook.live import LiveHost
from runbook.model import Dialogue, Location, Turn
from runbook.session import Completed, DialogueStopped, Session

SECRET = "correct horse"


class Box:
    """A session of this machine."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def talk(self, text: str, *turns: Turn) -> Completed:
        """Hold a dialogue with a shell command."""
        dialogue = Dialogue(text, Location("d", 1), turns)
        return self.session.converse(dialogue, secrets=lambda _: SECRET, timeout=30)

    def python(self, source: str, *turns: Turn) -> Completed:
        """Hold a dialogue with a Python program."""
        return self.talk(f"python3 - 3<&0 <<'END'\nimport os; os.dup2(3, 0)\n{source}\nEND", *turns)


@pytest.fixture(params=["as a host", "alone"])
def box(request: pytest.FixtureRequest) -> Iterator[Box]:
    """The present machine; as a host of a lab, or a session without anything beside it."""
    connection, user = LocalConnection("box"), getpass.getuser()
    if request.param == "alone":
        with Session.open(connection.shell(user), host="box") as session:
            yield Box(session)
    else:
        live = LiveHost(connection, {})
        yield Box(live.session(user))
        live.close()


SLOWLY = """
import sys, time
def slowly(text):
    for character in text:
        sys.stdout.write(character); sys.stdout.flush(); time.sleep(0.1)
"""


def test_a_question_that_is_printed_and_not_asked_gets_no_answer(box: Box) -> None:
    """An answer file supplied it; the same text comes again later, and is meant."""
    completed = box.python(
        SLOWLY + "slowly('Name [x]:'); time.sleep(0.5); print('\\nprovided answer: y')\n"
        "slowly('Name [x]: '); print('got', sys.stdin.readline())",
        Turn("Name [x]:", "bob"),
    )
    assert "provided answer: y\nName [x]: bob\ngot bob\n" in completed.output


def test_a_secret_is_typed_only_when_it_is_hidden(box: Box) -> None:
    """A program that hides its input late has thrown away what was typed before."""
    completed = box.python(
        "import getpass, sys, time\n"
        "sys.stdout.write('Pass: '); sys.stdout.flush(); time.sleep(0.6)\n"
        "print('got', len(getpass.getpass('')))",
        Turn("Pass:", secret="p"),
    )
    assert f"got {len(SECRET)}\n" in completed.output
    assert SECRET not in completed.output


def test_a_question_that_ends_its_line_is_answered(box: Box) -> None:
    """The program waits on the next line."""
    completed = box.talk("echo 'Your name?'; read x; echo got $x", Turn("Your name?", "bob"))
    assert completed.output.endswith("got bob\n")


def test_a_program_that_waits_for_what_nobody_foresaw_stops_the_step(box: Box) -> None:
    """The message holds the question and the lines to add to the guide."""
    with pytest.raises(DialogueStopped) as caught:
        box.talk(
            "read -p 'Name: ' a; read -p 'Configure Foo (Yes, No) [Yes]: ' b", Turn("Name:", "bob")
        )
    said = str(caught.value)
    assert "does not answer: 'Configure Foo (Yes, No) [Yes]:'" in said
    assert "transcript after the line 'Name:'" in said
    assert ".. answers::\n\n       :Configure Foo (Yes, No) [Yes]: ``ANSWER``, sometimes" in said


def test_a_program_that_waits_without_a_question_stops_the_step(box: Box) -> None:
    """Its last words are shown."""
    with pytest.raises(DialogueStopped, match="waits for input") as caught:
        box.talk("echo some words; cat", Turn("Name:", "bob"))
    assert "some words" in str(caught.value)


def test_a_refused_answer_is_shown_with_the_programs_complaint(box: Box) -> None:
    """In its own words."""
    with pytest.raises(DialogueStopped, match="refused") as caught:
        box.talk(
            "while :; do read -p 'Size (1, 2)[1]: ' n; echo '[ ERROR ] Invalid value'; done",
            Turn("Size (1, 2)[1]:", "3"),
            Turn("Size (1, 2)[1]:", "1"),
        )
    assert "    [ ERROR ] Invalid value\n    Size (1, 2)[1]:" in str(caught.value)


def test_another_default_is_not_taken(box: Box) -> None:
    """The guide's reader would press Enter, and get what the guide does not mean."""
    with pytest.raises(DialogueStopped, match=r"the default of .* is now 'No'"):
        box.talk("read -p 'Engine here? (Yes, No) [No]: ' x", Turn("Engine here? (Yes, No) [Yes]:"))


def test_a_progress_line_that_looks_like_a_question_is_none(box: Box) -> None:
    """The program does not wait for an answer, however long it takes."""
    completed = box.talk("printf 'Waiting (1/3):'; sleep 3; echo ' done'", Turn("Name:", "bob"))
    assert completed.output == "Waiting (1/3): done\n"


@pytest.mark.parametrize("columns", [0, 80, 132, 1000])
def test_a_program_that_wraps_its_questions_is_answered_at_every_width(
    box: Box, columns: int
) -> None:
    """As installers do: to the width of the terminal, which may be none."""
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
def test_a_wrapped_question_is_told_as_one(box: Box, columns: int) -> None:
    """At any width the lines to add are the same, and answer it the next time."""
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


def test_an_unforeseen_question_that_hides_its_answer_wants_a_secret(box: Box) -> None:
    """Nobody is told to write a password into the guide."""
    with pytest.raises(DialogueStopped) as caught:
        box.python("import getpass\ngetpass.getpass('Store password: ')", Turn("Name:", "bob"))
    said = str(caught.value)
    assert "\n    Store password:\n" in said
    assert ":Store password\\:: :secret:`NAME`" in said
    assert "ANSWER" not in said


def test_what_a_program_says_of_a_secret_is_told_without_the_secret(box: Box) -> None:
    """Some programs quote what they refuse."""
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


def test_a_complaint_is_told_that_came_before_another_question(box: Box) -> None:
    """A weak answer is warned of, then it is asked about, and then comes the first question."""
    with pytest.raises(DialogueStopped) as caught:
        box.talk(
            "while :; do read -p 'Please specify a size: ' a; echo '[WARNING] 5 is small';"
            " read -p 'Take it? (Yes, No) [No]: ' b; done",
            Turn("Please specify a size:", "5"),
            Turn("Take it? (Yes, No) [No]:"),
        )
    assert str(caught.value) == (
        "the answer was refused, and the program asks again: 'Please specify a size:'\n"
        "    [WARNING] 5 is small\n    Please specify a size:"
    )


def test_a_default_that_is_refused_is_not_given_for_ever(box: Box) -> None:
    """Not even where the question may come any number of times."""
    with pytest.raises(DialogueStopped, match="refused"):
        box.talk(
            "while :; do read -p 'Type: (A, B) [A]: ' a; echo '[ ERROR ] no A here'; done",
            Turn("Type: (A, B) [A]:", sometimes=True),
        )


@pytest.mark.parametrize(("columns", "size"), [("0", "0 0"), ("80", "24 80"), ("", "24 132")])
def test_the_terminals_width_can_be_chosen(
    monkeypatch: pytest.MonkeyPatch, columns: str, size: str
) -> None:
    """As an operator's terminal would have it."""
    monkeypatch.setenv("RUNBOOK_COLUMNS", columns)
    with Session.open(LocalConnection("box").shell(getpass.getuser()), host="box") as session:
        assert session.run("stty size </dev/tty", timeout=5).output == f"{size}\n"


@pytest.mark.parametrize("columns", ["wide", "-1", "80 "])
def test_a_width_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """The message names the variable."""
    monkeypatch.setenv("RUNBOOK_COLUMNS", columns)
    with pytest.raises(RunbookError, match="RUNBOOK_COLUMNS is"):
        Session.open(LocalConnection("box").shell(getpass.getuser()), host="box")
