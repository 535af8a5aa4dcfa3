"""Commands that change the shell for what is typed there later are told from all others."""

from __future__ import annotations

import pytest

from runbook.shelltext.shell_changes import shell_change


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("mkdir -p /srv/x; export STORE=/srv/x", "export"),
        ("cd /srv", "cd"),
        ("{ cd /srv; }", "cd"),
        ("if true; then cd /srv; fi", "cd"),
        ("(cd /srv); pushd /opt", "pushd"),
        (". venv/bin/activate", "."),
        ("source venv/bin/activate", "source"),
        ("umask 077", "umask"),
        ("alias ll='ls -l'", "alias"),
        ("set -o pipefail", "set"),
        ("STORE=/srv", "STORE="),
        ("NAME=$(cd /; pwd)", "NAME="),
        ("for i in 1 2; do last=$i; done", "last="),
        ("f() { echo; }", "f()"),
    ],
)
def test_what_lives_on_in_a_shell_is_named(text: str, change: str) -> None:
    """By the builtin, or by the variable or function."""
    assert shell_change(text) == change


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(cd /srv && make)",
        "x=1 y=2 make install",
        "CC=$(which gcc; true) make",
        "cd /srv | cat",
        "echo 'cd /srv; X=1'",
        "dnf install a=1",
        "cat > /etc/x <<EOF\nA=1\ncd /\nEOF",
        "sed -i 's/A=1/A=2/' /etc/x",
        "sudo sh -c 'cd /srv; make'",
        "ls . /srv",
        "systemctl set-default multi-user.target",
    ],
)
def test_what_ends_with_its_command_does_not_count(text: str) -> None:
    """Subshells, pipelines, other programs' words and variables of one command only."""
    assert not shell_change(text)
