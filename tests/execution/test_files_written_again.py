"""What a check of a file still says when a later block or step writes the file again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.execution.checks.file_checks import checks_of, remaining, superseded
from runbook.execution.texts import edits
from runbook.model import Check, Edit, FileContent, Location
from tests.support.steps import check, step

WHOLE, LINES, KEYS = Edit.WHOLE, Edit.LINES, Edit.KEYS


def block(text: str, edit: Edit = WHOLE, path: str = "/etc/x", **more: Any) -> FileContent:
    """A file block; its section and other options by name."""
    return FileContent(path, text, Location("docs/sample.rst", 15), edit=edit, **more)


def files(*blocks: FileContent) -> list[FileContent]:
    """What the checks of a step with these blocks compare."""
    return [c.file for c in checks_of(step("write", *blocks)) if c.file is not None]


@pytest.mark.parametrize(
    ("earlier", "later", "left"),
    [
        (block("a\n"), block("b\n"), None),
        (block("a\n"), block("b\n", path="/etc/y"), block("a\n")),
        (block("a\n", mode="0600"), block("b\n"), block("", LINES, mode="0600")),
        (block("a\n", mode="0600"), block("b\n", mode="0644"), None),
        (block("a = 1\nb = 2\n"), block("a = 3\n", KEYS), block("a = 3\nb = 2\n")),
        (block("a = 1\n"), block("b\n", LINES), block("a = 1\nb\n")),
        (block("a = 1\n"), block("a=1\n", KEYS), block("a = 1\n")),
        (block("a = 1\nb = 2\n", KEYS), block("a = 3\n", KEYS), block("b = 2\n", KEYS)),
        (block("a = 1\n", KEYS), block("a = 3\n", KEYS), None),
        (block("a = 1\n", KEYS), block("a = 1\n", KEYS), block("a = 1\n", KEYS)),
        (
            block("a = 1\n", KEYS, section="s"),
            block("a = 3\n", KEYS, section="t"),
            block("a = 1\n", KEYS, section="s"),
        ),
        (block("a 1\n", LINES), block("a 2\n", LINES), block("a 1\n", LINES)),
        (block("a 1\nb 1\n", LINES), block("a 2\n", KEYS), block("b 1\n", LINES)),
        (block("a = 1\n", KEYS), block("a = 3\n", LINES), None),
        (block("a = 1\n", KEYS, owner="root"), block("b\n"), block("", LINES, owner="root")),
        (block("a = 1\n", KEYS), block("a = 1\n"), None),
    ],
)
def test_a_later_step_ends_what_it_replaces_and_nothing_else(
    earlier: FileContent, later: FileContent, left: FileContent | None
) -> None:
    """Of a whole file the edited text is left, of an edit the lines that still hold."""
    (before,) = checks_of(step("earlier", earlier))
    after = remaining(before, step("later", "true", later))
    assert (after and after.file) == left
    assert superseded(before, step("later", later)) == (left != earlier)


def test_a_check_of_the_author_is_not_ended_by_a_file() -> None:
    """Its author says so with `:until:`."""
    own = check("assert True")
    later = step("later", block("a\n"))
    assert remaining(own, later) is own
    assert not superseded(own, later)


def test_a_file_below_the_home_directory_belongs_to_the_steps_user() -> None:
    """Two users have two files."""
    (before,) = checks_of(step("earlier", block("a\n", path="~/x"), user="one"))
    later = block("b\n", path="~/x")
    assert not superseded(before, step("later", later, user="two"))
    assert superseded(before, step("later", later, user="one"))


@pytest.mark.parametrize(
    ("blocks", "compared"),
    [
        ([block("a\n"), block("b\n")], [block("b\n")]),
        ([block("a = 1\n"), block("a = 2\n", KEYS)], [block("a = 2\n")]),
        (
            [block("a\n", mode="0600", until=("x/y",)), block("b\n", LINES, owner="root")],
            [block("a\nb\n", mode="0600", owner="root", until=("x/y",))],
        ),
        ([block("a\n", mode="0600"), block("b\n")], [block("b\n", mode="0600")]),
        (
            [block("a\n"), block("c\n", path="/etc/y"), block("b\n", LINES)],
            [block("c\n", path="/etc/y"), block("a\nb\n")],
        ),
        (
            [block("a = 1\nb = 2\n", KEYS), block("a = 3\n", KEYS)],
            [block("b = 2\n", KEYS), block("a = 3\n", KEYS)],
        ),
        ([block("a\n", LINES), block("b\n", LINES)], [block("a\n", LINES), block("b\n", LINES)]),
    ],
)
def test_of_several_blocks_for_a_file_the_last_state_is_checked(
    blocks: list[FileContent], compared: list[FileContent]
) -> None:
    """A whole file and its edits are one text."""
    assert files(*blocks) == compared


def test_the_sentence_says_what_is_compared() -> None:
    """Content by how it is given, then what is left of it."""
    made = [
        block("b\n", LINES, mode="0600"),
        block("a = 1\n", KEYS, section="s", owner="root", until=("x/y",)),
    ]
    sentences = [one.sentence for one in checks_of(step("write", *made))]
    assert sentences == [
        "/etc/x has the lines shown and mode 0600",
        "/etc/x has the settings shown in [s] and owner root",
    ]
    (whole,) = checks_of(step("write", block("a\n", mode="0600")))
    left = remaining(whole, step("later", block("b\n")))
    assert isinstance(left, Check)
    assert left.sentence == "/etc/x has mode 0600"
    assert checks_of(step("write", *made))[1].until == ("x/y",)


TEXT = st.lists(
    st.sampled_from(["a = 1", "a=2", "b = 1", "b c", "", "# a = 3", "[s]", "[t]"]), max_size=5
).map("\n".join)
BLOCKS = st.builds(
    lambda text, edit, section: block(text, edit, **({"section": section} if section else {})),
    TEXT,
    st.sampled_from(Edit),
    st.sampled_from([None, "s", "t"]),
)


@given(TEXT, st.lists(BLOCKS, min_size=1, max_size=4))
def test_a_whole_file_is_green_after_its_edits(before: str, blocks: list[FileContent]) -> None:
    """Whatever the edits are: what is compared is what they leave behind."""
    current = before
    for one in [block(before), *blocks]:
        current = edits.apply(one, current)
    for one in files(block(before), *blocks):
        assert edits.apply(one, current) == current
