"""A stand-in for an oVirt engine on the network: its health page, its keys, its login and its API.

It has an authority of its own, made anew, and answers over TLS on an address of the loopback
network at port 443, as the real one does. What it says is in `engine_api.py`.
"""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.engine_api import BASE, Engine

TOKEN = "a-token-of-the-stand-in"


class _Handler(http.server.BaseHTTPRequestHandler):
    engine: Engine
    authority: str

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        """Say nothing; what was asked is in `Engine.asked`."""

    def do_GET(self) -> None:
        """Answer what the health page, the keys and the API are asked."""
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.engine.asked.append(self.path)
        match url.path.removeprefix(BASE):
            case "/services/health":
                status, body = self.engine.health
                self._send(status, "text/html;charset=UTF-8", body)
            case "/services/pki-resource":
                key = query.get("format") == "OPENSSH-PUBKEY"
                kind = "text/plain" if key else "application/x-x509-ca-cert"
                self._send(200, kind, self.engine.ssh_key if key else encoded(self.authority))
            case path if path.startswith("/api"):
                self._api(*self.engine.answer(path.removeprefix("/api"), query))
            case _:
                self._send(404, "text/html", "not here")

    def do_POST(self) -> None:
        """Log in and out, as the engine's single sign-on does."""
        if self.path.startswith(f"{BASE}/api"):
            self._change()
            return
        form = dict(urllib.parse.parse_qsl(self._body()))
        self.engine.asked.append(self.path)
        if self.path == f"{BASE}/services/sso-logout":
            self._json(200, {})
        elif (form.get("username"), form.get("password")) == (
            self.engine.user,
            self.engine.password,
        ):
            token = {"access_token": TOKEN, "scope": "ovirt-app-api", "token_type": "bearer"}
            self._json(200, {**token, "exp": "9223372036854775807"})
        else:
            # The real one does not repeat the password; a page of a proxy in between may.
            who = f"{form.get('username')} {form.get('password')}"
            words = f"Cannot authenticate user {who}: the password is wrong"
            self._json(400, {"error_code": "access_denied", "error": words})

    def do_PUT(self) -> None:
        """Change something through the API."""
        self._change()

    do_DELETE = do_PUT  # noqa: N815  # the server's own name

    def _change(self) -> None:
        self.engine.asked.append(self.path)
        path = urllib.parse.urlsplit(self.path).path.removeprefix(f"{BASE}/api")
        self._api(*self.engine.change(self.command, path, self._body()))

    def _body(self) -> str:
        return self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()

    def _api(self, status: int, body: str) -> None:
        if not self.engine.takes_token or self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._send(401, "text/html;charset=UTF-8", "<html>Unauthorized</html>")
            return
        kind = "application/xml;charset=utf-8"
        self._send(status, kind, f'<?xml version="1.0" encoding="UTF-8"?>{body}')

    def _json(self, status: int, data: dict[str, str]) -> None:
        self._send(status, "application/json", json.dumps(data))

    def _send(self, status: int, kind: str, body: str) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def encoded(certificate: str) -> str:
    """Return a certificate as the engine publishes it: in lines of 76 characters.

    Files of OpenSSL have 64, so the two texts differ although the certificate is the same.
    """
    lines = base64.encodebytes(ssl.PEM_cert_to_DER_cert(certificate)).decode()
    return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"


def make_authority(directory: Path, address: str, *names: str) -> Path:
    """Make an authority and a certificate for `address` and `names`; return the directory.

    In it are `ca.pem`, and `server.pem` with the server's certificate and key.
    """
    directory.mkdir(parents=True)
    sans = ",".join([f"IP:{address}", *(f"DNS:{name}" for name in names)])
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    (directory / "ext").write_text(f"subjectAltName={sans}\n")

    def openssl(*argv: str) -> None:
        subprocess.run(["openssl", *argv], cwd=directory, check=True, capture_output=True)

    authority = [*curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2"]
    openssl("req", "-x509", *authority, "-subj", "/O=example.com/CN=stand-in")
    openssl("req", *curve, "-keyout", "key", "-out", "csr", "-subj", f"/CN={names[0]}")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2"]
    openssl("x509", "-req", "-in", "csr", *signed, "-extfile", "ext", "-out", "cert")
    pair = (directory / "cert").read_text() + (directory / "key").read_text()
    (directory / "server.pem").write_text(pair)
    return directory


@contextmanager
def answering(engine: Engine, authority: Path, address: str, port: int = 443) -> Iterator[str]:
    """Let `engine` answer at the address, and give its URL."""
    handler = type(
        "Handler",
        (_Handler,),
        {"engine": engine, "authority": (authority / "ca.pem").read_text()},
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem")
    with http.server.ThreadingHTTPServer((address, port), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused handshakes
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"https://{address}:{server.server_port}{BASE}"
        finally:
            server.shutdown()
            thread.join()
