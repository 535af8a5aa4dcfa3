"""Whatever stands in a block: it is read without an error, invents nothing, and takes no age."""

from __future__ import annotations

import re
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runbook.console import mending
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
"""What the code that reads looks for, to be mixed."""

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
    """What remains of a text without prompts, blanks, backslashes and line ends."""
    return re.sub(r"[\s\\]", "", text)


def _is_from(command: str, text: str) -> bool:
    """Tell whether every line of `command` is a part of one in `text`."""
    found = [_letters(line) for line in text.split("\n")]
    return all(any(_letters(part) in line for line in found) for part in command.split("\n"))


@given(st.lists(blocks, max_size=2))
@example([Block("", Location("page.rst", 1))])
@example([Block("\n \n", Location("page.rst", 1), "prompt")])
def test_any_text_is_read_and_no_command_is_invented(found: list[Block]) -> None:
    """Every line of a command stands in its block; confidence is between 0 and 1."""
    proposals = read_blocks(found)
    assert len(proposals) == len(found)
    for block, proposal in zip(found, proposals, strict=True):
        reading = proposal.reading
        assert 0 <= reading.confidence <= 1
        assert all(_is_from(command, block.text) for command in reading.commands)
        assert all(_is_from(typed, block.text) for typed in reading.typed)


@given(texts, st.lists(texts, max_size=3).map(tuple))
def test_any_sentence_is_a_persons_task(text: str, literals: tuple[str, ...]) -> None:
    """It has no actions, whatever it says."""
    (proposal,) = read_blocks([Sentence(text, Location("page.rst", 1), literals)])
    assert proposal.reading.kind is Kind.PROSE
    assert proposal.actions == ()


@given(st.lists(blocks, max_size=2))
def test_reading_twice_gives_the_same(found: list[Block]) -> None:
    """Nothing is remembered from one document to the next."""
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
    ],
)
@pytest.mark.parametrize("language", ["console", "bash", None])
def test_the_work_grows_with_the_lines_and_no_faster(
    line: str, language: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in lines that are read closely, since time depends on the machine."""

    def closely_read(count: int) -> int:
        fed = 0

        class Counting(Reader):
            def feed(self, line: str) -> None:
                nonlocal fed
                fed += 1
                super().feed(line)

        monkeypatch.setattr(mending, "Reader", Counting)
        text = "\n".join([line] * count)
        read_blocks([Block(text, Location("page.rst", 1), language=language)])
        return fed

    assert closely_read(800) <= 8 * 800 + 400


@pytest.mark.parametrize("part", ["(a) ", "[root@", "a-", "x=", "/a", "a  b  ", "a:", "<a", "|"])
def test_a_long_line_of_anything_is_read_at_all(part: str) -> None:
    """No pattern tries all the ways in which a line can be divided: that would take years."""
    long = part * 4_000
    found = [Block(text, Location("page.rst", 1), before=long) for text in (long, f"$ {long}")]
    assert len(read_blocks(found)) == 2


def test_a_long_command_is_one_command() -> None:
    """Nobody types more than a few hundred characters before one can tell."""
    long = Block("$ echo " + "x" * 200_000 + " | " * 20_000, Location("page.rst", 1))
    reading: Reading = read_blocks([long])[0].reading
    assert len(reading.commands) == 1
