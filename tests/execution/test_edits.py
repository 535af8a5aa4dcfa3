from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.execution.texts.edits import apply
from runbook.model import Edit, FileContent, Location


def content(text: str, edit: Edit = Edit.WHOLE, section: str | None = None) -> FileContent:
    """Give an edit of some file."""
    return FileContent("/etc/x", text, Location("d", 1), edit=edit, section=section)


INI = "# head\nuser = a\n\n[brick]\nsize=1\n# size=9\n\n[volume]\nsize = 2\n"


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (content("a\nb"), "old\n", "a\nb\n"),
        (content("a\n"), None, "a\n"),
        (content(""), "old\n", ""),
        (content("b\nc", Edit.LINES), "a\nb\n", "a\nb\nc\n"),
        (content("b\n\nb", Edit.LINES), "a", "a\nb\n"),
        (content("a", Edit.LINES), None, "a\n"),
        (content("user=b", Edit.KEYS), INI, INI.replace("user = a", "user=b")),
        (content("user=a", Edit.KEYS), INI, INI),
        (content("new = 1", Edit.KEYS), INI, INI.replace("= a\n", "= a\nnew = 1\n")),
        (content("size = 3", Edit.KEYS, "volume"), INI, INI.replace("size = 2", "size = 3")),
        (content("kind=x", Edit.KEYS, "brick"), INI, INI.replace("=9\n", "=9\nkind=x\n")),
        (content("a = 1\nb = 2", Edit.KEYS, "new"), INI, f"{INI}\n[new]\na = 1\nb = 2\n"),
        (content("a = 1", Edit.KEYS, "new"), None, "[new]\na = 1\n"),
        (content("a = 2", Edit.KEYS), "a = 1\nb = 1\na = 3\n", "a = 2\nb = 1\n"),
        (content("Port 23", Edit.KEYS), "#Port 1\nPort 22\n", "#Port 1\nPort 23\n"),
    ],
)
def test_an_edit_gives_the_file_the_guide_means(
    edit: FileContent, before: str | None, after: str
) -> None:
    """Whole files, lines that must be there, keys in a section."""
    assert apply(edit, before) == after
    assert apply(edit, after) == after


TEXT = st.lists(
    st.sampled_from(["a = 1", "a=2", "b = 1", "b c", "", "  ", "# a = 3", "[s]", "[t]", "x\x0cy"])
).map("\n".join)


@given(TEXT, TEXT, st.sampled_from(Edit), st.sampled_from([None, "s", "t", "u"]))
def test_an_edit_is_idempotent(text: str, before: str, edit: Edit, section: str | None) -> None:
    """Applied to its own result, an edit changes nothing."""
    change = content(text, edit, section)
    once = apply(change, before)

    assert apply(change, once) == once


@given(TEXT, TEXT)
def test_no_line_is_lost_where_lines_are_added(text: str, before: str) -> None:
    """What was there stays, in its order and its place."""
    assert apply(content(text, Edit.LINES), before).startswith(before)
