"""A question is known by its text, however it is wrapped and wherever it comes."""

from __future__ import annotations

import textwrap

import pytest

from runbook.model import Turn
from runbook.recognition import Asked, Recogniser

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
    """Return the turn's text as otopi prints it on a terminal of that width; 0 is one a line."""
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
def test_a_question_is_known_at_every_width_and_in_any_order(columns: int, number: int) -> None:
    """Line breaks mean nothing."""
    turns = (FIREWALL, ORGANIZATION, ADMIN, CONFIRM)
    text = f"[ INFO  ] Stage: Customization\n\n{wrapped(turns[number], columns)}"
    assert Recogniser(turns).asked(text, columns).number == number


@pytest.mark.parametrize("columns", [0, 40, 1000])
def test_a_known_prompt_at_the_end_of_another_question_is_not_that_question(columns: int) -> None:
    """A secret must not be typed into a question that only ends alike."""
    turns = (Turn("admin password:", secret="admin"), ORGANIZATION)
    stranger = Turn("Enter the Keycloak admin password:", before="Some words about Keycloak.")
    assert Recogniser(turns).asked(wrapped(stranger, columns), columns) == Asked()


def test_a_question_that_the_guide_shows_wrapped_is_known_unwrapped() -> None:
    """The author's terminal was narrower than ours."""
    turn = Turn("[No]:", before="Do you want to set the page of the server? (Yes, No)")
    recogniser = Recogniser((turn,))
    text = "Some words.\nDo you want to set the page of the server? (Yes, No) [No]:"
    assert recogniser.asked(text, WIDE).number == 0
    assert recogniser.asked("Delete everything? (Yes, No) [No]:", WIDE) == Asked()


def test_two_menus_with_one_prompt_are_told_apart_by_the_lines_before() -> None:
    """Also in another order than the guide's."""
    menus = (
        Turn("(1, 2)[1]:", "1", before="(1) The machine is installed\n(2) Abort"),
        Turn("(1, 2)[1]:", "2", before="(1) The engine is installed\n(2) Abort"),
    )
    recogniser = Recogniser(menus)
    assert recogniser.asked(f"{menus[1].before}\n(1, 2)[1]:", WIDE).number == 1
    recogniser.take(1)
    assert recogniser.asked(f"{menus[0].before}\n(1, 2)[1]:", WIDE).number == 0


def test_a_question_that_comes_again_was_refused() -> None:
    """Even if another one has the same prompt, and is still to come."""
    menus = (
        Turn("(1, 2)[1]:", "1", before="(1) The machine is installed\n(2) Abort"),
        Turn("(1, 2)[1]:", "1", before="(1) The engine is installed\n(2) Abort"),
    )
    recogniser = Recogniser(menus)
    recogniser.take(0)
    again = recogniser.asked(f"[ ERROR ] Invalid value\n{menus[0].before}\n(1, 2)[1]:", WIDE)
    assert again == Asked(0, refused=True)

    passwords = (Turn("Password:", secret="a"), Turn("Name:", "x"), Turn("Password:", secret="b"))
    recogniser = Recogniser(passwords)
    recogniser.take(0)
    assert recogniser.asked("Sorry, try again.\nPassword:", WIDE).refused
    recogniser.take(1)
    assert recogniser.asked("Password:", WIDE) == Asked(2)


def test_a_programs_prompt_for_commands_is_asked_as_often_as_the_guide_answers() -> None:
    """A command that fails is no refused answer; one too many is unforeseen."""
    recogniser = Recogniser((Turn("gluster>", "help"), Turn("gluster>", "quit")))
    assert recogniser.asked("gluster>", WIDE).number == 0
    recogniser.take(0)
    assert recogniser.asked("error: unknown command\ngluster>", WIDE).number == 1
    recogniser.take(1)
    assert recogniser.asked("gluster>", WIDE) == Asked()


def test_a_pager_may_stop_as_often_as_it_likes() -> None:
    """Its prompt comes only sometimes, and Enter is no answer that could be refused."""
    recogniser = Recogniser((Turn("Name:", "x"), Turn("[More]", sometimes=True)))
    for _ in range(3):
        assert recogniser.asked("some lines\n[More]", WIDE) == Asked(1)
        recogniser.take(1)


def test_a_default_may_differ_but_not_that_of_a_choice_that_is_taken() -> None:
    """A name differs from host to host; another choice is another answer."""
    turns = (ORGANIZATION, FIREWALL, Turn("Mode (A, B) [A]:", "a"))
    recogniser = Recogniser(turns)
    assert recogniser.asked("Organization name [lab.example]:", WIDE) == Asked(0)
    other = FIREWALL.prompt.replace("[Yes]", "[No]")
    assert recogniser.asked(other, WIDE) == Asked(1, default="No")
    assert recogniser.asked("Mode (A, B) [B]:", WIDE) == Asked(2)


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
def test_what_the_guide_leaves_open_may_be_anything(prompt: str, text: str) -> None:
    """Dots, an offer that is left out, a default; all else is literal."""
    assert Recogniser((Turn(prompt),)).asked(text, WIDE).number == 0


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
def test_another_text_is_another_question(prompt: str, text: str) -> None:
    """Nothing is guessed."""
    assert Recogniser((Turn(prompt),)).asked(text, WIDE).number is None


def test_the_closest_prompt_is_named() -> None:
    """A version may have changed a word."""
    recogniser = Recogniser((FIREWALL, ORGANIZATION))
    assert recogniser.closest("Organisation name [a]:") == ORGANIZATION.prompt
    assert recogniser.closest("Delete?") is None


def test_a_secret_is_asked_for_below_any_title() -> None:
    """Where every word has a line of its own, a title is not taken for the question's beginning."""
    recogniser = Recogniser((Turn("Key:"), Turn("Store password:", secret="p", before="Text")))
    text = "--==\nMISC\nCONFIGURATION\n==--\nStore\npassword:"
    assert recogniser.asked(text, 0).number == 1
    assert recogniser.asked("Confirm the\nStore\npassword:", 0).number is None
