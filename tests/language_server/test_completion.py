"""What can stand at a place is offered there, also while the text around it is half-typed."""

from __future__ import annotations

import random

import pytest
from lsprotocol import types

from tests.support.editor import Editor


def offered(editor: Editor, text: str) -> list[types.CompletionItem]:
    """Return what is offered where `text` has a ^, at the end of the page."""
    page = (editor.directory / "index.rst").read_text() + "\n\n" + text
    before, _, after = page.partition("^")
    editor.write("index.rst", before + after)
    units = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    position = types.Position(before.count("\n"), units)
    answer: types.CompletionList = editor.ask(
        "text_document_completion",
        types.CompletionParams(types.TextDocumentIdentifier(editor.uri("index.rst")), position),
    )
    return list(answer.items)


def labels(editor: Editor, text: str) -> list[str]:
    """Return the labels of what is offered."""
    return [item.label for item in offered(editor, text)]


STEP = ".. step:: New\n"
BLOCK = f"{STEP}\n   .. code-block:: console\n\n      "


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        (".. ^", ["step", "check", "answers", "code-block", "runbook:step", "note"], ["on"]),
        (".. st^", ["step"], []),
        (f"{STEP}   :^", ["on", "timeout", "needs"], ["within"]),
        (f"{STEP}   :on: box\n   :^", ["timeout"], ["on"]),
        (f"{STEP}   :on: ^", ["box", "bag", "bricks", "all"], ["gateway"]),
        (f"{STEP}   :on: box, b^\n\n   Text.", ["bag", "bricks"], []),
        (f"{STEP}   :platform: ^", ["debian12", "el9"], []),
        (f"{STEP}   :requires: !^", ["kvm", "!kvm", "nfsd"], []),
        (f"{STEP}   :needs: ^", ["make-the-file", "use-the-file"], []),
        (f"{STEP}   :choice: ^", ["engine=standalone"], []),
        (f"{STEP}   :tags: ^", ["files"], []),
        (f"{STEP}   :user: ^", ["root", "dora"], []),
        (f"{STEP}   :output: ^", ["shown", "compared"], ["box"]),
        (f"{STEP}\n   .. check:: x\n      :until: ^", ["index/make-the-file"], []),
        (f"{STEP}\n   .. check:: x\n      :^", ["within", "until"], ["on"]),
        (f"{STEP}\n   .. check:: x\n\n      assert is_^", ["is_there", "host"], []),
        (f"{STEP}\n   .. check:: x\n\n      hosts['^", ["box", "bag"], ["is_there"]),
        (f"{STEP}\n   .. file:: /x\n      :edit: ^", ["whole", "lines", "keys"], []),
        (f"{STEP}\n   .. answers::\n      :on: ^", ["box", "bricks"], []),
        (f"{STEP}\n   .. answers::\n\n      :Password\\:: :secret:`^", ["box-admin"], []),
        (f"{BLOCK}# ping |^", ["|gateway|", "|domain|"], []),
        (f"{BLOCK}# rm <^", ["<vm-id>", "<secret:box-admin>"], []),
        (".. platform:: ^", ["debian12", "el9"], []),
        ("See :ref:`text <^", ["index/make-the-file"], []),
        ("See :^", [":ref:", ":secret:"], []),
        ("Nothing ^ here", [], ["box"]),
    ],
)  # fmt: skip
def test_what_can_stand_there_is_offered(
    editor: Editor, text: str, wanted: list[str], unwanted: list[str]
) -> None:
    """Directives, options and the words that an option takes."""
    found = labels(editor, text)
    assert set(wanted) <= set(found)
    assert set(unwanted) & set(found) == set()


def test_a_word_that_is_begun_is_replaced(editor: Editor) -> None:
    """In the units of the editor, which counts some characters twice."""
    item = next(one for one in offered(editor, "\U0001f4a5 |gate^ x") if one.label == "|gateway|")
    assert item.detail == "10.9.8.254"
    assert isinstance(item.text_edit, types.TextEdit)
    assert (item.text_edit.range.start.character, item.text_edit.range.end.character) == (3, 8)
    assert item.text_edit.new_text == "|gateway|"


def test_an_option_says_what_it_takes(editor: Editor) -> None:
    """In the words of the reference."""
    found = {one.label: one for one in offered(editor, ".. step:: New\n   :^")}
    assert "seconds of a duration" in (found["timeout"].detail or "")
    assert isinstance(found["readonly"].text_edit, types.TextEdit)
    assert found["readonly"].text_edit.new_text == "readonly:"


def test_any_place_of_any_text_has_an_answer(editor: Editor) -> None:
    """Even one that the document does not have."""
    chance = random.Random(3)
    signs = [
        "\n",
        " ",
        "   ",
        ":",
        "`",
        "|",
        "<",
        ".. ",
        "::",
        "step",
        "on",
        "\u00e9",
        "\U0001f4a5",
        "{",
        "```",
    ]
    for _ in range(60):
        editor.write("index.rst", "".join(chance.choices(signs, k=60)))
        where = types.Position(chance.randrange(30), chance.randrange(90))
        document = types.TextDocumentIdentifier(editor.uri("index.rst"))
        editor.ask("text_document_completion", types.CompletionParams(document, where))
    assert editor.process.returncode is None
    editor.settle("index.rst", (editor.directory / "index.rst").read_text())
