"""The transcript of an interactive program is parsed into questions and answers."""

from __future__ import annotations

from runbook import console
from runbook.model import Action, Command, Dialogue, Location, Prompt, Turn
from tests.support.paths import SAMPLES

START = Location("docs/page.rst", 1)


def only(found: tuple[Action, ...]) -> Dialogue:
    """Return the one dialogue that was found."""
    (dialogue,) = found
    assert isinstance(dialogue, Dialogue)
    return dialogue


def test_every_question_of_a_long_transcript_is_found_with_its_answer() -> None:
    """Nothing after the prompt means that the default was accepted."""
    text = (SAMPLES / "console-setup.txt").read_text(encoding="utf-8")
    command, dialogue = console.actions(text, START)
    assert command == Command("apt-get install store", START, prompt=Prompt("#"))
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


def test_output_with_colons_and_brackets_is_not_a_dialogue() -> None:
    """Logs, headings and key-value lists are output."""
    text = (SAMPLES / "console-output.txt").read_text(encoding="utf-8")
    assert all(isinstance(action, Command) for action in console.actions(text, START))


def test_declared_answers_override_name_secrets_and_add_optional_questions() -> None:
    """They take precedence over those of the transcript."""
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
    assert console.unused_answers(answers, dialogue.turns) == ()


def test_declared_answers_turn_unrecognised_output_into_a_dialogue() -> None:
    """A plain line with a colon is a question if the guide says so."""
    answers = (Turn("Engine FQDN", "ha.example.com"),)
    dialogue = only(console.actions("# deploy\nEngine FQDN: x", START, answers=answers))
    assert dialogue.turns == (Turn("Engine FQDN:", "ha.example.com"),)


def test_declared_answers_alone_turn_the_last_command_into_a_dialogue() -> None:
    """The guide need not show the transcript."""
    answers = (Turn("New password", secret="new"), Turn("Retype", secret="new"))
    for text, language in (("# id\n# passwd", "console"), ("id\npasswd", "bash")):
        command, dialogue = console.actions(text, START, language=language, answers=answers)
        assert isinstance(command, Command)
        assert isinstance(dialogue, Dialogue)
        assert (dialogue.text, dialogue.turns) == ("passwd", answers)


def test_an_answer_without_a_question_is_reported() -> None:
    """It is probably misspelt."""
    answers = (Turn("Nmae", "x"),)
    dialogue = only(console.actions("# setup\nName [a]: b", START, answers=answers))
    assert console.unused_answers(answers, dialogue.turns) == answers
