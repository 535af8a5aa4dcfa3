"""A question is recognised by its text, however it is wrapped and in any order."""

from __future__ import annotations

import textwrap

import pytest

from runbook.dialogue.recognition import Recogniser, Recognition
from runbook.model import Turn

WIDE = 132
FIREWALL = Turn(
    "Do you want Setup to open the firewall? (Yes, No) [Yes]:",
    before="\n          Setup can open the firewall on this system.\n"
    "          Note: this overwrites the present settings.",
)
ORGANIZATION = Turn("Organization name [example.com]:", before="          --== PKI ==--\n")
ADMIN = Turn("Engine admin password:", secret="admin")
CONFIRM = Turn("Confirm engine admin password:", secret="admin")


def wrapped(turn: Turn, columns: int) -> str:
    """Return the turn's text as otopi prints it at that width; with 0, one word per line."""
    lines = []
    for line in f"{turn.before}\n{turn.prompt}".splitlines():
        text = line.strip()
        if columns == 0:
            lines += text.split() or [""]
        else:
            lines += textwrap.wrap(text, columns - 16) or [""]
    return "\n".join(f"          {line}" if line else "" for line in lines)


@pytest.mark.parametrize("columns", [0, 40, 80, 132, 1000])
@pytest.mark.parametrize("number", range(4))
def test_a_question_is_recognised_at_every_width_and_in_any_order(
    columns: int, number: int
) -> None:
    """Line breaks are ignored."""
    turns = (FIREWALL, ORGANIZATION, ADMIN, CONFIRM)
    text = f"[ INFO  ] Stage: Customization\n\n{wrapped(turns[number], columns)}"
    assert Recogniser(turns).recognise(text, columns).number == number


@pytest.mark.parametrize("columns", [0, 40, 1000])
def test_a_known_prompt_at_the_end_of_another_question_is_not_that_question(columns: int) -> None:
    """A secret must not be typed into another question with the same end."""
    turns = (Turn("admin password:", secret="admin"), ORGANIZATION)
    other = Turn("Enter the Keycloak admin password:", before="Some words about Keycloak.")
    assert Recogniser(turns).recognise(wrapped(other, columns), columns) == Recognition()


def test_a_question_that_is_wrapped_in_the_guide_is_recognised_unwrapped() -> None:
    """The author's terminal was narrower."""
    turn = Turn("[No]:", before="Do you want to set the page of the server? (Yes, No)")
    recogniser = Recogniser((turn,))
    text = "Some words.\nDo you want to set the page of the server? (Yes, No) [No]:"
    assert recogniser.recognise(text, WIDE).number == 0
    assert recogniser.recognise("Delete everything? (Yes, No) [No]:", WIDE) == Recognition()


def test_menus_with_the_same_prompt_are_distinguished_by_the_lines_before() -> None:
    """Also if they are asked in another order than in the guide."""
    menus = (
        Turn("(1, 2)[1]:", "1", before="(1) The machine is installed\n(2) Abort"),
        Turn("(1, 2)[1]:", "2", before="(1) The engine is installed\n(2) Abort"),
    )
    recogniser = Recogniser(menus)
    assert recogniser.recognise(f"{menus[1].before}\n(1, 2)[1]:", WIDE).number == 1
    recogniser.mark_answered(1)
    assert recogniser.recognise(f"{menus[0].before}\n(1, 2)[1]:", WIDE).number == 0


def test_a_question_that_is_asked_again_was_refused() -> None:
    """Even if another turn with the same prompt is not answered yet."""
    menus = (
        Turn("(1, 2)[1]:", "1", before="(1) The machine is installed\n(2) Abort"),
        Turn("(1, 2)[1]:", "1", before="(1) The engine is installed\n(2) Abort"),
    )
    recogniser = Recogniser(menus)
    recogniser.mark_answered(0)
    again = recogniser.recognise(f"[ ERROR ] Invalid value\n{menus[0].before}\n(1, 2)[1]:", WIDE)
    assert again == Recognition(0, refused=True)

    passwords = (Turn("Password:", secret="a"), Turn("Name:", "x"), Turn("Password:", secret="b"))
    recogniser = Recogniser(passwords)
    recogniser.mark_answered(0)
    assert recogniser.recognise("Sorry, try again.\nPassword:", WIDE).refused
    recogniser.mark_answered(1)
    assert recogniser.recognise("Password:", WIDE) == Recognition(2)


def test_a_command_prompt_is_answered_as_often_as_the_guide_does() -> None:
    """A failed command is no refused answer; one prompt too many is unexpected."""
    recogniser = Recogniser((Turn("gluster>", "help"), Turn("gluster>", "quit")))
    assert recogniser.recognise("gluster>", WIDE).number == 0
    recogniser.mark_answered(0)
    assert recogniser.recognise("error: unknown command\ngluster>", WIDE).number == 1
    recogniser.mark_answered(1)
    assert recogniser.recognise("gluster>", WIDE) == Recognition()


def test_a_pager_may_ask_any_number_of_times() -> None:
    """Its prompt is optional, and Enter is no answer that could be refused."""
    recogniser = Recogniser((Turn("Name:", "x"), Turn("[More]", sometimes=True)))
    for _ in range(3):
        assert recogniser.recognise("some lines\n[More]", WIDE) == Recognition(1)
        recogniser.mark_answered(1)


def test_a_default_may_differ_unless_the_guide_accepts_it_as_a_choice() -> None:
    """A name differs from host to host; another choice is another answer."""
    turns = (ORGANIZATION, FIREWALL, Turn("Mode (A, B) [A]:", "a"))
    recogniser = Recogniser(turns)
    assert recogniser.recognise("Organization name [lab.example]:", WIDE) == Recognition(0)
    other = FIREWALL.prompt.replace("[Yes]", "[No]")
    assert recogniser.recognise(other, WIDE) == Recognition(1, default="No")
    assert recogniser.recognise("Mode (A, B) [B]:", WIDE) == Recognition(2)


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Host [...]:", "Host [a.b]:"),
        ("Engine FQDN", "Engine FQDN:"),
        ("Engine VM FQDN:", "Engine VM FQDN []:"),
        ("Engine VM FQDN [...]:", "Engine VM FQDN:"),
        ("Engine VM domain: [a.b]", "Engine VM domain [c.d]:"),
        ("Use weak password?", "Use weak password? (Yes, No) [No]:"),
        ("...password for ...:", "[sudo] password for bob:"),
        ("First sector (2048-9, default 2048):", "First sector (34-99, default 34):"),
        ("Really (a|b)*? ^$ [x]:", "Really (a|b)*? ^$ [x]:"),
        ("...", "..."),
        ("(without-password)[yes]:", "(without-\npassword)[yes]:"),
    ],
)
def test_wildcards_and_defaults_match_any_text(prompt: str, text: str) -> None:
    """Three dots, omitted choices, and defaults; everything else is literal."""
    assert Recogniser((Turn(prompt),)).recognise(text, WIDE).number == 0


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("Host [...]:", "Host [a]: b\nSize [5]:"),
        ("...", "Name:"),
        ("Name:", "Name: bob"),
        ("a.b:", "axb:"),
        ("New password:", "Your new password:"),
    ],
)
def test_a_different_text_is_not_recognised(prompt: str, text: str) -> None:
    """There is no fuzzy matching."""
    assert Recogniser((Turn(prompt),)).recognise(text, WIDE).number is None


def test_the_closest_prompt_is_found() -> None:
    """Another version of a program may change a word."""
    recogniser = Recogniser((FIREWALL, ORGANIZATION))
    assert recogniser.closest("Organisation name [a]:") == ORGANIZATION.prompt
    assert recogniser.closest("Delete?") is None


def test_a_prompt_for_a_secret_is_recognised_below_a_title() -> None:
    """With one word per line, a title is not taken for the start of the question."""
    recogniser = Recogniser((Turn("Key:"), Turn("Store password:", secret="p", before="Text")))
    text = "--==\nMISC\nCONFIGURATION\n==--\nStore\npassword:"
    assert recogniser.recognise(text, 0).number == 1
    assert recogniser.recognise("Confirm the\nStore\npassword:", 0).number is None
