"""A stand-in for REST services on the network, over TLS: a test says what each address answers.

It imitates Foreman 3.12, ovirt-provider-ovn 1.2.36 and the JSON of oVirt's API 4.6.1 as far as
their sources say it. Who may ask is told from the name and password of HTTP basic authentication.
"""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Answers = Mapping[str, tuple[int, Any]]
"""The status and the content for each path; what is no text is sent as JSON."""

REFUSED: tuple[int, Any] = (401, {"error": {"message": "Unable to authenticate user"}})


class _Handler(http.server.BaseHTTPRequestHandler):
    answers: Answers
    login: str

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer as the test said; an address that it did not name is not there."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        token = base64.b64encode(self.login.encode()).decode()
        answer: tuple[int, Any] = self.answers.get(self.path, (404, "not here"))
        if self.login and self.headers["Authorization"] != f"Basic {token}":
            answer = REFUSED
        status, content = answer
        body = content if isinstance(content, str) else json.dumps(content)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_GET  # noqa: N815  # the server's own name


@contextmanager
def serving(answers: Answers, authority: Path, address: str, login: str = "") -> Iterator[int]:
    """Let the answers be served with the certificate of `authority`, and give the port.

    With a `login` of the form NAME:PASSWORD everybody else is refused.
    """
    handler = type("Handler", (_Handler,), {"answers": answers, "login": login})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    with http.server.ThreadingHTTPServer((address, 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused handshakes
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
