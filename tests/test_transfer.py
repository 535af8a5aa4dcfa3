"""Files that go to a host through its shell, and come back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.session import Session


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
