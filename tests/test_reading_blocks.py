"""What a block brings with it: its place, its default language, its indentation."""

from __future__ import annotations

from runbook.console.block import Block
from runbook.console.reading import read_blocks
from runbook.model import Command, Dialogue, Kind, Location

START = Location("docs/page.rst", 10)


def test_every_action_has_the_line_of_its_command() -> None:
    """Whatever stands between them."""
    text = "# first a remark\n# lsblk\nvda\n\n# mkfs.xfs \\\n  /dev/vdb\n# fdisk /dev/vdc\n> n\n"
    (proposal,) = read_blocks([Block(text, START)])
    assert [(type(a), a.location.line) for a in proposal.actions] == [
        (Command, 11),
        (Command, 14),
        (Dialogue, 16),
    ]


def test_output_is_that_of_its_command() -> None:
    """Without the prompts and remarks between."""
    (proposal,) = read_blocks([Block("$ lsblk\nvda  \n\n$ # done\nvdb\n", START)])
    (command,) = proposal.actions
    assert isinstance(command, Command)
    assert command.output == "vda\n\nvdb"


def test_the_default_of_the_page_counts_if_it_is_the_shells() -> None:
    """A block without a language has it; another default says nothing of a block."""
    text = "vncviewer gs1:5900"
    found = [
        read_blocks([Block(text, START, default=default)])[0].reading
        for default in ("bash", "python3", "default")
    ]
    assert [(one.kind, one.commands) for one in found] == [
        (Kind.COMMANDS, (text,)),
        (Kind.OTHER, ()),
        (Kind.OTHER, ()),
    ]


def test_the_blocks_own_language_is_stronger_than_the_default() -> None:
    """The author named it for this block."""
    block = Block("ls: 1", START, "code-block", "yaml", default="console")
    assert read_blocks([block])[0].reading.kind is Kind.FILE


def test_indentation_of_all_of_a_block_means_nothing() -> None:
    """A block in a quotation or a list keeps some."""
    block = Block("    $ ls /srv\n    data\n    $ ls /mnt", START)
    assert read_blocks([block])[0].reading.commands == ("ls /srv", "ls /mnt")


def test_an_empty_block_is_nothing() -> None:
    """There are pages with one."""
    assert read_blocks([Block("", START)])[0].reading.kind is Kind.OTHER


def test_every_reading_says_why() -> None:
    """For a table as for a command."""
    texts = ["$ ls", "| a | b |", "[main]\nkey = 1", "anything", "ls [options]", ""]
    for proposal in read_blocks([Block(text, START) for text in texts]):
        assert proposal.reading.reasons
