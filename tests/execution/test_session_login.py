"""A session is a login shell, whatever the profile of its user does."""

from __future__ import annotations

import getpass
import io
import time
from pathlib import Path

import pytest

from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.sessions.session import Session
from runbook.terminal.connection import LocalConnection
from tests.support.waiting import until


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the home directory of whoever logs in to this machine."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


def opened(sink: io.BytesIO | None = None) -> Session:
    """Return a session on this machine."""
    return Session.open(LocalConnection("box").shell(getpass.getuser()), host="box", sink=sink)


def test_a_session_is_a_login_shell(argv: list[str]) -> None:
    """On every host, in the home directory."""
    with Session.open(argv, host="box") as session:
        said = session.run("shopt -q login_shell && echo login; pwd; echo ~; echo $-", timeout=10)
    login, directory, home, flags = said.output.splitlines()
    assert (login, directory) == ("login", home)
    assert "i" in flags


PROFILES = {
    "talkative": "echo welcome; echo 'you have mail' >&2; printf '\\033]133;D;0\\007'",
    "prompts": "PS1='\\u@\\h> ' PS2='more> ' PS0='go' PROMPT_COMMAND='echo prompt'; set -o vi",
    "list of prompt commands": "PROMPT_COMMAND=('echo one' 'echo two')",
    "hook": 'hook() { echo hook; }; PROMPT_COMMAND="hook${PROMPT_COMMAND:+; $PROMPT_COMMAND}"',
    "read-only": "PROMPT_COMMAND='true audit'; readonly PROMPT_COMMAND PS1='> ' TERM TMOUT=600",
    "read-only history": "HISTFILE=~/.history; readonly HISTFILE HISTTIMEFORMAT='%F '",
    "aliases": "alias eval=false printf=false local=false unset=false stty=false export=false"
    " declare=false return=false set=false builtin=false shopt=false cd=false",
    "no aliases": "shopt -u expand_aliases",
    "options": "set -u; shopt -s nullglob extglob histappend; IFS=:; umask 077",
    "trace": "set -x",
    "trap": "trap 'true audit >/dev/null' DEBUG; trap 'true' ERR EXIT",
    "terminal": "stty rows 10 cols 40; export TERM=vt220 COLUMNS=40 PAGER=less LC_ALL=C",
    "reads its input": "read -t 0.2 -r line; read -t 0.2 -r line",
    "job": "sleep 30 & disown",
    "ends in an error": "(exit 3)",
}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES.keys())
def test_no_profile_disturbs_a_session(home: Path, profile: str) -> None:
    """What it prints is in no output, and what it sets does not hide the end of a command."""
    (home / ".bash_profile").write_text(f"{profile}\nPROFILE=read\n")
    sink = io.BytesIO()
    with opened(sink) as session:
        printed = len(sink.getvalue())
        assert "read\n" in session.run("echo $PROFILE", timeout=5).output
        assert session.run("(exit 6)", timeout=5).status == 6
        assert session.run("set +x; : ${nothing:?is missing}; echo never", timeout=5).status != 0
        assert session.run("echo next\necho -n last", timeout=5).output == "next\nlast"
        session.state()
        assert session.run("echo $?; cat </dev/null", timeout=5).output == "0\n"
        recorded = sink.getvalue()[printed:]
        assert b"133;" not in recorded
        assert b"__runbook" not in recorded.replace(b"+ __runbook", b"")


def test_what_the_profile_defines_is_there(home: Path) -> None:
    """Variables, functions and aliases, as for the reader who logs in."""
    (home / ".profile").write_text("export A=a; b=b; f() { echo f; }; alias g='echo g'\n")
    with opened() as session:
        assert session.run("echo $A $b; f; g", timeout=5).output == "a b\nf\ng\n"
        assert session.state().script == ""


def test_a_session_that_was_logged_out_while_idle_is_replaced(home: Path) -> None:
    """Many hardened hosts make TMOUT read-only. The new shell is in the state of the old one."""
    (home / ".profile").write_text("readonly TMOUT=1; export TMOUT\n")
    live = HostConnection(LocalConnection("box"), {})
    with closing_all({"box": live}):
        session = live.session(getpass.getuser())
        session.run("cd /tmp; a=1", timeout=5)
        live.shell_states()
        until(lambda: not session.alive)
        assert live.session(getpass.getuser()).run("pwd; echo $a", timeout=5).output == "/tmp\n1\n"


def test_a_profile_that_takes_long_is_waited_for(home: Path) -> None:
    """Its shell is not given up, and not taken for ready."""
    (home / ".profile").write_text("echo wait...; sleep 1; export A=a\n")
    began = time.monotonic()
    with opened() as session:
        assert time.monotonic() - began >= 1
        assert session.run("echo $A", timeout=5).output == "a\n"
