"""A page shows of each line what it is; only what is typed is copied."""

from __future__ import annotations

import pytest

from runbook.console.layout import Role, commands, layout
from runbook.model import Override, Turn

SESSION = """\
# cat > /srv/note <<EOF
> one

> EOF
# # a remark
# store-setup
Open the firewall? (Yes, No) [Yes]: no
Name [gs1]:
Admin password:
Use the admin password for the store (Yes, No) [Yes]:
done
# ls
a  b"""


def roles(text: str, *, language: str = "console", answers: list[Turn] | None = None) -> list[str]:
    """The roles of each line, with what a line's pieces hold for questions."""
    shown = layout(text, language=language, answers=answers)
    assert shown is not None
    return [" ".join(piece.role.value for piece in line) for line in shown]


def test_each_line_of_a_session_says_what_it_is() -> None:
    """A question whose answer is not shown is told from one that mentions a password."""
    assert roles(SESSION) == [
        "prompt command",
        "prompt command",
        "command",
        "prompt command",
        "remark",
        "prompt command",
        "question answer",
        "question enter",
        "question secret",
        "question enter",
        "output",
        "prompt command",
        "output",
    ]


def test_only_commands_are_copied() -> None:
    """A here-document whole, without the prompts of its lines."""
    shown = layout(SESSION)
    assert shown is not None
    assert commands(shown) == "cat > /srv/note <<EOF\none\n\nEOF\nstore-setup\nls"


def test_nothing_is_lost_of_a_line() -> None:
    """The pieces make up the line, but for trailing blanks and what stands for Enter."""
    shown = layout(SESSION)
    assert shown is not None
    said = ["".join(piece.text for piece in line).rstrip() for line in shown]
    assert said == [line.rstrip() for line in SESSION.split("\n")]


def test_the_guides_answers_are_shown_where_the_transcript_has_none() -> None:
    """Those for some hosts only are left to the table."""
    text = "# setup\nName [gs1]:\nPort [1]:\nToken [none]:"
    answers = [
        Turn("Name", "gs2"),
        Turn("Port", overrides=(Override(("gs1",), (), "2"),)),
        Turn("Token", secret="token"),
    ]
    assert roles(text, answers=answers) == [
        "prompt command",
        "question answer",
        "question",
        "question secret",
    ]


def test_a_script_is_typed_as_it_stands() -> None:
    """Its remarks are not."""
    assert roles("# A remark.\nfor i in 1; do\n  true\ndone", language="sh") == [
        "remark",
        "command",
        "command",
        "command",
    ]


@pytest.mark.parametrize("text", ["# echo 'open", "only output"])
def test_what_cannot_be_understood_is_left_as_it_is(text: str) -> None:
    """A page must not claim what the plan does not say."""
    assert layout(text) is None
    assert Role("command") is Role.COMMAND
