"""Whatever a guide does to its shell, no command is told to have ended otherwise than it did."""

from __future__ import annotations

import getpass

import pytest

from runbook.execution.hosts.host import HostConnection, closing_all
from runbook.execution.sessions.session import Session
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import Disordered

NEWLINE = (
    "python3 -c 'import fcntl, os, termios;"
    ' f = os.open("/dev/tty", os.O_RDWR); fcntl.ioctl(f, termios.TIOCSTI, b"\\n")\''
)
HOSTILE = [
    "IFS=0123456789; readonly IFS",
    "readonly PROMPT_COMMAND",
    "readonly PROMPT_COMMAND='(exit 5)' PS1='> '",
    "exec 2>/dev/null; readonly PROMPT_COMMAND='(exit 5)'",
    "readonly s=1 l=2 n=3 p=4",
    "printf() { :; }; builtin() { :; }; eval() { :; }; unset() { :; }",
    "enable -n builtin printf",
    "alias builtin='return 0' eval=false printf=false",
    "stty raw -isig -icanon -echo </dev/tty; sh -c :",
]


@pytest.fixture
def session() -> Session:
    """Give a session on this machine, which the test closes."""
    return Session.open(LocalConnection("box").shell(getpass.getuser()), host="box")


@pytest.mark.parametrize("command", HOSTILE)
def test_a_hostile_shell_is_understood(session: Session, command: str) -> None:
    """Its functions, options and limits do not hide how the next commands end."""
    with session:
        assert session.run(command, timeout=10).status == 0
        assert session.run("(exit 7)", timeout=10).status == 7
        assert session.run("echo word", timeout=10).output == "word\n"
        assert "*" not in session.state().lost
        assert session.run("stty -a </dev/tty | grep -cE '(^| )isig'", timeout=10).output == "1\n"


def test_a_shell_without_room_for_files_is_replaced() -> None:
    """The command that took the room has its own verdict, and the next one a new shell."""
    live = HostConnection(LocalConnection("box"), {})
    with closing_all({"box": live}):
        user = getpass.getuser()
        for command in ("ulimit -n 3", "exec >/dev/null; ulimit -n 3"):
            assert live.session(user).run(command, timeout=10).status == 0
            assert live.session(user).run("ls /dev/null", timeout=10).output == "/dev/null\n"


def test_a_line_that_somebody_else_typed_is_an_error(session: Session) -> None:
    """The command before it has its own status; of the one after it nothing is known."""
    with session:
        assert session.run(f"{NEWLINE}; (exit 7)", timeout=10).status == 7
        with pytest.raises(Disordered, match="a prompt after a command that had ended already"):
            session.run("true", timeout=10)
        assert not session.alive


@pytest.mark.parametrize(
    "forgery",
    [
        "__runbook_at_prompt 0 ''; sleep 1; (exit 7)",
        "(__runbook_at_prompt 0 '') & sleep 1; (exit 7)",
        '__runbook_mark C "$__runbook_n"; (exit 7)',
    ],
)
def test_a_mark_that_is_forged_is_an_error(session: Session, forgery: str) -> None:
    """Even by one who knows what is in the shell's variables."""
    with session, pytest.raises(Disordered):
        session.run(forgery, timeout=10)


def test_a_job_of_before_cannot_end_a_command(session: Session) -> None:
    """It knows the marks of its own command only."""
    with session:
        session.run("(sleep 0.3; __runbook_at_prompt 0 '') >/dev/tty 2>&1 &", timeout=10)
        with pytest.raises(Disordered):
            session.run("sleep 1; (exit 7)", timeout=10)
