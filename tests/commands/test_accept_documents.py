"""`runbook accept` changes only output, whatever the document is like and a program prints."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.support.guides import Guide

SHOWN = """
.. step:: {title}
   :on: box
   :output: shown

   .. code-block:: console

"""
COUNT = "      # seq 1 2\n      one\n"


def accepted(guide: Guide, path: str = "index.rst", status: int = 0) -> tuple[str, str]:
    """Run the guide, accept what was printed, and return the document and what was said."""
    done = guide.call("run")
    assert done.returncode == 4, done.stderr  # no step has a check
    done = guide.call("accept", "--lab", "local", "--write")
    assert done.returncode == status, done.stdout + done.stderr
    return (guide.directory / path).read_bytes().decode(), done.stderr


MARKDOWN = """\
Part
====

::::{step} First
:on: box
:output: shown

FENCE console
# seq 1 2
one
END

More words.
::::

::::{step} Second
:on: box
:output: shown

FENCE console
# seq 3 4
three
# seq 5 6
END
::::

The end.
"""


def in_markdown(tmp_path: Path, text: str) -> Guide:
    """Return a guide with a part in Markdown."""
    pytest.importorskip("myst_parser")
    guide = Guide(tmp_path, ".. toctree::\n\n   part")
    (guide.directory / "conf.py").write_text(
        'extensions = ["myst_parser", "runbook.sphinx"]\n'
        'myst_enable_extensions = ["colon_fence", "fieldlist"]\n'
    )
    (guide.directory / "part.md").write_text(text)
    return guide


@pytest.mark.parametrize(("fence", "end"), [("```{code-block}", "```"), (":::{code-block}", ":::")])
def test_what_follows_a_block_in_markdown_stays(tmp_path: Path, fence: str, end: str) -> None:
    """The fence, the prose and the steps below, though nothing is indented."""
    text = MARKDOWN.replace("FENCE", fence).replace("END", end)
    written, _ = accepted(in_markdown(tmp_path, text), "part.md")
    assert written == text.replace("\none\n", "\n1\n2\n").replace("\nthree\n", "\n3\n4\n")


def test_what_follows_the_part_of_a_file_stays(tmp_path: Path) -> None:
    """A block that shows a file up to a line ends there."""
    step = SHOWN.format(title="Count").partition("   .. code")[0]
    step += "   .. literalinclude:: session.txt\n      :language: console\n"
    guide = Guide(tmp_path, step + "      :end-before: --- end\n")
    text = "# seq 1 2\none\n--- end\nNot shown.\n# echo\nneither\n"
    (guide.directory / "session.txt").write_text(text)
    written, _ = accepted(guide, "session.txt")
    assert written == text.replace("one", "1\n2")


def test_printed_text_never_becomes_a_command(tmp_path: Path) -> None:
    """The difference is told and not written; others are."""
    step = SHOWN.format(title="Finish")
    step += "      # printf '%s\\n' 'Finish with:' '# touch PLACE/more'\n      Done.\n" + COUNT
    guide = Guide(tmp_path, step)
    before = (guide.directory / "index.rst").read_text()
    written, said = accepted(guide, status=1)
    assert written == before.replace("      one\n", "      1\n      2\n")
    assert "index.rst:11: skipped: " in said


def test_printed_text_is_no_command_in_a_patch_either(tmp_path: Path) -> None:
    """A patch is applied without another look at what the guide would then do."""
    step = SHOWN.format(title="Finish")
    guide = Guide(
        tmp_path, f"{step}      # printf '%s\\n' 'Now:' '# touch PLACE/more'\n      Done.\n"
    )
    assert guide.call("run").returncode == 4
    shown = guide.call("accept", "--lab", "local")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "index.rst:11: skipped: " in shown.stderr


@pytest.mark.parametrize("printed", ["```", "Go on? [y/N]: y"])
def test_printed_text_never_ends_a_block_or_asks(tmp_path: Path, printed: str) -> None:
    """A fence and a question are no output of a block."""
    text = MARKDOWN.replace("FENCE", "```{code-block}").replace("END", "```")
    text = text.replace("# seq 1 2", f"# printf '%s\\n' One '{printed}' Two")
    written, said = accepted(in_markdown(tmp_path, text), "part.md", status=1)
    assert written == text.replace("\nthree\n", "\n3\n4\n")
    assert "part.md:9: skipped: " in said


def test_a_part_that_a_program_ends_is_not_changed(tmp_path: Path) -> None:
    """A program may print the very line before which a block ends."""
    step = SHOWN.format(title="Count").partition("   .. code")[0]
    step += "   .. literalinclude:: session.txt\n      :language: console\n"
    guide = Guide(tmp_path, step + "      :end-before: --- end\n")
    text = "# printf '%s\\n' 1 '--- e''nd' 2\none\n--- end\n"
    (guide.directory / "session.txt").write_text(text)
    written, said = accepted(guide, "session.txt", status=1)
    assert (written, "session.txt:1: skipped: " in said) == (text, True)


def twice(tmp_path: Path, command: str) -> tuple[Guide, str]:
    """Return a guide that includes a text in two steps, and the text."""
    step = SHOWN.format(title="TITLE").partition("   .. code")[0]
    step += (
        "   .. include:: shared.txt\n\n   .. code-block:: console\n\n      # touch PLACE/TITLE\n"
    )
    guide = Guide(tmp_path, step.replace("TITLE", "First"), step.replace("TITLE", "Second"))
    text = f"Look:\n\n.. code-block:: console\n\n   # {command}\n   one\n\nWords below.\n"
    (guide.directory / "shared.txt").write_text(text)
    return guide, text


def test_a_text_that_two_steps_include_is_changed_once(tmp_path: Path) -> None:
    """Both have printed the same."""
    guide, text = twice(tmp_path, "seq 1 4")
    written, _ = accepted(guide, "shared.txt")
    assert written == text.replace("one", "1\n   2\n   3\n   4")


def test_a_text_for_which_two_steps_differ_stays(tmp_path: Path) -> None:
    """Neither output is true of both."""
    guide, text = twice(tmp_path, "ls -A PLACE".replace("PLACE", str(tmp_path / "place")))
    written, said = accepted(guide, "shared.txt", status=1)
    assert written == text
    assert "shared.txt:5: skipped: " in said
    assert said.count("printed different ones") == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("", "", id="plain"),
        pytest.param("      ", "\t\t", id="tabs"),
        pytest.param("\n", "\r\n", id="CRLF"),
        pytest.param("Words", "Words\u2028of\x0cit\x85and\x1cmore", id="separators"),
        pytest.param("Words.", "Words.\n\n.. code-block:: none\n\n   a\u2028   b", id="in a block"),
    ],
)
def test_nothing_but_the_lines_of_output_changes(tmp_path: Path, old: str, new: str) -> None:
    """Tabs, line ends and rare characters stay, and the line that is meant is found."""
    guide = Guide(tmp_path)
    text = f"Sample\n======\n\nWords.\n{SHOWN.format(title='Count')}{COUNT}\n   Below.\n"
    expected = text.replace("one", "1\n      2")
    if old:
        text, expected = text.replace(old, new), expected.replace(old, new)
    (guide.directory / "index.rst").write_bytes(text.encode())
    written, _ = accepted(guide)
    assert written == expected


def test_a_document_may_end_without_a_line_end(tmp_path: Path) -> None:
    """It stays so, and its patch says so."""
    guide = Guide(tmp_path, SHOWN.format(title="Count") + COUNT.rstrip())
    assert guide.call("run").returncode == 4
    patch = guide.call("accept", "--lab", "local").stdout
    end = "\n\\ No newline at end of file\n"
    assert patch.endswith(f"-      one{end}+      1\n+      2{end}")
    written, _ = accepted(guide)
    assert written.endswith("      # seq 1 2\n      1\n      2")


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_document_stays_a_link_and_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    """What it leads to is changed."""
    guide = Guide(tmp_path, SHOWN.format(title="Count") + COUNT)
    page = guide.directory / "index.rst"
    real = page.rename(tmp_path / "real.rst")
    real.chmod(mode)
    page.symlink_to(real)
    written, _ = accepted(guide)
    assert "      1\n      2\n" in written
    assert page.is_symlink()
    assert real.read_text() == written
    assert stat.S_IMODE(real.stat().st_mode) == mode


def test_the_name_of_a_captured_value_stays(tmp_path: Path) -> None:
    """It stands for what an earlier step has printed, on the host of the output."""
    take = SHOWN.format(title="Create").replace("   :output", "   :capture: vm_id\n   :output")
    use = SHOWN.format(title="Start")
    guide = Guide(
        tmp_path,
        f"{take}      # echo id-4711\n",
        f"{use}      # echo vm <vm-id> started; echo ready\n      vm <vm-id> started\n      soon\n",
    )
    before = (guide.directory / "index.rst").read_text()
    written, _ = accepted(guide)
    assert written == before.replace("      soon\n", "      ready\n")
