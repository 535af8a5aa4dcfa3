"""One suite for sessions over every channel there is."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import bash
from runbook.connect import LocalConnection
from runbook.errors import RunbookError
from runbook.session import (
    CommandTimeout,
    HostLost,
    Session,
    ShellEnded,
    Unfinished,
)
from tests.channels import CHANNELS, Channel, open_channel, relayed


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest, tmp_path: Path) -> Channel:
    """Give one way to a shell after the other."""
    return open_channel(request, tmp_path)


@pytest.fixture
def argv(channel: Channel) -> list[str]:
    """Give the argv of a shell on the channel."""
    return channel.shell


@pytest.fixture
def session(argv: list[str]) -> Iterator[Session]:
    """Give a session on the channel."""
    with Session.open(argv, host="box") as session:
        yield session


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
        ("tput cup 2 2 2>/dev/null; echo $TERM", "dumb\n"),
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


@pytest.mark.parametrize("command", ["cat", "read x", "bash", "python3 -c 'input()'", "ssh-add -"])
def test_a_command_that_reads_its_input_does_not_hang(session: Session, command: str) -> None:
    """Standard input is empty, so that only a dialogue can ask."""
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


def test_a_flood_is_cut_in_the_middle(session: Session, channel: Channel) -> None:
    """Memory stays bounded; the beginning and the end are kept, and what is left out is counted."""
    size = 900_000 if channel.name == "relayed" else 50_000_000

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
    session: Session, channel: Channel, command: str, status: int
) -> None:
    """The failure comes at once, with the output so far and the shell's exit status."""
    began = time.monotonic()

    with pytest.raises(ShellEnded) as caught:
        session.run(f"echo before; {command}; echo never", timeout=60)

    assert caught.value.output.startswith("before\n")
    if channel.name == "local":
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


@pytest.mark.parametrize("size", [0, 1, 3500, 200_000])
def test_a_file_comes_back_as_it_was_put(session: Session, tmp_path: Path, size: int) -> None:
    """Any bytes survive, with the mode that was asked for."""
    path = f"/tmp/{tmp_path.name}-{os.getpid()}"
    data = bytes(n * 7 % 256 for n in range(size))

    session.put(path, data, mode="0640", owner=None)

    assert session.read_file(path) == data
    assert session.run(f"stat -c %a {path}; rm {path}", timeout=5).output == "640\n"


def test_putting_a_file_keeps_mode_links_and_no_rest(session: Session, tmp_path: Path) -> None:
    """A new content keeps the file's mode, goes through a link, and leaves nothing behind."""
    base = f"/tmp/{tmp_path.name}-{os.getpid()}d"
    session.run(f"mkdir {base}; cd {base}; echo old >f; chmod 711 f; ln -s f l", timeout=5)

    session.put(f"{base}/l", b"new\n", mode=None, owner=None)

    listing = session.run("cat f; stat -c %a f; ls -1A; readlink l", timeout=5).output
    assert listing == "new\n711\nf\nl\nf\n"
    session.run(f"cd; rm -r {base}", timeout=5)


def test_a_file_that_is_not_there_is_no_error(session: Session) -> None:
    """Its content is `None`; a directory is an error."""
    assert session.read_file("/nonexistent/file") is None
    with pytest.raises(RunbookError, match="no ordinary file"):
        session.read_file("/tmp")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/nonexistent/a b/file", "cannot be written: there is no directory /nonexistent/a b$"),
        ("/etc/passwd/file", "cannot be written: /etc/passwd is no directory$"),
        ("/tmp", "cannot be written: it is a directory$"),
        ("relative", "is not an absolute path$"),
    ],
)
def test_a_file_that_cannot_be_written_says_why(session: Session, path: str, why: str) -> None:
    """The message names the host, the path, the reason, and a directory that is missing."""
    with pytest.raises(RunbookError, match=rf"^box: '?{path}'?:? {why}"):
        session.put(path, b"x", mode=None, owner=None)

    assert session.alive


def test_a_link_to_nowhere_cannot_be_written(session: Session, tmp_path: Path) -> None:
    """The message says where the link leads; a link to a file that is not there yet is fine."""
    base = f"/tmp/{tmp_path.name}-{os.getpid()}n"
    session.run(f"mkdir {base}; ln -s /nonexistent/f {base}/l; ln -s f {base}/m", timeout=5)

    with pytest.raises(RunbookError, match="link to a place that is not there: /nonexistent/f"):
        session.put(f"{base}/l", b"x", mode=None, owner=None)
    session.put(f"{base}/m", b"x\n", mode=None, owner=None)

    assert session.run(f"cat {base}/f; ls -1A {base}; rm -r {base}", timeout=5).output == (
        "x\nf\nl\nm\n"
    )


def test_a_lost_host_is_told_from_a_command_that_ends_its_shell(tmp_path: Path) -> None:
    """The connection dies in the middle of a command, and no new one can be made."""
    gate = tmp_path / "gate"
    gate.touch()
    with Session.open(relayed([*bash.SHELL], gate), host="box") as session:
        pid = session.pid

        def lose() -> None:
            gate.unlink()
            os.kill(pid, signal.SIGKILL)

        thread = threading.Timer(0.3, lose)
        thread.start()
        with pytest.raises(HostLost, match="box: the connection or the host is gone"):
            session.run("sleep 60", timeout=60)
        thread.join()
        assert not session.alive


def test_a_silent_host_that_cannot_be_reached_is_lost(tmp_path: Path) -> None:
    """A stopped relay passes nothing on: the command's time runs out, then the host is asked."""
    gate = tmp_path / "gate"
    gate.touch()
    with Session.open(relayed([*bash.SHELL], gate), host="box") as session:
        os.kill(session.pid, signal.SIGSTOP)
        gate.unlink()
        with pytest.raises(HostLost, match="fell silent"):
            session.run("true", timeout=0.5)


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["/nonexistent/shell"], "cannot be started"),
        (["bash", "-c", "echo no such container; exit 125"], "exit status 125.*no such container"),
        (["sleep", "60"], "did not answer in time"),
    ],
)
def test_a_shell_that_is_not_there_is_a_lost_host(argv: list[str], why: str) -> None:
    """The message says what the connecting program said."""
    with pytest.raises(HostLost, match=f"(?s)box: .*{why}"):
        Session.open(argv, host="box", timeout=1)


def test_nothing_is_left_behind() -> None:
    """A closed session has no process and no open file any more."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Session.open(LocalConnection("box").shell("root"), host="box") as session:
        pid = session.pid
        session.run("true", timeout=5)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert subprocess.run(["ps", "-p", str(pid)], capture_output=True).returncode == 1


def test_the_recording_has_what_was_typed_and_printed() -> None:
    """A terminal that plays it shows the command and its output, and none of our marks."""
    sink = io.BytesIO()
    with Session.open(list(bash.SHELL), host="box", sink=sink) as session:
        began = len(sink.getvalue())
        session.run("printf '\\033[1mx\\033[0m\\ny\\n'", timeout=5)
        assert sink.getvalue()[began:] == (
            b"$ printf '\\033[1mx\\033[0m\\ny\\n'\r\n\x1b[1mx\x1b[0m\r\ny\r\n"
        )
