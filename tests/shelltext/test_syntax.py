"""A second parser reads what took a closer look; it is loaded only then."""

from __future__ import annotations

import subprocess
import sys

import pytest
from attrs import evolve

from runbook.shelltext.parsing.lexer import read
from runbook.shelltext.parsing.syntax import doubt

LOADED = "import sys; {}; print(any(name.startswith('tree_sitter') for name in sys.modules))"


def loads_a_parser(code: str) -> bool:
    """Return whether Python loads tree-sitter for `code`."""
    argv = [sys.executable, "-c", LOADED.format(code)]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "True\n"


def test_help_does_not_load_a_parser() -> None:
    """Nor do commands that can be read at once."""
    assert not loads_a_parser(
        "from runbook.cli import main; main(['--help'], standalone_mode=False)"
    )
    scan = "from runbook.shelltext.dangers import dangers; dangers({!r})"
    assert not loads_a_parser(scan.format("sudo rm -rf /srv && ls 'a b' | wc > \"$HOME/x\""))
    assert loads_a_parser(scan.format("echo `ls`"))


@pytest.mark.parametrize(
    "text",
    [
        "echo $(ls) | wc",
        "if ls; then wc; fi",
        "cat <<EOF\n$(ls)\nEOF",
        "! ls | wc",
        "time { ls; }",
        "echo `ls \\`wc\\``",
        "echo ${a:-$(ls)} <(wc) é $(ls)",
        "f() { ls; }",
    ],
)
def test_parsers_agree_on_ordinary_text(text: str) -> None:
    """So that nobody is asked about it."""
    assert doubt(text, read(text)) == ""


def test_what_the_other_parser_finds_in_addition_is_a_doubt() -> None:
    """As if ours had missed a program."""
    text = "echo $(ls)"
    missed = evolve(read(text), commands=read(text).own)
    assert doubt(text, missed) == "bash may read this otherwise than it looks: ls"


def test_what_the_other_parser_cannot_read_is_a_doubt() -> None:
    """Even if bash can."""
    text = "cat <<A - <<B\n1\nA\n2\nB"
    assert doubt(text, read(text)) == "bash may read this otherwise than it looks"
