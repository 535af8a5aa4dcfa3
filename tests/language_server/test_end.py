"""The server ends with its editor, and takes no harm from what is no message."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from tests.support.guides import Guide
from tests.support.waiting import until


def message(**content: object) -> bytes:
    """Return a message as the protocol has it."""
    text = json.dumps({"jsonrpc": "2.0", **content}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(text), text)


def answer(stream: IO[bytes], id_: int) -> dict[str, object]:
    """Return the answer to a request; what else is sent is passed over."""
    while True:
        length = int(stream.readline().split(b":")[1])
        while stream.readline().strip():
            pass
        found: dict[str, object] = json.loads(stream.read(length))
        if found.get("id") == id_ and "method" not in found:
            return found


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(one) for task in tasks for one in task.read_text().split()]


@pytest.fixture
def server(tmp_path: Path) -> subprocess.Popen[bytes]:
    """Return a server that has been asked to open a guide."""
    guide = Guide(tmp_path, ".. step:: Nothing\n   :on: box")
    argv = [sys.executable, "-m", "runbook", "lsp"]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    page = {
        "uri": (guide.directory / "index.rst").as_uri(),
        "languageId": "restructuredtext",
        "version": 1,
        "text": (guide.directory / "index.rst").read_text(),
    }
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(message(id=1, method="initialize", params={"capabilities": {}}))
    process.stdin.flush()
    answer(process.stdout, 1)
    process.stdin.write(message(method="initialized", params={}))
    process.stdin.write(message(method="textDocument/didOpen", params={"textDocument": page}))
    process.stdin.flush()
    return process


def test_an_editor_that_dies_leaves_no_process(server: subprocess.Popen[bytes]) -> None:
    """Neither the server nor what reads the guide for it."""
    until(lambda: bool(children(server.pid)), 60)
    readers = children(server.pid)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    server.stdout.close()
    server.wait(60)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in readers), 60)


def test_what_is_no_message_is_passed_over(server: subprocess.Popen[bytes]) -> None:
    """The next request has its answer."""
    assert server.stdin is not None
    assert server.stdout is not None
    for text in (b"no json", b"[]", b'{"jsonrpc": "2.0", "method": 3}', b"\xff\xfe"):
        server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
    server.stdin.write(message(id=2, method="textDocument/hover", params={"textDocument": 5}))
    server.stdin.write(message(id=3, method="no/such/thing", params={}))
    server.stdin.write(message(id=4, method="shutdown"))
    server.stdin.flush()
    # pygls has no answer to a request that it cannot read, and tells of it instead.
    assert "error" in answer(server.stdout, 3)
    assert answer(server.stdout, 4).get("result") is None
    server.stdin.write(message(method="exit"))
    server.stdin.close()
    server.stdout.read()
    server.stdout.close()
    server.wait(60)
