"""A marked block with prompts of several shells: of another user, another host, a container."""

from __future__ import annotations

import pytest

from runbook import console
from runbook.console.layout import Role, layout
from runbook.model import Dialogue, Location, Prompt

START = Location("docs/page.rst", 1)
ROOT, ORDINARY = Prompt("#"), Prompt("$")


def typed(text: str, language: str = "console") -> list[tuple[str, Prompt | None]]:
    """Return the commands of a block with their prompts."""
    found = console.actions(text, START, language=language)
    return [(a.text, a.prompt) for a in found]


def test_the_prompt_of_another_user_is_not_output() -> None:
    """The commands keep their order."""
    text = "# useradd -m dora\n# su - dora\n$ mkdir data\n$ exit\n# touch /srv/ready"
    assert typed(text) == [
        ("useradd -m dora", ROOT),
        ("su - dora", ROOT),
        ("mkdir data", ORDINARY),
        ("exit", ORDINARY),
        ("touch /srv/ready", ROOT),
    ]


def test_the_prompt_of_root_after_sudo_is_not_output() -> None:
    """Also before a command that nobody knows."""
    assert typed("$ sudo -i\n# frobnicate\n# exit\n$ id") == [
        ("sudo -i", ORDINARY),
        ("frobnicate", ROOT),
        ("exit", ROOT),
        ("id", ORDINARY),
    ]


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("root@far:~# ", Prompt("#", "root", "far", "~")),
        ("[root@gs1 ~]# ", Prompt("#", "root", "gs1", "~")),
        ("dora@box:~$ ", Prompt("$", "dora", "box", "~")),
        ("dora@box:~> ", Prompt("$", "dora", "box", "~")),
        ("[gs1 ~]# ", Prompt("#", None, "gs1", "~")),
        ("/ # ", Prompt("#", None, None, "/")),
        ("bash-5.2$ ", ORDINARY),
        ("(venv) $ ", ORDINARY),
    ],
)
@pytest.mark.parametrize("first", ["# ", "$ "])
def test_a_full_prompt_counts_wherever_it_is(first: str, prompt: str, shown: Prompt) -> None:
    """What it shows is told with the command."""
    found = typed(f"{first}ssh far\n{prompt}uptime\n up 3 days\n{prompt}exit\n{first}id")
    assert [text for text, _ in found] == ["ssh far", "uptime", "exit", "id"]
    assert found[1] == ("uptime", shown)
    assert found[3][1] == Prompt("#" if first == "# " else "$")


@pytest.mark.parametrize(
    "text",
    [
        "$ cat /etc/fstab\n# mount -a later\n$ id",
        "# cat notes\n$ is the sign of a user\n# id",
        "$ frobnicate\n# Now it is done.\n$ id",
        "[root@gs1 ~]# curl localhost\n# HELP go_gc A summary\n[root@gs1 ~]# id",
    ],
)
def test_printed_text_with_the_other_sign_is_output(text: str) -> None:
    """Files have comments, and documents show prompts."""
    assert len(typed(text)) == 2


def test_a_sentence_before_the_first_prompt_is_a_comment() -> None:
    """In a block of an ordinary user's commands, a hash starts one."""
    text = "# First the clock\n$ timedatectl\n$ date"
    assert [command for command, _ in typed(text)] == ["timedatectl", "date"]
    assert [command for command, _ in typed(text, "bash")] == ["timedatectl", "date"]


def test_instructions_to_checkers_and_elisions_are_not_typed() -> None:
    """Nobody has such a program."""
    assert typed("# shellcheck disable=SC2086\n# id\n# ...\n# date") == [
        ("id", ROOT),
        ("date", ROOT),
    ]


def test_a_page_shows_the_prompts_of_all_shells() -> None:
    """As they are typed."""
    shown = layout("# su - dora\n$ id\nuid=1000\n$ exit") or ()
    assert [[piece.role for piece in line] for line in shown] == [
        [Role.PROMPT, Role.COMMAND],
        [Role.PROMPT, Role.COMMAND],
        [Role.OUTPUT],
        [Role.PROMPT, Role.COMMAND],
    ]


def test_a_program_with_commands_of_its_own_gets_whole_inputs() -> None:
    """A page shows all lines of an input as typed."""
    text = "# mysql\nmysql> CREATE TABLE x (\n  a INT\n);\nQuery OK\nmysql> quit\n# id"
    (client, _) = console.actions(text, START)
    assert isinstance(client, Dialogue)
    assert [turn.answer for turn in client.turns] == ["CREATE TABLE x ( a INT );", "quit"]
    shown = layout(text) or ()
    assert [[piece.role for piece in line if piece.text.strip()] for line in shown[1:5]] == [
        [Role.QUESTION, Role.ANSWER],
        [Role.ANSWER],
        [Role.ANSWER],
        [Role.OUTPUT],
    ]
