"""One suite for sessions over every transport there is."""

from __future__ import annotations

import threading
import time

import pytest

from runbook.execution.sessions.session import Session
from runbook.terminal.faults import (
    CommandTimeout,
    DialogueStopped,
    HostLost,
    ShellEnded,
    Unfinished,
)
from tests.support.transports import Transport


def test_a_command_gives_its_output_and_its_exit_status(session: Session) -> None:
    """Output comes without the echo of what was typed, standard error included."""
    completed = session.run("echo out; echo err >&2; (exit 7)", timeout=10)

    assert (completed.status, completed.output) == (7, "out\nerr\n")
    assert completed.seconds > 0
    assert completed.dropped == 0


def test_what_a_command_changes_in_its_shell_lasts(session: Session) -> None:
    """Directory, variables, functions and `$?` go on to the next command."""
    session.run("cd /tmp; a='x  y'; f() { echo f-$1; }; (exit 3)", timeout=10)

    assert session.run('echo $? "$a" $(pwd); f 1', timeout=10).output == "3 x  y /tmp\nf-1\n"


def test_the_environment_is_set(argv: list[str]) -> None:
    """The lab's environment is exported, whatever characters it has."""
    value = 'it\'s $HOME \\ "q" é\t!'
    with Session.open(argv, host="box", environment={"VALUE": value}) as session:
        assert session.run("printenv VALUE", timeout=10).output == f"{value}\n"


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("for i in 1 2; do\n  echo $i\ndone", "1\n2\n"),
        ("cat <<EOF\none $((1+1))\n\ttwo\nEOF", "one 2\n\ttwo\n"),
        ("cat <<'A' - <<'B'\na\nA\n$b\nB", "$b\n"),
        ("echo 'it is' \\\n  \"one!\" # remark", "it is one!\n"),
        ("", ""),
        ("# nothing but a remark", ""),
        ("printf 'no newline'", "no newline"),
        ("echo é ☃", "é ☃\n"),
        ("printf '\\033[1mbold\\033[0m \\033]0;title\\007x\\n'", "bold x\n"),
        ("printf '10%%\\r50%%\\r100%%\\n'", "100%\n"),
        ("printf 'a\\377b\\n'", "a\\xffb\n"),
        ("echo $TERM", "xterm-256color\n"),
    ],
)
def test_shell_text_of_any_form_runs(session: Session, command: str, output: str) -> None:
    """Loops, here-documents, quotes, remarks, escapes and stray bytes do what they do."""
    completed = session.run(command, timeout=10)

    assert completed.output == output
    assert session.run("echo next", timeout=10).output == "next\n"


def test_text_longer_than_a_terminal_line_runs(session: Session) -> None:
    """A terminal takes 4095 bytes in a line; commands may be longer and keep `$?`."""
    session.run("(exit 4)", timeout=10)

    completed = session.run(f"s=$?; text='{'x' * 20000}'\necho $s ${{#text}}", timeout=20)

    assert completed.output == "4 20000\n"


@pytest.mark.parametrize("command", ["cat", "read x", "python3 -c 'input()'"])
def test_a_command_that_reads_its_input_is_stopped(session: Session, command: str) -> None:
    """When it is seen to wait, or else at its timeout; then the shell is at its prompt."""
    with pytest.raises((DialogueStopped, CommandTimeout)):
        session.run(command, timeout=5)

    assert session.run("echo next", timeout=10).output == "next\n"


@pytest.mark.parametrize("command", ["bash", "sh"])
def test_a_command_that_opens_a_shell_does_not_hang(session: Session, command: str) -> None:
    """Its input is empty: what is typed in it is typed elsewhere."""
    session.run(command, timeout=10)

    assert session.run("echo next", timeout=10).output == "next\n"


@pytest.mark.parametrize("command", ["sleep 60", "cat /dev/tty", "trap '' INT; echo on; sleep 60"])
def test_a_command_that_hangs_is_stopped(session: Session, command: str) -> None:
    """After its time the shell is at its prompt again, even if the interrupt is ignored."""
    with pytest.raises(CommandTimeout, match=r"still running after 0\.5 s") as caught:
        session.run(command, timeout=0.5)

    assert caught.value.output == ("on\n" if "echo" in command else "")
    assert session.alive
    assert session.run("trap INT; echo next", timeout=10).output == "next\n"


def test_a_command_that_cannot_be_stopped_closes_the_session(session: Session) -> None:
    """It ignores every key, so the shell is given up; the failure is still the command's."""
    with pytest.raises(CommandTimeout):
        session.run("trap '' INT QUIT; sleep 30", timeout=0.5)

    assert not session.alive


def test_a_flood_is_cut_in_the_middle(session: Session, transport: Transport) -> None:
    """Memory stays bounded; the beginning and the end are kept, and what is left out is counted."""
    size = 900_000 if transport.name == "relayed" else 50_000_000

    completed = session.run(f"echo first; yes | head -c {size}; echo last", timeout=120)

    assert completed.output.startswith("first\ny\n")
    assert completed.output.endswith("y\nlast\n")
    assert len(completed.output) < 600_000
    assert completed.dropped > size - 600_000


@pytest.mark.parametrize(
    "command",
    [
        "printf '\\033]133;D;0;0123456789abcdef01234567\\007'",
        "printf '\\033]133;D;0\\007\\033]133;C\\007'",
        "printf '\\033]133;'",
        "set; declare -f; declare -p",
    ],
)
def test_a_program_cannot_fake_a_mark(session: Session, command: str) -> None:
    """A mark with another nonce, or none, is output like any other; so is our own set-up."""
    completed = session.run(f"{command}; echo after; (exit 5)", timeout=10)

    assert completed.status == 5
    assert completed.output.endswith("after\n")


@pytest.mark.parametrize(
    ("command", "status"),
    [("exit 3", 3), ("exec true", 0), ("set -e; false", 1), ("kill -9 $$", 137)],
)
def test_a_command_that_ends_its_shell_is_told_from_a_lost_host(
    session: Session, transport: Transport, command: str, status: int
) -> None:
    """The failure comes at once, with the output so far and the shell's exit status."""
    began = time.monotonic()

    with pytest.raises(ShellEnded) as caught:
        session.run(f"echo before; {command}; echo never", timeout=60)

    assert caught.value.output.startswith("before\n")
    if transport.name == "local":
        assert caught.value.status == status
    assert not session.alive
    assert time.monotonic() - began < 10
    with pytest.raises(HostLost):
        session.run("true", timeout=1)


def test_a_heredoc_left_open_is_refused(session: Session) -> None:
    """Nothing of it is run, and the failure names the line that is missing."""
    with pytest.raises(Unfinished, match="'EOF'"):
        session.run("echo ran; cat <<EOF\ntext\n", timeout=10)

    assert session.run("echo next", timeout=10).output == "next\n"


@pytest.mark.parametrize("command", ["echo 'open", 'echo "open', "if true", "echo $(", "{"])
def test_text_that_ends_too_early_fails(session: Session, command: str) -> None:
    """Bash says what is wrong; nothing waits for more."""
    completed = session.run(command, timeout=10)

    assert completed.status != 0
    assert "unexpected" in completed.output
    assert session.run("echo next", timeout=10).output == "next\n"


@pytest.mark.parametrize(
    "command",
    [
        "set -x",
        "set -u",
        "exec 2>/dev/null",
        "PROMPT_COMMAND='echo mine'; PS1='> '",
        "PROMPT_COMMAND=",
        "stty -F /dev/tty sane",
        "IFS=:",
        "set -o noglob; set -f; shopt -s extglob",
        "trap 'echo debug >/dev/null' DEBUG",
        "cd /; PATH=",
        "alias printf=false local=false",
        "set -o posix",
    ],
)
def test_a_changed_shell_is_still_understood(session: Session, command: str) -> None:
    """Nothing that a guide does to its shell keeps us from seeing the end of a command."""
    session.run(command, timeout=5)

    assert session.run("(exit 6)", timeout=5).status == 6
    assert "next\n" in session.run("echo next", timeout=5).output


def test_output_of_the_shell_sent_elsewhere_stays_there(session: Session) -> None:
    """`exec >file` takes the output of what follows, and none of our marks."""
    completed = session.run("exec 3>&1 >/tmp/$$.out; echo hidden; f=/tmp/$$.out", timeout=5)
    assert completed.output == ""

    completed = session.run("echo hidden; exec >&3; cat $f; rm $f", timeout=5)
    assert completed.output == "hidden\nhidden\n"


def test_late_words_of_a_background_job_belong_to_no_command(session: Session) -> None:
    """What a job prints between two commands is in the output of neither."""
    session.run("mkfifo /tmp/$$.fifo; (read x </tmp/$$.fifo; echo late) &", timeout=5)
    session.run("echo go >/tmp/$$.fifo; wait; rm /tmp/$$.fifo", timeout=5)

    assert session.run("echo next", timeout=5).output == "next\n"


def test_closing_from_another_thread_ends_a_running_command(session: Session) -> None:
    """A run that is interrupted must not wait for its commands."""
    thread = threading.Timer(0.3, session.close)
    thread.start()

    with pytest.raises(HostLost, match="closed"):
        session.run("sleep 60", timeout=60)

    thread.join()
    session.close()
    assert not session.alive


def test_a_closed_session_leaves_no_shell_on_the_host(argv: list[str]) -> None:
    """The far end ends as well, also where the near one only relays to it."""
    with Session.open(argv, host="box") as witness:
        with Session.open(argv, host="box") as session:
            pid = session.run("echo $$", timeout=5).output.strip()
        gone = f"while kill -0 {pid} 2>/dev/null; do sleep 0.05; done"
        assert witness.run(gone, timeout=5).status == 0


def test_a_command_that_cannot_be_stopped_does_not_live_on(argv: list[str]) -> None:
    """When its shell is given up, the command ends on the host as well."""
    with Session.open(argv, host="box") as witness:
        with Session.open(argv, host="box") as session:
            pid = session.run("echo $$", timeout=5).output.strip()
            with pytest.raises(CommandTimeout):
                session.run("trap '' INT QUIT; sleep 300", timeout=0.3)
        gone = f"while pgrep -s {pid} >/dev/null; do sleep 0.05; done"
        assert witness.run(gone, timeout=10).status == 0
