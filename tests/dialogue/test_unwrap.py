"""A wrapped question is joined into one line again."""

from __future__ import annotations

import textwrap

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from runbook.dialogue import advice
from runbook.dialogue.unwrap import last_question

INDENT = " " * 10
MENU = "Please choose a scale:\n(1) Basic\n(2) Full\n(1, 2)[1]:"


def wrapped(text: str, columns: int) -> str:
    """Return `text` as printed by a program that leaves 16 columns free."""
    width = max(1, columns - 16)
    return "\n".join(
        INDENT + part
        for line in text.split("\n")
        for part in textwrap.wrap(line, width, break_long_words=False)
    )


@pytest.mark.parametrize("columns", [0, 20, 80, 132, 1000])
@pytest.mark.parametrize(
    "asked",
    [
        "Name of this server [box.example.com]:",
        "Would you like to keep a copy of what is there before a change is made? (Yes, No) [Yes]:",
        "Configure the well-known and much-used store-and-forward on this host (Yes, No) [No]:",
        MENU,
    ],
)
def test_a_question_is_complete_at_every_width(columns: int, asked: str) -> None:
    """It starts after the sentence before it, an empty line or a progress message."""
    for before in ("Something else was said.\n", "What follows is new\n\n", ""):
        text = wrapped(before, columns) + ("\n\n" if before.endswith("\n\n") else "\n")
        found = last_question(text + wrapped(asked, columns), columns)
        assert found == " ".join(asked.split())
    assert last_question(f"[ INFO  ] Checking\n{wrapped(asked, columns)}", columns) == (
        " ".join(asked.split())
    )


@pytest.mark.parametrize(
    "asked",
    [
        "* Note * : go on? (a_, |b|) [`c`]:",
        r"Path C:\\new_ :",
        "Engine name:",
        "v4_1 or v4_? [v4_]:",
    ],
)
def test_the_suggested_field_is_parsed_as_the_question(asked: str) -> None:
    """No character of it is interpreted as markup."""
    suggestion = advice.unexpected_question(asked, None, None, hidden=False)
    (field,) = publish_doctree(suggestion.splitlines()[-1].strip()).findall(nodes.field_name)
    assert field.astext() in (asked, asked.removesuffix(":"))


@pytest.mark.parametrize("asked", ["nobody@vm:/root$", "[root@gs1 ~]#", "dora@gs2:~$ "])
def test_a_shell_that_a_command_has_opened_is_called_one(asked: str) -> None:
    """Its prompt is no question, and nobody can answer it."""
    for hidden in (True, False):
        suggestion = advice.unexpected_question(asked, None, None, hidden=hidden)
        assert "prompt of a shell" in suggestion
        assert "ANSWER" not in suggestion
