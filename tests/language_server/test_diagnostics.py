"""What is wrong with a guide is shown while it is written, and nothing of it is run or kept."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types

from runbook.commands.guide import planned
from tests.support.editor import Editor
from tests.support.guides import Guide

STEP = """
.. step:: Make the file
   :on: box

   .. code-block:: console

      # touch PLACE/made

   .. check:: it is there

      assert host.file("PLACE/made").exists
"""


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """Return a guide without mistakes, of one step."""
    return Guide(tmp_path, STEP)


@pytest.fixture
def editor(guide: Guide) -> Iterator[Editor]:
    """Return an editor with the guide's page open."""
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        yield editor


def test_a_mistake_is_shown_at_its_line_and_goes_when_it_is_mended(editor: Editor) -> None:
    """Of the plan, of lint and of reStructuredText itself, without saving."""
    editor.replace("index.rst", ":on: box", ":on: bix")
    said = editor.until_said("index.rst", "there is no host or group 'bix'")
    assert said.startswith("5: on:")
    editor.replace("index.rst", ":on: bix", ":on: box")
    editor.until_clean("index.rst")
    editor.replace("index.rst", "# touch", "# touch \u2013a")
    editor.until_said("index.rst", "typographic dash")
    editor.write(
        "index.rst",
        editor.texts["index.rst"].replace(" \u2013a", "") + "\n.. stp:: X\n",
    )
    editor.until(
        "index.rst",
        lambda said: len(said) == 1 and 'Unknown directive type "stp"' in said[0],
    )


def test_a_finding_that_takes_a_walk_through_the_guide_follows(guide: Guide) -> None:
    """A thing that is used before it is made is found when the typing pauses, and moves along."""
    late = STEP.replace("Make", "Use").replace("touch", "cat").replace("PLACE/made", "/srv/x/made")
    guide.write(late, late.replace("Use", "Make").replace("cat", "touch"))
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        first = editor.until_said("index.rst", "no earlier step makes it")
        editor.replace("index.rst", "Sample\n======\n", "Sample\n======\n\nMore.\n")
        line = int(first.split(":")[0]) + 2
        editor.until("index.rst", lambda said: any(one.startswith(f"{line}: ") for one in said))


def test_the_cluster_file_is_checked_as_it_is_typed(editor: Editor) -> None:
    """And a guide is read anew when it is saved."""
    editor.open("lab/cluster.yaml")
    editor.replace("lab/cluster.yaml", "hosts:", "hots:")
    said = editor.until_said("lab/cluster.yaml", "unknown key 'hots'")
    assert "did you mean 'hosts'?" in said
    editor.replace("lab/cluster.yaml", "hots:\n  box", "hosts:\n  bix")
    editor.until_clean("lab/cluster.yaml")
    editor.save("lab/cluster.yaml")
    editor.until_said("index.rst", "there is no host or group 'box'")


def test_a_conf_that_does_not_run_is_the_finding(guide: Guide) -> None:
    """It is shown in conf.py, and gone when that is mended and saved."""
    good = (guide.directory / "conf.py").read_text()
    (guide.directory / "conf.py").write_text(good + "print('hello')\nraise ValueError('no')\n")
    with Editor(guide.directory) as editor:
        editor.open("index.rst", "Sample\n======\n\n.. stp:: X\n")
        editor.until_said("conf.py", "ValueError: no")
        editor.open("conf.py", good + "print('hello')\n")
        editor.save("conf.py")
        editor.until_clean("conf.py")
        editor.until_said("index.rst", "Unknown directive type")


def test_nothing_that_is_not_saved_is_kept(guide: Guide) -> None:
    """What `runbook plan` says afterwards is what the disk says."""
    before = planned(guide.directory)
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        editor.replace("index.rst", ":on: box", ":on: bix")
        editor.until_said("index.rst", "'bix'")
    assert planned(guide.directory) == before
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        editor.write("index.rst", editor.texts["index.rst"] + "\n.. stp:: X\n")
        assert not editor.until_said("index.rst", "stp").count("bix")
        editor.close("index.rst")
        editor.until_clean("index.rst")


def test_a_document_that_includes_a_saved_file_is_read_again(guide: Guide) -> None:
    """The finding stands in the file that is included."""
    (guide.directory / "part.inc").write_text(STEP)
    guide.write(".. include:: part.inc")
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        editor.open("part.inc")
        editor.replace("part.inc", ":on: box", ":on: bix")
        editor.save("part.inc")
        editor.until_said("part.inc", "'bix'")


def test_a_reader_that_dies_is_started_again(guide: Guide) -> None:
    """Whatever the guide's own code does, the server lives and says so."""
    (guide.directory / "conf.py").write_text(
        "import os\n"
        "extensions = ['runbook.sphinx']\n"
        "def setup(app):\n"
        "    app.connect('source-read', lambda app, name, text: "
        "os._exit(7) if 'POISON' in text[0] else None)\n"
    )
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        editor.replace("index.rst", ":on: box", ":on: bix")
        editor.until_said("index.rst", "'bix'")
        editor.replace("index.rst", "Sample\n", "POISON\n")
        assert "exit status 7" in editor.until_said("conf.py", "the process that reads the guide")
        editor.replace("index.rst", "POISON\n", "Sample\n")
        editor.until_said("index.rst", "'bix'")
        editor.until_clean("conf.py")


def test_a_directive_that_raises_leaves_the_document_as_it_was(guide: Guide) -> None:
    """Half-typed text meets code that nobody tried it on."""
    (guide.directory / "conf.py").write_text(
        "from docutils.parsers.rst import Directive\n"
        "extensions = ['runbook.sphinx']\n"
        "class Bad(Directive):\n"
        "    has_content = True\n"
        "    def run(self):\n"
        "        return [self.content[1]][2]\n"
        "def setup(app):\n"
        "    app.add_directive('bad', Bad)\n"
    )
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        editor.write("index.rst", editor.texts["index.rst"] + "\n.. bad::\n")
        editor.until_said("index.rst", "it cannot be read: IndexError")
        editor.replace("index.rst", "\n.. bad::\n", "")
        editor.until_clean("index.rst")


def test_the_first_reading_is_shown_as_progress(editor: Editor) -> None:
    """It takes seconds for a large guide."""
    editor.replace("index.rst", ":on: box", ":on: bix")
    editor.until_said("index.rst", "'bix'")
    editor.until("index.rst", lambda _: editor.progress == ["begin", "end"])


def test_only_a_guide_is_read(tmp_path: Path) -> None:
    """Other programs have files called conf.py, which are none of our business to execute."""
    guide = Guide(tmp_path, STEP)
    (guide.directory / "conf.py").write_text(f"open({str(guide.place / 'made')!r}, 'w')\n")
    (guide.directory / "lab/cluster.yaml").rename(guide.directory / "lab/other.yaml")
    with Editor(guide.directory) as editor:
        editor.open("index.rst")
        answer = editor.ask(
            "text_document_completion",
            types.CompletionParams(
                types.TextDocumentIdentifier(editor.uri("index.rst")), types.Position(0, 0)
            ),
        )
        assert not answer.items
    assert list(guide.place.iterdir()) == []
    with Editor(guide.directory, unmarked=True) as editor:
        editor.open("index.rst")
        editor.write("index.rst", ".. stp::\n")
        editor.until_said("index.rst", "stp")
    assert [one.name for one in guide.place.iterdir()] == ["made"]


MYST = """
# Sample

```{step} Make the file
:on: bix

    # touch /made
```
"""


def test_a_guide_in_markdown_is_read_as_well(guide: Guide) -> None:
    """Findings stand at their lines there too, and directives are completed."""
    pytest.importorskip("myst_parser")
    (guide.directory / "conf.py").write_text('extensions = ["runbook.sphinx", "myst_parser"]\n')
    (guide.directory / "index.rst").unlink()
    (guide.directory / "index.md").write_text(MYST)
    with Editor(guide.directory) as editor:
        editor.open("index.md")
        assert editor.until_said("index.md", "'bix'").startswith("4: ")
        for text, label in (
            ("```{st", "step"),
            ("```{step} X\n:on: ", "box"),
            ("```{step} X\n:", "on"),
        ):
            page = f"{MYST}\n{text}"
            editor.write("index.md", page)
            where = types.Position(page.count("\n"), len(text.rpartition("\n")[2]))
            document = types.TextDocumentIdentifier(editor.uri("index.md"))
            answer = editor.ask("text_document_completion", types.CompletionParams(document, where))
            assert label in [item.label for item in answer.items]


HOSTILE = (
    "\x00\x07\x1b[31m\ufeff\ufffe",
    "\U0001f4a5" * 50 + "é" * 50,
    ".. step::\n   :on:\n   :timeout: 1e999h\n   :capture: (((((\n",
    ".. step:: a\n\n   .. step:: b\n\n      .. step:: c\n",
    ".. include:: /etc/shadow\n.. include:: ../../../nothing\n.. literalinclude:: .\n",
    "|" * 2000 + "\n" + "`" * 2000 + "\n" + "*" * 2000,
    "=" * 5000 + "\nx\n" + "\t" * 100 + "y\n\r\n\r\x0c",
    "- " * 200 + "deep\n",
    ".. check:: x\n\n   __import__('os').system('touch PLACE/made')\n",
    ".. code-block:: console\n\n   # $(touch PLACE/made) `touch PLACE/made`\n"
    "   > <<'EOF'\n   > (((\n",
    ".. answers::\n\n   :a\\:: *key*\n   :b: *again* *edit*\n   ::\n",
    ".. file:: /x\n   :edit: keys\n   :section:\n",
    ".. |a| replace:: |a|\n\n|a| |b|\n",
)


def test_hostile_and_half_typed_text_neither_stops_the_server_nor_runs(
    guide: Guide, editor: Editor
) -> None:
    """Every beginning of the page, and pieces that nobody would write, in any place."""
    chance = random.Random(1)
    page = editor.texts["index.rst"]
    for end in range(0, len(page), 7):
        editor.write("index.rst", page[:end])
    for number, piece in enumerate(HOSTILE):
        editor.write("index.rst", page + "\n" + piece.replace("PLACE", str(guide.place)))
        # Of texts that follow each other closely only the last is read.
        editor.write("index.rst", f".. the-{number}::\n\n{editor.texts['index.rst']}")
        editor.until_said("index.rst", f"the-{number}")
    for _ in range(30):
        where = chance.randrange(len(page))
        piece = chance.choice(HOSTILE).replace("PLACE", str(guide.place))
        editor.write("index.rst", page[:where] + piece + page[where:])
    editor.write("index.rst", page + "\n.. the-end::\n")
    editor.until_said("index.rst", "the-end")
    editor.write("index.rst", page)
    editor.until_clean("index.rst")
    assert list(guide.place.iterdir()) == []
    assert editor.process.returncode is None
    assert editor.messages == []
    assert "Traceback" not in editor.log
