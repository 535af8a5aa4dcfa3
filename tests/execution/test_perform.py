from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.execution.actions.perform import perform
from runbook.execution.sessions.session import Session
from runbook.model import Action, Command, Dialogue, Edit, FileContent, Location, Manual, Turn
from runbook.redaction.known import KnownSecrets
from runbook.results import Performed
from runbook.terminal import bash
from runbook.terminal.faults import HostLost

HERE = Location("guide.rst", 3)


@pytest.fixture
def session() -> Iterator[Session]:
    """Give a session on this machine."""
    with Session.open(bash.SHELL, host="box", pipe=bash.PIPE) as session:
        yield session


def performed(action: Action, session: Session, *statuses: int, timeout: float = 10) -> Performed:
    """Perform an action that needs no real secret."""
    return perform(
        action, session, timeout=timeout, statuses=statuses or (0,), secrets=lambda name: name
    )


def test_a_command_that_does_what_it_should_has_no_complaint(session: Session) -> None:
    """Its output, status and duration are kept."""
    done = performed(Command("echo a; (exit 2)", HERE), session, 0, 2)

    assert (done.output, done.status, done.complaint) == ("a\n", 2, "")
    assert done.seconds > 0
    assert done.location == HERE


@pytest.mark.parametrize(
    ("action", "complaint"),
    [
        (Command("echo why; false", HERE), "exit status 1, not 0: why"),
        (Command("echo a", HERE, output="b", compare=True), "not as shown:\n- b\n+ a"),
        (Command("sleep 9", HERE), "still running after 1 s"),
        (Command("exit 3", HERE), "ended its shell with exit status 3"),
        (Command("cat <<A\n", HERE), "no end: a line 'A'"),
        (Dialogue("read -p 'Sure? ' x", HERE, ()), "still running|does not answer"),
        (Dialogue("read -p 'Sure? '; false", HERE, (Turn("Sure?", "y"),)), "exit status 1"),
        (FileContent("/nonexistent/x", "a", HERE), "box: /nonexistent/x cannot be written"),
        (Manual("plug it in", HERE), "a person must do this"),
    ],
)
def test_an_action_that_goes_wrong_complains(
    session: Session, action: Action, complaint: str
) -> None:
    """The complaint says what was expected and what came; nothing is raised."""
    done = performed(action, session, timeout=1)

    assert complaint.split("|")[0] in done.complaint or complaint.split("|")[-1] in done.complaint
    assert done.location == HERE


def test_output_is_compared_only_if_asked(session: Session) -> None:
    """A guide may show an output that is only an example."""
    assert performed(Command("echo a", HERE, output="b"), session).complaint == ""
    assert performed(Command("echo a", HERE, output="a", compare=True), session).complaint == ""


def test_a_shown_output_may_have_a_word_that_is_a_secret() -> None:
    """What is printed is without it, and so is what the guide shows."""
    known = KnownSecrets(["true"])
    with Session.open(bash.SHELL, host="box", pipe=bash.PIPE, known=known) as session:
        shown = Command("echo web one true", HERE, output="web one true", compare=True)
        assert performed(shown, session).complaint == ""
        other = Command("echo web one true", HERE, output="web two true", compare=True)
        complaint = performed(other, session).complaint
    assert complaint.endswith("- web two [secret]\n+ web one [secret]")


def test_a_file_is_written_once(session: Session, tmp_path: Path) -> None:
    """The second time it is as it should be, and is left alone."""
    path = tmp_path / "x.conf"
    action = FileContent(str(path), "a = 1", HERE, edit=Edit.KEYS, mode="0600", owner="root:root")
    action_text = "b = 2\na = 0\n"
    path.write_text(action_text)

    done = performed(action, session)

    assert (done.complaint, done.output) == ("", "12 bytes written")
    assert path.read_text() == "b = 2\na = 1\n"
    assert path.stat().st_mode & 0o777 == 0o600
    inode = path.stat().st_ino
    assert performed(action, session).output == "unchanged"
    assert path.stat().st_ino == inode
    path.chmod(0o644)
    assert performed(action, session).output == "12 bytes written"
    assert path.stat().st_mode & 0o777 == 0o600


def test_bytes_that_are_not_text_survive_an_edit(session: Session, tmp_path: Path) -> None:
    """An edit changes what it means to change."""
    path = tmp_path / "x"
    path.write_bytes(b"\xff\n")

    performed(FileContent(str(path), "a", HERE, edit=Edit.LINES), session)

    assert path.read_bytes() == b"\xff\na\n"


def test_a_lost_host_is_raised(session: Session) -> None:
    """It is no failure of the guide."""
    session.close()

    with pytest.raises(HostLost):
        performed(Command("true", HERE), session)
    with pytest.raises(HostLost):
        performed(FileContent("/tmp/x", "a", HERE), session)


def test_a_path_in_the_home_directory_is_that_of_the_sessions_user(
    session: Session, tmp_path: Path
) -> None:
    """As a shell would take it."""
    session.run(f"export HOME={tmp_path}", timeout=10)
    notes = FileContent("~/notes.txt", "one\n", HERE)

    assert performed(notes, session).complaint == ""
    assert performed(notes, session).output == "unchanged"
    assert (tmp_path / "notes.txt").read_text() == "one\n"
