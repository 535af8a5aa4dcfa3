"""A program that takes the whole screen is known by its command, and no other is refused."""

from __future__ import annotations

import pytest

from runbook.dialogue.full_screen import reason


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        ("vi /etc/hosts", "the directive 'file'"),
        ("cd /etc && sudo -u postgres vim pg_hba.conf", "the directive 'file'"),
        ("journalctl | less", "print the file with cat"),
        ("man ls", "print the file with cat"),
        ("ssh gs2 top", "`top -b -n 1`"),
        ("top -n 1", "`top -b -n 1`"),
        ("alias ll='ls -l'; mc", "cp, mv, rm"),
    ],
)
def test_the_reason_says_what_to_write_instead(command: str, instead: str) -> None:
    """Wherever in the command the program is."""
    assert instead in reason(command)


@pytest.mark.parametrize(
    "command",
    [
        "vim -es -c 'g/a/d' -c wq /etc/hosts",
        "view -c q /etc/hosts",
        "emacs -batch -l setup.el",
        "top -bn1 | head",
        "htop -h",
        "less -FX /etc/hosts",
        "less --quit-if-one-screen /etc/hosts",
        "man ls | cat",
        "lynx -source http://gs1/ > page",
        "w3m -dump_source http://gs1/",
        "nano --version",
    ],
)
def test_with_options_that_need_nobody_it_runs(command: str) -> None:
    """It prints and ends."""
    assert not reason(command)


@pytest.mark.parametrize(
    "command",
    [
        "alias vi=vim",
        "trap 'less /var/log/messages' EXIT",
        "command -v less",
        "apt install nano mc",
    ],
)
def test_a_command_that_only_names_one_runs(command: str) -> None:
    """Nothing takes the screen here."""
    assert not reason(command)
