"""A page marks the role of each part of a line; only commands are copied."""

from __future__ import annotations

import pytest

from runbook.console.layout import Role, commands, layout
from runbook.model import Override, Turn

SESSION = """\
# cat > /srv/note <<EOF
> one

> EOF
# # a comment
# store-setup
Open the firewall? (Yes, No) [Yes]: no
Name [gs1]:
Admin password:
Use the admin password for the store (Yes, No) [Yes]:
done
# ls
a  b"""


def roles(text: str, *, language: str = "console", answers: list[Turn] | None = None) -> list[str]:
    """Return the roles of the segments of each line."""
    shown = layout(text, language=language, answers=answers)
    assert shown is not None
    return [" ".join(segment.role.value for segment in line) for line in shown]


def test_each_part_of_a_session_has_its_role() -> None:
    """A question with a hidden answer differs from one that merely mentions a password."""
    assert roles(SESSION) == [
        "prompt command",
        "prompt command",
        "command",
        "prompt command",
        "comment",
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
    """A whole here-document, without continuation prompts."""
    shown = layout(SESSION)
    assert shown is not None
    assert commands(shown) == "cat > /srv/note <<EOF\none\n\nEOF\nstore-setup\nls"


def test_no_part_of_a_line_is_lost() -> None:
    """The segments add up to the line, except for trailing spaces and the empty Enter."""
    shown = layout(SESSION)
    assert shown is not None
    said = ["".join(segment.text for segment in line).rstrip() for line in shown]
    assert said == [line.rstrip() for line in SESSION.split("\n")]


def test_declared_answers_are_shown_where_the_transcript_has_none() -> None:
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
    """Except its comments."""
    assert roles("# A comment.\nfor i in 1; do\n  true\ndone", language="sh") == [
        "comment",
        "command",
        "command",
        "command",
    ]


@pytest.mark.parametrize("text", ["# echo 'open", "only output"])
def test_a_block_that_cannot_be_parsed_has_no_layout(text: str) -> None:
    """A page must not claim what the plan does not say."""
    assert layout(text) is None
    assert Role("command") is Role.COMMAND
