"""Questions as real programs print them, and output that only looks like questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.console.dialogue import merge_answers, parse_dialogue
from runbook.model import Override, Turn


@pytest.mark.parametrize(
    ("line", "prompt", "answer"),
    [
        ("Open it? (Yes, No) [Yes]: no", "Open it? (Yes, No) [Yes]:", "no"),
        ("Open it? (Yes, No)[Yes]: ", "Open it? (Yes, No)[Yes]:", None),
        ("          Name [gs1.example.com]: ", "Name [gs1.example.com]:", None),
        ("          (1, 2, 3)[1]: 1", "(1, 2, 3)[1]:", "1"),
        ("Really (a|b)*? ^$ [x]: y", "Really (a|b)*? ^$ [x]:", "y"),
        (
            "Stop it. Do you want to continue? (y/n) y",
            "Stop it. Do you want to continue? (y/n)",
            "y",
        ),
        ("Remove anonymous users? [Y/n] n", "Remove anonymous users? [Y/n]", "n"),
        ("rm: remove regular file 'x'? y", "rm: remove regular file 'x'?", "y"),
        ("Go on (yes/no/[fingerprint])? yes", "Go on (yes/no/[fingerprint])?", "yes"),
        ("Command (m for help): n", "Command (m for help):", "n"),
        ("Partition number (1-4, default 1): ", "Partition number (1-4, default 1):", None),
        ("Select (default p): p", "Select (default p):", "p"),
        (
            "Enter file in which to save the key (/root/.ssh/id_rsa): ",
            "Enter file in which to save the key (/root/.ssh/id_rsa):",
            None,
        ),
        (
            "Enter passphrase (empty for no passphrase): ",
            "Enter passphrase (empty for no passphrase):",
            None,
        ),
        ("Enter same passphrase again: ", "Enter same passphrase again:", None),
        ("New password: ", "New password:", None),
        ("Retype new password: ", "Retype new password:", None),
        ("Password for admin@internal: ", "Password for admin@internal:", None),
        ("mysql> show databases;", "mysql>", "show databases;"),
        ("MariaDB [(none)]> quit", "MariaDB [(none)]>", "quit"),
        ("gluster> peer status", "gluster>", "peer status"),
        ("postgres=# \\q", "postgres=#", "\\q"),
        ("engine=> select 1;", "engine=>", "select 1;"),
        (">>> print(1)", ">>>", "print(1)"),
        ("sftp> ls", "sftp>", "ls"),
        ("virsh # list", "virsh #", "list"),
        ("><fs> run", "><fs>", "run"),
        ("\x1b[1mOpen it? (Yes, No) [Yes]: \x1b[0mno", "Open it? (Yes, No) [Yes]:", "no"),
        ("Working 10%\rOpen it? (Yes, No) [Yes]: no\r", "Open it? (Yes, No) [Yes]:", "no"),
    ],
)
def test_common_forms_of_questions_are_recognised(
    line: str, prompt: str, answer: str | None
) -> None:
    """The prompt is separated from the answer."""
    (turn,) = parse_dialogue([line]).turns
    assert (turn.prompt, turn.answer) == (prompt, answer)


@pytest.mark.parametrize(
    "line",
    [
        "[ INFO  ] Stage: Environment setup",
        "[WARNING] Failed to resolve ha.example.com using DNS, it can be resolved only locally",
        "[ ERROR ] Please specify value [no]: really",
        "          Engine database name                    : engine",
        "          Configure WebSocket Proxy               : True",
        "          Version: otopi-1.2.0 (otopi-1.2.0-1.el6)",
        "          --== CONFIGURATION PREVIEW ==--",
        "          SSH fingerprint: 1B:FD:08:A2",
        "              https://gs1.example.com:443/ovirt-engine",
        '          Use temporary password "2067OGHU" to connect to vnc console.',
        "          (1) Continue setup - VM installation is complete",
        "          Please shutdown the VM allowing the system to launch it.",
        "Nov 24 10:00:00 gs1 sshd[123]: Accepted publickey for root",
        "| name | value |",
        "Number of Bricks: 1 x 3 = 3",
    ],
)
def test_output_within_a_dialogue_is_not_a_question(line: str) -> None:
    """Logs, summaries and tables."""
    found = parse_dialogue(["Go on? (Yes, No) [Yes]: ", line, "Name [a]: b"])
    assert [turn.prompt for turn in found.turns] == ["Go on? (Yes, No) [Yes]:", "Name [a]:"]
    assert found.turns[1].before == line.rstrip()


def test_a_question_on_two_lines_has_the_first_before_its_prompt() -> None:
    """A menu, and a question that a narrow terminal has wrapped."""
    menu = parse_dialogue(["Choose:", "(1) Go on", "(2) Stop", "(1, 2)[1]: 2"]).turns
    assert menu == (Turn("(1, 2)[1]:", "2", before="Choose:\n(1) Go on\n(2) Stop"),)
    broken = parse_dialogue(
        ["          Make it the default page? (Yes, No)", "          [No]: yes"]
    ).turns
    assert broken == (Turn("[No]:", "yes", before="          Make it the default page? (Yes, No)"),)


def test_a_rejected_answer_makes_two_turns() -> None:
    """With the error message before the second."""
    found = parse_dialogue(
        ["Size (1, 2)[1]: 5", "[ ERROR ] Invalid value", "Size (1, 2)[1]: 2", "Done."]
    )
    assert found.turns == (
        Turn("Size (1, 2)[1]:", "5"),
        Turn("Size (1, 2)[1]:", "2", before="[ ERROR ] Invalid value"),
    )
    assert found.after == "Done."


def test_a_declared_answer_matches_neither_a_summary_nor_a_sentence() -> None:
    """Only a prompt with exactly these words."""
    lines = [
        "Engine FQDN: ha.example.com",
        "Engine FQDN                        : ha.example.com",
        "The Engine FQDN was set.",
        "[WARNING] Engine FQDN: not found",
    ]
    found = parse_dialogue(lines, [Turn("Engine FQDN", "x")])
    assert found.turns == (Turn("Engine FQDN:", "x"),)


def test_one_declared_answer_matches_all_prompts_that_contain_it() -> None:
    """A password and its confirmation have the same secret."""
    found = parse_dialogue(
        ["Admin password: ", "Confirm Admin password: "], [Turn("Admin password", secret="a")]
    )
    assert [turn.secret for turn in found.turns] == ["a", "a"]


def test_overrides_keep_the_answer_of_the_transcript_for_other_hosts() -> None:
    """However many directives declare them."""
    one = Turn("Name", overrides=(Override(on=("gs1",), answer="x"),))
    two = Turn("Name", overrides=(Override(platforms=("el6",), secret="s"),))
    (turn,) = parse_dialogue(["Name [a]: b"], merge_answers([one, two])).turns
    assert turn.answer == "b"
    assert turn.overrides == one.overrides + two.overrides
    (turn,) = parse_dialogue(["Name [a]: b"], merge_answers([one, Turn("Name", "c"), two])).turns
    assert turn.answer == "c"
    assert turn.overrides == one.overrides + two.overrides


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\x1b"))))
def test_no_line_of_a_transcript_is_lost(lines: list[str]) -> None:
    """Each line is before a prompt, in one, or after the last."""
    found = parse_dialogue(lines, [])
    told = "".join(f"{turn.before}{turn.prompt}{turn.answer or ''}" for turn in found.turns)
    kept = told + (found.after if found else "\n".join(lines))
    assert "".join(kept.split()) == "".join("".join(lines).split())


def test_each_answer_to_a_question_that_comes_again_is_for_the_next_time() -> None:
    """A password is too short at first; one that only the table has comes after it."""
    short = Turn("New password:", secret="short")
    good = Turn("New password:", secret="good", again=True)
    shown = parse_dialogue(["New password: ", "Too short.", "New password: "], [short, good])
    assert [turn.secret for turn in shown.turns] == ["short", "good"]
    hidden = parse_dialogue(["New password: "], [short, good])
    assert [turn.secret for turn in hidden.turns] == ["short", "good"]


def test_an_answer_on_the_screen_needs_no_line_in_the_transcript() -> None:
    """It follows the answer before it in the table."""
    name, drawn = Turn("Name [x]:", "y"), Turn("Passphrase", secret="p", drawn=True)
    turns = parse_dialogue(["Name [x]: y"], [name, drawn]).turns
    assert turns == (Turn("Name [x]:", "y"), drawn)
