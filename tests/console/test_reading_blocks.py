"""What comes with a block: its location, default language and indentation."""

from __future__ import annotations

from runbook.console.block import Block
from runbook.console.reading import read_blocks
from runbook.model import Command, Dialogue, Kind, Location

START = Location("docs/page.rst", 10)


def test_every_action_has_the_line_of_its_command() -> None:
    """Whatever is between them."""
    text = "# first a remark\n# lsblk\nvda\n\n# mkfs.xfs \\\n  /dev/vdb\n# fdisk /dev/vdc\n> n\n"
    (block_reading,) = read_blocks([Block(text, START)])
    assert [(type(a), a.location.line) for a in block_reading.actions] == [
        (Command, 11),
        (Command, 14),
        (Dialogue, 16),
    ]


def test_output_belongs_to_the_command_before_it() -> None:
    """Without the prompts and comments in between."""
    (block_reading,) = read_blocks([Block("$ lsblk\nvda  \n\n$ # done\nvdb\n", START)])
    (command,) = block_reading.actions
    assert isinstance(command, Command)
    assert command.output == "vda\n\nvdb"


def test_the_default_language_counts_if_it_is_a_shell_language() -> None:
    """Another default says nothing about a block."""
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


def test_the_language_of_a_block_overrides_the_default() -> None:
    """The author chose it for this block."""
    block = Block("ls: 1", START, "code-block", "yaml", default="console")
    assert read_blocks([block])[0].reading.kind is Kind.FILE


def test_common_indentation_is_ignored() -> None:
    """A block in a quotation or a list keeps some."""
    block = Block("    $ ls /srv\n    data\n    $ ls /mnt", START)
    assert read_blocks([block])[0].reading.commands == ("ls /srv", "ls /mnt")


def test_an_empty_block_is_of_kind_other() -> None:
    """Real pages contain some."""
    assert read_blocks([Block("", START)])[0].reading.kind is Kind.OTHER


def test_every_reading_has_a_reason() -> None:
    """For a table as for a command."""
    texts = ["$ ls", "| a | b |", "[main]\nkey = 1", "anything", "ls [options]", ""]
    for block_reading in read_blocks([Block(text, START) for text in texts]):
        assert block_reading.reading.reasons
