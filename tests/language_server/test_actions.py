"""What an editor offers to change, as the text would be afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types

from runbook.dialogue.advice import unexpected_question
from runbook.results import Verdict
from runbook.results.journal import Journal
from runbook.results.outcome import Outcome, Run
from tests.support.editor import Editor
from tests.support.guides import Guide

BLOCKS = """
Then do this on box::

   apt-get install -y nginx

.. code-block:: console

   # systemctl start nginx

The end.
"""

STEP = """
.. step:: Set up the store
   :on: box

   .. code-block:: console

      # store-setup
      Port: 80

After it.
"""

CHECKED = STEP.replace(
    "After it.",
    "   .. check:: it runs\n\n      assert host.service('store').is_running\n\nAfter it.",
)


def offers(editor: Editor, text: str) -> dict[str, str]:
    """Return the page after each change that is offered at the line of `text`, by its title."""
    page = editor.texts["index.rst"]
    line = page[: page.index(text)].count("\n")
    where = types.Range(types.Position(line, 0), types.Position(line, 0))
    answer = editor.ask(
        "text_document_code_action",
        types.CodeActionParams(
            types.TextDocumentIdentifier(editor.uri("index.rst")),
            where,
            types.CodeActionContext([]),
        ),
    )
    return {one.title: applied(page, one.edit, editor.uri("index.rst")) for one in answer or ()}


def applied(page: str, edit: types.WorkspaceEdit, uri: str) -> str:
    """Return `page` after an edit."""
    assert edit.changes is not None
    ((where, (change,)),) = edit.changes.items()
    assert where == uri
    assert isinstance(change, types.TextEdit)
    lines = page.splitlines(keepends=True)
    start, end = (
        sum(map(len, lines[: at.line])) + at.character
        for at in (change.range.start, change.range.end)
    )
    return page[:start] + change.new_text + page[end:]


def opened(editor: Editor) -> Editor:
    """Open the page, and wait until it was read."""
    editor.open("index.rst")
    editor.settle("index.rst", editor.texts["index.rst"])
    return editor


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """Return a guide of one host."""
    return Guide(tmp_path)


@pytest.fixture
def editor(guide: Guide) -> Iterator[Editor]:
    """Return an editor of that guide."""
    with Editor(guide.directory) as editor:
        yield editor


def test_a_block_becomes_a_step(guide: Guide, editor: Editor) -> None:
    """The text of the paragraph stays, and so does what follows."""
    guide.write(BLOCKS)
    opened(editor)
    (page,) = offers(editor, "apt-get").values()
    assert "Then do this on box:\n\n.. step:: " in page
    assert "   .. code-block:: console\n\n      # apt-get install -y nginx\n" in page
    assert "\n\n.. code-block:: console\n\n   # systemctl start nginx\n\nThe end.\n" in page
    editor.write("index.rst", page)
    (page,) = offers(editor, "systemctl").values()
    assert page.count(".. step::") == 2
    assert page.endswith("\n\nThe end.\n")
    assert not offers(editor, "The end.")


def test_a_step_without_a_check_gets_one(guide: Guide, editor: Editor) -> None:
    """At its end, and not if it has one."""
    guide.write(STEP, CHECKED.replace("Set up", "Keep"))
    opened(editor)
    page = offers(editor, ".. step:: Set up")["Add a check to this step"]
    assert "Port: 80\n\n   .. check:: " in page
    assert "is_running\n\nAfter it." in page
    assert not offers(editor, ".. step:: Keep")


@pytest.mark.parametrize("step", [STEP, CHECKED], ids=["without a check", "with a check"])
def test_a_stopped_dialogue_gets_the_answers_that_it_lacked(
    guide: Guide, editor: Editor, step: str
) -> None:
    """As the last run said; what was answered since then is not offered."""
    guide.write(step)
    advice = unexpected_question("Overwrite the store?", None, None, hidden=False)
    place = guide.directory / "build/container"
    with Journal(place / "journal.jsonl") as journal:
        journal.begin(Run("one", "2026-11-29T10:00:00", "container", "x", "plan"))
        journal.append(
            Outcome(
                "index/set-up-the-store", "box", Verdict.FAILED, "", "2026-11-29T10:00:00",
                reason=f"index.rst:9: the program asks: 'Overwrite the store?'\n{advice}",
            )
        )  # fmt: skip
        journal.finish()
    opened(editor)
    found = offers(editor, "# store-setup")
    titles = [title for title in found if "Overwrite" in title]
    assert len(titles) == 2
    page = found[titles[0]]
    assert "\n\n   .. answers::\n\n      :Overwrite the store?: ``ANSWER``\n\n" in page
    assert page.endswith("After it.\n")
    editor.write("index.rst", page)
    assert not [title for title in offers(editor, "# store-setup") if "Overwrite" in title]
    more = page.replace("Overwrite the store?", "Its name?")
    editor.write("index.rst", more)
    page = offers(editor, "# store-setup")[titles[0]]
    assert "      :Its name?: ``ANSWER``\n      :Overwrite the store?: ``ANSWER``\n" in page
