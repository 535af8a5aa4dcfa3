"""A transcript of a program that asks is the script of its conversation."""

from __future__ import annotations

from pathlib import Path

from runbook import console
from runbook.model import Action, Command, Dialogue, Location, Turn

SAMPLES = Path(__file__).parent / "samples"
START = Location("docs/page.rst", 1)


def only(found: tuple[Action, ...]) -> Dialogue:
    """Return the one dialogue that was found."""
    (dialogue,) = found
    assert isinstance(dialogue, Dialogue)
    return dialogue


def test_every_question_of_a_long_transcript_is_found_with_its_answer() -> None:
    """Nothing behind the prompt means that the default was taken."""
    text = (SAMPLES / "console-setup.txt").read_text(encoding="utf-8")
    command, dialogue = console.actions(text, START)
    assert command == Command("apt-get install store", START)
    assert isinstance(dialogue, Dialogue)
    assert (dialogue.text, dialogue.location.line) == ("store-setup --offline", 2)
    assert [(turn.prompt, turn.answer) for turn in dialogue.turns] == [
        ("Name of this server [gs1.example.com]:", None),
        ("Do you want Setup to open the firewall? (Yes, No) [Yes]:", "no"),
        ("Where is the database located? (Local, Remote)[Local]:", None),
        ("Administrator's password:", None),
        ("Confirm administrator's password:", None),
        ("Firewall manager to configure (nftables, iptables):", "nftables"),
        ("Proceed? [y/N]", "y"),
        ("Please confirm (OK, Cancel) [OK]:", "OK"),
    ]
    assert dialogue.output.startswith("[ INFO  ] Stage: Initializing")


def test_output_that_has_colons_and_brackets_is_no_conversation() -> None:
    """Logs, headings and key-value lists are output."""
    text = (SAMPLES / "console-output.txt").read_text(encoding="utf-8")
    assert all(isinstance(action, Command) for action in console.actions(text, START))


def test_answers_override_name_secrets_and_add_questions_that_come_sometimes() -> None:
    """Those of the guide count more than those of the transcript."""
    text = "# setup\nName [a]: b\nAdmin password: \nDone."
    answers = (
        Turn("Name", "c"),
        Turn("Overwrite?", "no", sometimes=True),
        Turn("Admin password", secret="admin"),
    )
    dialogue = only(console.actions(text, START, answers=answers))
    assert dialogue.turns == (
        Turn("Name [a]:", "c"),
        Turn("Overwrite?", "no", sometimes=True),
        Turn("Admin password:", secret="admin"),
    )
    assert console.unasked(answers, dialogue.turns) == ()


def test_answers_make_a_conversation_of_what_is_not_recognisable_as_one() -> None:
    """A plain line with a colon is a question if the guide says so."""
    answers = (Turn("Engine FQDN", "ha.example.com"),)
    dialogue = only(console.actions("# deploy\nEngine FQDN: x", START, answers=answers))
    assert dialogue.turns == (Turn("Engine FQDN:", "ha.example.com"),)


def test_answers_alone_make_a_conversation_of_the_last_command() -> None:
    """The guide need not show the transcript."""
    answers = (Turn("New password", secret="new"), Turn("Retype", secret="new"))
    for text, language in (("# id\n# passwd", "console"), ("id\npasswd", "bash")):
        command, dialogue = console.actions(text, START, language=language, answers=answers)
        assert isinstance(command, Command)
        assert isinstance(dialogue, Dialogue)
        assert (dialogue.text, dialogue.turns) == ("passwd", answers)


def test_an_answer_to_what_nobody_asks_is_reported() -> None:
    """It is most likely misspelt."""
    answers = (Turn("Nmae", "x"),)
    dialogue = only(console.actions("# setup\nName [a]: b", START, answers=answers))
    assert console.unasked(answers, dialogue.turns) == answers
