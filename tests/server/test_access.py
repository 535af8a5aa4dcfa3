"""Attacks on the real server: whoever has no token, or comes from elsewhere, gets nothing."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Sequence

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from tests.support.serving import Serving

OWN = "/_runbook/static/main.js"
HELLO = {"type": "hello", "client": "tester", "feed": "", "seen": 0, "terminals": {}, "steps": []}


def raw(served: Serving, *lines: str) -> bytes:
    """Send a request as it stands, and return the whole answer."""
    with socket.create_connection(("127.0.0.1", served.port), 10) as link:
        link.sendall("".join(f"{line}\r\n" for line in (*lines, "Connection: close", "")).encode())
        return b"".join(iter(lambda: link.recv(65536), b""))


def cookie(served: Serving) -> str:
    """Return the header line with the cookie of who may look."""
    return "Cookie: " + "; ".join(f"{k}={v}" for k, v in served.cookies().items())


def opened(
    served: Serving, headers: Sequence[tuple[str, str]], origin: str | None
) -> ClientConnection:
    """Open the socket."""
    return connect(
        served.socket, additional_headers=headers, origin=origin, compression=None,  # type: ignore[arg-type]
        max_size=None,
    )  # fmt: skip


def drain(link: ClientConnection) -> None:
    """Receive until the other side ends the connection."""
    while True:
        link.recv(20)


@pytest.fixture
def link(served: Serving) -> ClientConnection:
    """The socket, as a page opens it."""
    return opened(served, served.headers(), served.base)


def test_without_the_token_there_is_nothing_to_see(served: Serving) -> None:
    """Neither pages nor scripts, nor with a token or a cookie that is nearly right."""
    right, (name, value) = served.token(), next(iter(served.cookies().items()))
    for path in ("/", "/one.html", OWN, "/_static/runbook.css", "/_runbook/socket"):
        assert httpx.get(served.base + path).status_code == 403
    for wrong in ("", right[:-1], right + "x", right.swapcase(), "\u00fc"):
        assert httpx.get(served.base, params={"token": wrong}).status_code == 403
    for bad in (value[:-1], value.upper(), right, ""):
        assert httpx.get(served.base + "/one.html", cookies={name: bad}).status_code == 403
    with served.client() as client:
        assert client.get("/one.html").status_code == 200


def test_a_token_becomes_a_cookie_that_no_script_and_no_other_site_can_use(
    served: Serving,
) -> None:
    """It is in no address afterwards, and the way there never leads to another machine."""
    answer = httpx.get(served.addresses["look"])
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=strict" in flags
    assert served.token() not in answer.headers["set-cookie"]
    for path in ("//evil.example", "/\\evil.example", "/%5cevil.example", "/%2f%2fevil.example"):
        there = httpx.get(f"{served.base}{path}", params={"token": served.token()})
        assert re.fullmatch(r"/[^/\\].*", there.headers["location"])
        assert "token" not in there.headers["location"]


def test_other_names_and_other_sites_are_refused(served: Serving) -> None:
    """A name that was made lead here (DNS rebinding), a foreign page, and one in a frame."""
    right = f"Host: 127.0.0.1:{served.port}"
    good = raw(served, "GET /one.html HTTP/1.1", right, cookie(served))
    assert good.startswith(b"HTTP/1.1 200")
    for host in (
        "evil.example", f"evil.example:{served.port}", "127.0.0.1.evil.example", "0.0.0.0",
        f"localhost.:{served.port}", f"127.0.0.1:{served.port}@evil.example", "[::2]", "",
    ):  # fmt: skip
        answer = raw(served, "GET /one.html HTTP/1.1", f"Host: {host}", cookie(served))
        assert answer.startswith((b"HTTP/1.1 421", b"HTTP/1.1 400")), host
    twice = raw(served, "GET /one.html HTTP/1.1", right, "Host: evil.example", cookie(served))
    assert twice.startswith((b"HTTP/1.1 421", b"HTTP/1.1 400"))
    with served.client() as client:
        for header in (
            {"Origin": "http://evil.example"}, {"Origin": "null"},
            {"Origin": f"http://localhost:{served.port}"}, {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):  # fmt: skip
            assert client.get("/one.html", headers=header).status_code == 403, header
        assert client.get(OWN, headers={"Origin": served.base}).status_code == 200


def test_a_page_cannot_be_framed_and_loads_nothing_from_elsewhere(served: Serving) -> None:
    """By the headers of every answer, also of errors."""
    with served.client() as client:
        for path in ("/one.html", "/no-such-page", "/proven.html", "/search.html"):
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy
            assert "default-src 'none'" in policy
            script = re.search("script-src ([^;]*)", policy)
            assert script is not None
            assert "unsafe-inline" not in script[1]
            assert headers["x-frame-options"] == "DENY"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
        for path in (OWN, "/_static/runbook.css", "/objects.inv"):
            assert "frame-ancestors 'none'" in client.get(path).headers["content-security-policy"]
    assert httpx.get(served.base).headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"]
)
def test_only_reading_is_answered(served: Serving, method: str) -> None:
    """And reading changes nothing."""
    with served.client() as client:
        for path in ("/", "/one.html", "/_runbook/socket", "/_runbook/run"):
            assert client.request(method, path).status_code in (400, 405)


def test_no_path_leads_out_of_the_pages(served: Serving) -> None:
    """Nor to what Sphinx keeps beside them, or to the guide's own files."""
    secret = served.guide / "conf.py"
    (served.guide / "build/html/leading-out.txt").symlink_to(secret)
    paths = [
        "/../conf.py", "/../../conf.py", "/..%2fconf.py", "/%2e%2e/%2e%2e/conf.py",
        "/_static/../../../conf.py", "/_static/..%5c..%5cconf.py", "/one.html/../../../conf.py",
        "/....//....//conf.py", f"/{secret}", f"/%2f{secret}", "/%00", "/one.html%00.txt",
        "/.doctrees/environment.pickle", "/.buildinfo", "/leading-out.txt",
        "/_runbook/static/../serve.py", "/_runbook/static/..%2fserve.py",
        "/_runbook/static/%2e%2e/access.py",
    ]  # fmt: skip
    for path in paths:
        answer = raw(
            served, f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{served.port}", cookie(served)
        )
        assert answer.split(b"\r\n")[0] in (
            b"HTTP/1.1 404 Not Found", b"HTTP/1.1 400 Bad Request",
        ), path  # fmt: skip
        assert b"extensions = " not in answer
    with served.client() as client:
        assert client.get("/one.html?" + "x" * 9000).status_code == 414


def test_the_socket_opens_only_for_a_page_of_this_server(served: Serving) -> None:
    """Not without a cookie, not for another origin, and not for a program without one."""
    for headers, origin in (
        ([], served.base),
        (served.headers(), "http://evil.example"),
        (served.headers(), "null"),
        (served.headers(), f"http://localhost:{served.port}"),
        (served.headers(), None),
    ):
        with pytest.raises(InvalidHandshake):
            opened(served, headers, origin)


@pytest.mark.parametrize(
    "message",
    [
        "x" * 70_000,
        b"\x00" * 10,
        "no json",
        "[" * 30_000,
        "[]",
        '{"type": "wish", "id": "1", "verb": "look"}',
        json.dumps(HELLO | {"client": ""}),
        json.dumps(HELLO | {"client": "a\nb"}),
        json.dumps(HELLO | {"seen": -1}),
        json.dumps(HELLO | {"seen": 1e400}),
        json.dumps(HELLO | {"terminals": {"gs1": "all"}}),
        json.dumps(HELLO | {"steps": [[]]}),
        json.dumps({"type": "seen", "terminals": {}}),
    ],
)
def test_nonsense_ends_its_own_connection_and_no_other(
    served: Serving, link: ClientConnection, message: str | bytes
) -> None:
    """Also frames that are too large."""
    with link:
        link.send(message)
        with pytest.raises(ConnectionClosed):
            drain(link)
    with opened(served, served.headers(), served.base) as other:
        other.send(json.dumps(HELLO))
        assert json.loads(other.recv(20))["type"] == "welcome"


def test_who_only_looks_can_have_nothing_done(link: ClientConnection) -> None:
    """Whatever they wish; they are told why not."""
    with link:
        link.send(json.dumps(HELLO))
        for number, verb in enumerate(("run", "take", "check", "skip", "secret", "keys", "x")):
            wish = {"type": "wish", "id": f"w{number}", "verb": verb, "step": "one/make-a"}
            link.send(json.dumps(wish))
            while (answer := json.loads(link.recv(20)))["type"] != "answer":
                pass
            assert answer["id"] == f"w{number}"
            assert not answer["ok"]
            assert "--allow-run" in answer["said"]
