"""OpenSSL's own server for tests: it speaks TLS, with a certificate that the test describes."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import until


def _certificate(authority: Path, directory: Path, name: str) -> Path:
    """Make a certificate of the authority for `name`, as engine 3.4 does: C, O and CN, no more."""
    pair = directory / f"{name}.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    request = ["openssl", "req", *curve, "-keyout", "-", "-out", "-"]
    made = subprocess.run(
        [*request, "-subj", f"/C=US/O=example.com/CN={name}"], check=True, capture_output=True
    ).stdout
    own, key = str(authority / "ca.pem"), str(authority / "ca.key")
    signer = ["-CA", own, "-CAkey", key, "-CAcreateserial"]
    signed = subprocess.run(
        ["openssl", "x509", "-req", "-days", "2", *signer],
        input=made,
        check=True,
        capture_output=True,
        cwd=directory,
    ).stdout
    pair.write_bytes(made + signed)
    return pair


@contextmanager
def speaking_tls(
    authority: Path, directory: Path, name: str, *, closed: bool = False
) -> Iterator[int]:
    """Let a server answer on this machine, and give its port; a `closed` one answers nobody."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    if closed:
        yield port
        return
    pair = _certificate(authority, directory, name)
    with subprocess.Popen(
        [
            "openssl",
            "s_server",
            "-quiet",
            "-accept",
            f"127.0.0.1:{port}",
            "-cert",
            pair,
            "-key",
            pair,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            until(lambda: _answers(port))
            yield port
        finally:
            server.terminate()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
