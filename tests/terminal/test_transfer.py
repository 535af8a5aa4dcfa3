"""Files are written and read over a pipe beside the shell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.execution.sessions.session import Session
from runbook.terminal import transfer


@pytest.mark.parametrize("size", [0, 1, 3500, 200_000])
def test_a_file_is_read_as_it_was_written(session: Session, tmp_path: Path, size: int) -> None:
    """With any bytes, and with the requested mode."""
    path = f"/tmp/{tmp_path.name}-{os.getpid()}"
    data = bytes(n * 7 % 256 for n in range(size))

    session.files.put(path, data, mode="0640", owner=None)

    assert session.files.read(path) == data
    assert session.run(f"stat -c %a {path}; rm {path}", timeout=5).output == "640\n"


def test_writing_a_file_keeps_its_mode_and_follows_links(session: Session, tmp_path: Path) -> None:
    """And leaves no temporary file."""
    base = f"/tmp/{tmp_path.name}-{os.getpid()}d"
    session.run(f"mkdir {base}; cd {base}; echo old >f; chmod 711 f; ln -s f l", timeout=5)

    session.files.put(f"{base}/l", b"new\n", mode=None, owner=None)

    listing = session.run("cat f; stat -c %a f; ls -1A; readlink l", timeout=5).output
    assert listing == "new\n711\nf\nl\nf\n"
    session.run(f"cd; rm -r {base}", timeout=5)


def test_a_missing_file_is_no_error(session: Session) -> None:
    """Its content is `None`; a directory is an error."""
    assert session.files.read("/nonexistent/file") is None
    with pytest.raises(RunbookError, match="not a regular file"):
        session.files.read("/tmp")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/nonexistent/a b/file", "cannot be written: there is no directory /nonexistent/a b$"),
        ("/etc/passwd/file", "cannot be written: /etc/passwd is not a directory$"),
        ("/tmp", "cannot be written: it is a directory$"),
        ("relative", "is not an absolute path$"),
    ],
)
def test_a_file_that_cannot_be_written_says_why(session: Session, path: str, why: str) -> None:
    """The message has the host, the path, the reason, and a missing directory."""
    with pytest.raises(RunbookError, match=rf"^box: '?{path}'?:? {why}"):
        session.files.put(path, b"x", mode=None, owner=None)

    assert session.alive


def test_a_link_into_a_missing_directory_cannot_be_written(
    session: Session, tmp_path: Path
) -> None:
    """The message has the target of the link; a link to a missing file is fine."""
    base = f"/tmp/{tmp_path.name}-{os.getpid()}n"
    session.run(f"mkdir {base}; ln -s /nonexistent/f {base}/l; ln -s f {base}/m", timeout=5)

    with pytest.raises(RunbookError, match="link to a path that does not exist: /nonexistent/f"):
        session.files.put(f"{base}/l", b"x", mode=None, owner=None)
    session.files.put(f"{base}/m", b"x\n", mode=None, owner=None)

    assert session.run(f"cat {base}/f; ls -1A {base}; rm -r {base}", timeout=5).output == (
        "x\nf\nl\nm\n"
    )


def test_what_a_job_prints_is_in_no_file(session: Session, tmp_path: Path) -> None:
    """The terminal that it prints on is another one, and every byte is compared."""
    path = f"/tmp/{tmp_path.name}-{os.getpid()}j"
    session.run("(while :; do echo QUJDRA==; done) &\nNOISE=$!", timeout=10)
    for data in (b"a = 1\n" * 650, bytes(range(256)) * 40):
        session.files.put(path, data, mode=None, owner=None)
        assert session.files.read(path) == data
    session.run(f"kill $NOISE; rm {path}", timeout=10)


def test_a_new_file_gets_what_the_umask_gives(session: Session, tmp_path: Path) -> None:
    """One that is there keeps its mode."""
    path = f"/tmp/{tmp_path.name}-{os.getpid()}u"
    session.run("umask 027", timeout=5)
    session.files.put(path, b"x", mode=None, owner=None, umask=session.umask())
    assert session.run(f"stat -c %a {path}; chmod 604 {path}", timeout=5).output == "640\n"
    session.files.put(path, b"y", mode=None, owner=None)
    assert session.run(f"stat -c %a {path}; rm {path}; umask 022", timeout=5).output == "604\n"


def test_what_did_not_arrive_as_it_was_sent_is_an_error(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old content stays, and no other file is left."""
    base = f"/tmp/{tmp_path.name}-{os.getpid()}b"
    session.run(f"mkdir {base}; echo old >{base}/f", timeout=5)
    monkeypatch.setattr(transfer, "_APPEND_TEXT", 'printf %s {block}x >>"$f"\n')
    with pytest.raises(RunbookError, match="what arrived on the host is not what was sent"):
        session.files.put(f"{base}/f", b"new", mode=None, owner=None)
    shown = session.run(f"cat {base}/f; ls -A {base}; rm -r {base}", timeout=5).output
    assert shown == "old\nf\n"
