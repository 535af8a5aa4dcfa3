"""Dialogues with real programs, over every channel there is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.model import Dialogue, Location, Turn
from runbook.secrets import SecretMissing
from runbook.session import Completed, DialogueStopped, Session, ShellEnded
from tests.channels import CHANNELS, open_channel

SECRET = "correct horse"


class Table:
    """A session and what its recording holds."""

    def __init__(self, argv: list[str]) -> None:
        self.sink = io.BytesIO()
        self.session = Session.open(argv, host="box", sink=self.sink)

    def talk(self, text: str, *turns: Turn, timeout: float = 20) -> Completed:
        """Hold a dialogue with a shell command."""
        dialogue = Dialogue(text, Location("d", 1), turns)
        return self.session.converse(dialogue, secrets=lambda _: SECRET, timeout=timeout)

    def needs(self, program: str) -> None:
        """Skip the test if the host lacks a program."""
        if self.session.run(f"command -v {program}", timeout=5).status != 0:
            pytest.skip(f"{program} is not installed on the host")


@pytest.fixture(params=CHANNELS)
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Table]:
    """Give a session on one channel, and look after the test whether it is in order."""
    table = Table(open_channel(request, tmp_path).shell)
    with table.session:
        yield table
        # Whatever happened, what was typed has not reached the shell.
        if table.session.alive:
            assert table.session.run("echo still there", timeout=5).output == "still there\n"


def test_questions_are_answered_and_shown_as_a_person_would_see_them(table: Table) -> None:
    """The output is the transcript: prompts, answers and the rest."""
    completed = table.talk(
        "read -p 'Name: ' name; read -p 'Size [5]: ' size; echo $name ${size:-5}; (exit 3)",
        Turn("Name:", "bob"),
        Turn("Size [5]:"),
    )

    assert completed.status == 3
    assert completed.output == "Name: bob\nSize [5]: \nbob 5\n"
    assert table.session.run("echo $name", timeout=5).output == "bob\n"


def test_the_order_of_the_turns_is_a_hint_only(table: Table) -> None:
    """A question that comes earlier, or not at all, is known by its text."""
    completed = table.talk(
        "read -p 'B? ' b; read -p 'A? ' a; echo $a$b",
        Turn("A?", "1"),
        Turn("Sure?", "no", sometimes=True),
        Turn("B?", "2"),
    )

    assert completed.output.endswith("12\n")


def test_equal_prompts_are_answered_one_after_the_other(table: Table) -> None:
    """Two turns with one prompt are two questions."""
    completed = table.talk(
        "read -p 'Brick: ' a; read -p 'Brick: ' b; echo $a-$b",
        Turn("Brick:", "x"),
        Turn("Brick:", "y"),
    )

    assert completed.output.endswith("x-y\n")


def test_three_dots_in_a_prompt_stand_for_any_text(table: Table) -> None:
    """A default that differs from host to host is not part of what must match."""
    assert table.talk("read -p 'Host [box7]: ' x", Turn("Host [...]:", "h")).status == 0


def test_a_secret_is_typed_and_never_shown(table: Table) -> None:
    """Not even where the program prints it, nor in what follows, nor in the recording."""
    completed = table.talk(
        "read -s -p 'Pass: ' pass; echo; echo got $pass", Turn("Pass:", secret="p")
    )

    assert completed.output == "Pass: \ngot [secret]\n"
    assert table.session.run(f"echo {SECRET}", timeout=5).output == "[secret]\n"
    assert SECRET.encode() not in table.sink.getvalue()


def test_a_passphrase_reaches_ssh_keygen(table: Table) -> None:
    """A program that clears its input when it hides it gets the secret all the same."""
    table.needs("ssh-keygen")
    key = f"/tmp/{id(table)}-key"
    completed = table.talk(
        f"ssh-keygen -q -t ed25519 -f {key}",
        Turn("Enter passphrase (empty for no passphrase):", secret="p"),
        Turn("Enter same passphrase again:", secret="p"),
    )
    assert completed.status == 0, completed.output

    completed = table.talk(f"ssh-keygen -y -f {key}", Turn("Enter passphrase:", secret="p"))
    assert "ssh-ed25519" in completed.output
    table.session.run(f"rm {key} {key}.pub", timeout=5)


def test_a_program_that_clears_its_input_gets_the_secret(table: Table) -> None:
    """As it hides what is typed, it throws away what was typed before."""
    table.needs("python3")
    completed = table.talk(
        "python3 -c \"import getpass; print('got', getpass.getpass('Pass: '))\"",
        Turn("Pass:", secret="p"),
    )

    assert completed.output == "Pass: \ngot [secret]\n"


def test_a_program_that_takes_its_time_to_hide_its_input_gets_the_secret(table: Table) -> None:
    """Also where nobody can see whether it hides it: on a busy machine it is late."""
    table.needs("python3")
    late = "time.sleep(0.4); x = getpass.getpass('')"
    completed = table.talk(
        f"python3 -c \"import getpass, time; print('Pass: ', end='', flush=True); {late};"
        " print('got', x)\"",
        Turn("Pass:", secret="p"),
    )

    assert completed.output == "Pass: \ngot [secret]\n"


def test_a_program_without_prompts_is_fed_in_order(table: Table) -> None:
    """A turn with an empty prompt is typed when the program waits in silence."""
    table.needs("bc")
    completed = table.talk("bc -q", Turn("", "6*7"), Turn("", "quit"))

    assert completed.status == 0
    assert "42" in completed.output


def test_an_unforeseen_question_stops_the_dialogue(table: Table) -> None:
    """The failure has the program's own words."""
    with pytest.raises(DialogueStopped, match=r"does not answer: 'Really\? \(y/n\)'") as caught:
        table.talk("read -p 'Really? (y/n) ' x", Turn("Name:", "bob"))

    assert caught.value.output == "Really? (y/n) "


@pytest.mark.parametrize("columns", [0, 34])
def test_an_unforeseen_question_is_whole_on_any_terminal(table: Table, columns: int) -> None:
    """How wide the far end's terminal is, only the far end knows."""
    table.session.run(f"stty cols {columns} </dev/tty", timeout=5)
    wrapped = "Take this\nnew store\n(Yes, No)\n[Yes]:"
    with pytest.raises(DialogueStopped, match=r"'Take this new store \(Yes, No\) \[Yes\]:'"):
        table.talk(f"printf '%s\\n\\n%s' Hello '{wrapped}'; read x", Turn("Name:", "bob"))


def test_a_refused_answer_stops_the_dialogue(table: Table) -> None:
    """The same question again means that the answer was not taken; the complaint is shown."""
    with pytest.raises(DialogueStopped, match="refused") as caught:
        table.talk("while :; do read -p 'Size: ' n; echo too small; done", Turn("Size:", "1"))

    assert "too small" in caught.value.output


def test_an_answer_that_nobody_reads_does_not_reach_the_shell(table: Table) -> None:
    """The program asks and ends; what was typed for it is thrown away."""
    completed = table.talk("printf 'Name: '; sleep 0.3", Turn("Name:", "echo typed into the shell"))

    assert completed.status == 0
    assert table.session.run("echo next", timeout=5).output == "next\n"


def test_a_secret_that_is_missing_stops_the_program(table: Table) -> None:
    """The shell is at its prompt again, not left with a program that still asks."""

    def missing(name: str) -> str:
        raise SecretMissing(name)

    dialogue = Dialogue("read -s -p 'Pass: ' x", Location("d", 1), (Turn("Pass:", secret="p"),))
    with pytest.raises(SecretMissing):
        table.session.converse(dialogue, secrets=missing, timeout=20)


def test_a_dialogue_that_ends_its_shell_says_so(table: Table) -> None:
    """As for a command, it is told from a lost host."""
    with pytest.raises(ShellEnded):
        table.talk("read -p 'Sure? ' x; exit 2", Turn("Sure?", "y"))


def test_a_slow_program_is_no_silent_question(table: Table) -> None:
    """An unfinished line of progress is not taken for a question."""
    completed = table.talk("printf 'working...'; sleep 2.5; echo done", Turn("Name:", "bob"))

    assert completed.output == "working...done\n"
