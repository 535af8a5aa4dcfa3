"""Any text is read without an error, in linear time, and without inventing commands."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runbook.console import repair
from runbook.console.block import Block, Sentence
from runbook.console.reading import read_blocks
from runbook.console.shell import Reader
from runbook.model import Kind, Location, Reading

LANGUAGES: Final = [None, "bash", "console", "text", "ini", "yaml", "sql", "python"]
PARTS: Final = [
    "# ", "$ ", "> ", "% ", "root@gs1:~# ", "[root@gs1 ~]# ", "gs1# ", "(venv) $ ", "mysql> ",
    "ls -l", "yum install httpd", "fdisk /dev/vdb", "for i in 1 2", "do", "done", "cat <<EOF",
    "EOF", "'", '"', "\\", " \\", "|", " && ", "{", "}", "(", ")", "`", "$(", "=", ": ", "[y/N] ",
    "Password: ", "...", "<id>", "|name|", "-x", "--long=1", "/etc/hosts", "key = value", "# why",
    "\t", "  ", "+----+", "Usage:", "Error: no", "vi /etc/hosts", "\u542f\u52a8", "\r", "#!/bin/sh",
]  # fmt: skip
"""Everything that the reader looks for, to be combined at random."""

lines = st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=4).map("".join)
texts = st.lists(lines, max_size=8).map("\n".join)
blocks = st.builds(
    Block,
    text=texts,
    location=st.just(Location("page.rst", 1)),
    directive=st.sampled_from(["::", "code-block", "parsed-literal", "prompt"]),
    language=st.sampled_from(LANGUAGES),
    options=st.fixed_dictionaries({}, optional={"prompts": st.sampled_from(["#", "$ auto", "("])}),
    before=st.sampled_from(["", "Run:", "Edit /etc/hosts, line 3 becomes:", "It prints:"]) | texts,
)


def _letters(text: str) -> str:
    """Return a text without spaces, backslashes and newlines."""
    return re.sub(r"[\s\\]", "", text)


def _is_from(command: str, text: str) -> bool:
    """Return whether every line of `command` is a part of one in `text`."""
    found = [_letters(line) for line in text.split("\n")]
    return all(any(_letters(part) in line for line in found) for part in command.split("\n"))


@given(st.lists(blocks, max_size=2))
@example([Block("", Location("page.rst", 1))])
@example([Block("\n \n", Location("page.rst", 1), "prompt")])
def test_any_text_is_read_and_no_command_is_invented(found: list[Block]) -> None:
    """Every line of a command is in its block, and every word of what a program is given."""
    block_readings = read_blocks(found)
    assert len(block_readings) == len(found)
    for block, block_reading in zip(found, block_readings, strict=True):
        reading = block_reading.reading
        assert 0 <= reading.confidence <= 1
        assert all(_is_from(command, block.text) for command in reading.commands)
        assert all(word in block.text for typed in reading.typed for word in typed.split())


@given(texts, st.lists(texts, max_size=3).map(tuple))
def test_any_sentence_is_left_to_a_person(text: str, literals: tuple[str, ...]) -> None:
    """It has no actions, whatever it says."""
    (block_reading,) = read_blocks([Sentence(text, Location("page.rst", 1), literals)])
    assert block_reading.reading.kind is Kind.PROSE
    assert block_reading.actions == ()


@given(st.lists(blocks, max_size=2))
def test_reading_is_deterministic(found: list[Block]) -> None:
    """No state is kept from one document to the next."""
    assert read_blocks(found) == read_blocks(found)


@pytest.mark.parametrize(
    "line",
    [
        "it's left open",
        "echo 'left open",
        "(",
        '$ echo "left open',
        "if true; then",
        "ls \\",
        "cat <<EOF",
        "{",
        "word " * 40,
        "a=1; b=2 | c && " * 10,
        "mysql",
        "mysql> CREATE TABLE x (",
        "  more arguments",
        "$ tool \\",
    ],
)
@pytest.mark.parametrize("language", ["console", "bash", None])
def test_reading_takes_linear_time(
    line: str, language: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in lines fed to the reader, since time depends on the machine."""

    def lines_read(count: int) -> int:
        fed = 0

        class Counting(Reader):
            def feed(self, line: str) -> None:
                nonlocal fed
                fed += 1
                super().feed(line)

        monkeypatch.setattr(repair, "Reader", Counting)
        text = "\n".join([line] * count)
        read_blocks([Block(text, Location("page.rst", 1), language=language)])
        return fed

    assert lines_read(800) <= 8 * 800 + 400


@pytest.mark.parametrize("part", ["(a) ", "[root@", "a-", "x=", "/a", "a  b  ", "a:", "<a", "|"])
def test_no_pattern_backtracks_catastrophically(part: str) -> None:
    """Long lines of every kind are read in reasonable time."""
    long = part * 4_000
    found = [Block(text, Location("page.rst", 1), before=long) for text in (long, f"$ {long}")]
    assert len(read_blocks(found)) == 2


def test_a_long_command_is_one_command() -> None:
    """The first few hundred characters are enough to tell."""
    long = Block("$ echo " + "x" * 200_000 + " | " * 20_000, Location("page.rst", 1))
    reading: Reading = read_blocks([long])[0].reading
    assert len(reading.commands) == 1
