"""Dialogues with real programs, over every transport."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.execution.secrets import SecretMissing
from runbook.execution.sessions.session import Session
from runbook.model import Dialogue, Location, Turn
from runbook.terminal.faults import DialogueStopped, ShellEnded
from runbook.terminal.running import Completed
from tests.support.transports import TRANSPORTS, open_transport

SECRET = "correct horse"


class RecordedSession:
    """A session and its recording."""

    def __init__(self, argv: list[str]) -> None:
        self.sink = io.BytesIO()
        self.session = Session.open(argv, host="box", sink=self.sink)

    def converse(self, text: str, *turns: Turn, timeout: float = 20) -> Completed:
        """Run a dialogue with a shell command."""
        dialogue = Dialogue(text, Location("d", 1), turns)
        return self.session.converse(dialogue, secrets=lambda _: SECRET, timeout=timeout)

    def require(self, program: str) -> None:
        """Skip the test if the host lacks a program."""
        if self.session.run(f"command -v {program}", timeout=5).status != 0:
            pytest.skip(f"{program} is not installed on the host")


@pytest.fixture(params=TRANSPORTS)
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordedSession]:
    """Give a session over one transport, and check after the test that it still works."""
    recorded = RecordedSession(open_transport(request, tmp_path).shell)
    with recorded.session:
        yield recorded
        # Whatever happened, no input for the program has reached the shell.
        if recorded.session.alive:
            assert recorded.session.run("echo still there", timeout=5).output == "still there\n"


def test_questions_are_answered_and_shown_as_on_a_terminal(recorded: RecordedSession) -> None:
    """The output is the transcript: prompts, answers and other output."""
    completed = recorded.converse(
        "read -p 'Name: ' name; read -p 'Size [5]: ' size; echo $name ${size:-5}; (exit 3)",
        Turn("Name:", "bob"),
        Turn("Size [5]:"),
    )

    assert completed.status == 3
    assert completed.output == "Name: bob\nSize [5]: \nbob 5\n"
    assert recorded.session.run("echo $name", timeout=5).output == "bob\n"


def test_the_order_of_the_turns_is_a_hint_only(recorded: RecordedSession) -> None:
    """A question that is asked earlier, or not at all, is recognised by its text."""
    completed = recorded.converse(
        "read -p 'B? ' b; read -p 'A? ' a; echo $a$b",
        Turn("A?", "1"),
        Turn("Sure?", "no", sometimes=True),
        Turn("B?", "2"),
    )

    assert completed.output.endswith("12\n")


def test_equal_prompts_are_answered_one_after_the_other(recorded: RecordedSession) -> None:
    """Two turns with the same prompt are two questions."""
    completed = recorded.converse(
        "read -p 'Brick: ' a; read -p 'Brick: ' b; echo $a-$b",
        Turn("Brick:", "x"),
        Turn("Brick:", "y"),
    )

    assert completed.output.endswith("x-y\n")


def test_three_dots_in_a_prompt_stand_for_any_text(recorded: RecordedSession) -> None:
    """A default that differs from host to host need not match."""
    assert recorded.converse("read -p 'Host [box7]: ' x", Turn("Host [...]:", "h")).status == 0


def test_a_secret_is_typed_and_never_shown(recorded: RecordedSession) -> None:
    """Not even if the program prints it, nor in later output, nor in the recording."""
    completed = recorded.converse(
        "read -s -p 'Pass: ' pass; echo; echo got $pass", Turn("Pass:", secret="p")
    )

    assert completed.output == "Pass: \ngot [secret]\n"
    assert recorded.session.run(f"echo {SECRET}", timeout=5).output == "[secret]\n"
    assert SECRET.encode() not in recorded.sink.getvalue()


def test_a_passphrase_reaches_ssh_keygen(recorded: RecordedSession) -> None:
    """A program that flushes its input as it turns the echo off gets the secret."""
    recorded.require("ssh-keygen")
    key = f"/tmp/{id(recorded)}-key"
    completed = recorded.converse(
        f"ssh-keygen -q -t ed25519 -f {key}",
        Turn("Enter passphrase (empty for no passphrase):", secret="p"),
        Turn("Enter same passphrase again:", secret="p"),
    )
    assert completed.status == 0, completed.output

    completed = recorded.converse(f"ssh-keygen -y -f {key}", Turn("Enter passphrase:", secret="p"))
    assert "ssh-ed25519" in completed.output
    recorded.session.run(f"rm {key} {key}.pub", timeout=5)


def test_a_program_that_flushes_its_input_gets_the_secret(recorded: RecordedSession) -> None:
    """As it turns the echo off, it discards what was typed before."""
    recorded.require("python3")
    completed = recorded.converse(
        "python3 -c \"import getpass; print('got', getpass.getpass('Pass: '))\"",
        Turn("Pass:", secret="p"),
    )

    assert completed.output == "Pass: \ngot [secret]\n"


def test_a_program_that_turns_the_echo_off_late_gets_the_secret(recorded: RecordedSession) -> None:
    """Also if the echo cannot be observed: on a busy machine it takes a while."""
    recorded.require("python3")
    late = "time.sleep(0.4); x = getpass.getpass('')"
    completed = recorded.converse(
        f"python3 -c \"import getpass, time; print('Pass: ', end='', flush=True); {late};"
        " print('got', x)\"",
        Turn("Pass:", secret="p"),
    )

    assert completed.output == "Pass: \ngot [secret]\n"


def test_a_program_without_prompts_is_answered_in_order(recorded: RecordedSession) -> None:
    """A turn with an empty prompt is typed when the program waits silently."""
    recorded.require("bc")
    completed = recorded.converse("bc -q", Turn("", "6*7"), Turn("", "quit"))

    assert completed.status == 0
    assert "42" in completed.output


def test_an_unexpected_question_stops_the_dialogue(recorded: RecordedSession) -> None:
    """The message quotes the question."""
    with pytest.raises(DialogueStopped, match=r"does not answer: 'Really\? \(y/n\)'") as caught:
        recorded.converse("read -p 'Really? (y/n) ' x", Turn("Name:", "bob"))

    assert caught.value.output == "Really? (y/n) "


@pytest.mark.parametrize("columns", [0, 34])
def test_an_unexpected_question_is_complete_on_any_terminal(
    recorded: RecordedSession, columns: int
) -> None:
    """Only the host knows the width of its terminal."""
    recorded.session.run(f"stty cols {columns} </dev/tty", timeout=5)
    wrapped = "Take this\nnew store\n(Yes, No)\n[Yes]:"
    with pytest.raises(DialogueStopped, match=r"'Take this new store \(Yes, No\) \[Yes\]:'"):
        recorded.converse(f"printf '%s\\n\\n%s' Hello '{wrapped}'; read x", Turn("Name:", "bob"))


def test_a_refused_answer_stops_the_dialogue(recorded: RecordedSession) -> None:
    """The same question again means that the answer was refused; the reason is shown."""
    with pytest.raises(DialogueStopped, match="refused") as caught:
        recorded.converse(
            "while :; do read -p 'Size: ' n; echo too small; done", Turn("Size:", "1")
        )

    assert "too small" in caught.value.output


def test_an_answer_that_nobody_reads_does_not_reach_the_shell(recorded: RecordedSession) -> None:
    """The program asks and ends; the answer is discarded."""
    completed = recorded.converse(
        "printf 'Name: '; sleep 0.3", Turn("Name:", "echo typed into the shell")
    )

    assert completed.status == 0
    assert recorded.session.run("echo next", timeout=5).output == "next\n"


def test_a_secret_that_is_missing_stops_the_program(recorded: RecordedSession) -> None:
    """The shell returns to its prompt; the program does not go on."""

    def missing(name: str) -> str:
        raise SecretMissing(name)

    dialogue = Dialogue("read -s -p 'Pass: ' x", Location("d", 1), (Turn("Pass:", secret="p"),))
    with pytest.raises(SecretMissing):
        recorded.session.converse(dialogue, secrets=missing, timeout=20)


def test_a_dialogue_that_ends_its_shell_is_not_a_lost_host(recorded: RecordedSession) -> None:
    """As for a command."""
    with pytest.raises(ShellEnded):
        recorded.converse("read -p 'Sure? ' x; exit 2", Turn("Sure?", "y"))


def test_an_incomplete_line_of_a_slow_program_is_no_question(recorded: RecordedSession) -> None:
    """It may be a progress message."""
    completed = recorded.converse("printf 'working...'; sleep 2.5; echo done", Turn("Name:", "bob"))

    assert completed.output == "working...done\n"
