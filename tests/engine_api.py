"""A stand-in for an oVirt engine: its health page, its keys, its login and its API, over TLS.

It has an authority of its own, made anew, and answers on an address of the loopback network at
port 443, as the real one does. What it says is in the fields of `Engine`; a test changes them to
make an engine that is ill. Only what the guide's checks ask for is there.
"""

from __future__ import annotations

import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from attrs import define, field

BASE = "/ovirt-engine"
PASSWORD = "correct horse + battery & staple"  # with characters that a form has to encode
TOKEN = "a-token-of-the-stand-in"
SSH_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDstandin ovirt-engine\n"
UNITS = {
    "filter": ("PinToHost", "CPU-Level", "Memory", "CPU", "Network", "HA"),
    "weight": ("OptimalForMemoryEvenDistribution", "OptimalForCpuEvenDistribution", "HostedEngine"),
}


@define
class Engine:
    """What the stand-in says; statuses are the words of the real API."""

    health: tuple[int, str] = (200, "DB Up!Welcome to Health Status!")
    user: str = "admin@ovirt@internalsso"
    password: str = PASSWORD
    # A token that the API does not take is how an expired session shows.
    takes_token: bool = True
    version: str = "4.5.7-1.el9"
    hosts: dict[str, str] = field(factory=lambda: dict.fromkeys(("gs2", "gs3", "gs4"), "up"))
    domains: dict[str, str] = field(
        factory=lambda: dict.fromkeys(("data", "iso", "export"), "active")
    )
    vms: dict[str, str] = field(factory=lambda: {"demo": "up"})
    policies: list[str] = field(factory=lambda: ["none", "evenly_distributed", "memory_first"])
    # That of the cluster; filters and weights are those of the policy memory_first.
    policy: str = "memory_first"
    filters: list[str] = field(factory=lambda: ["PinToHost", "Memory", "CPU", "Network"])
    weights: dict[str, int] = field(
        factory=lambda: {
            "OptimalForMemoryEvenDistribution": 2,
            "OptimalForCpuEvenDistribution": 1,
        }
    )
    ssh_key: str = SSH_KEY
    asked: list[str] = field(factory=list)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        """Return status and XML for what is read at a path below the API."""
        match path.strip("/").split("/"):
            case [""]:
                return 200, _root(self.version)
            case ["hosts"]:
                return 200, _list("hosts", "host", self.hosts, query)
            case ["vms"]:
                return 200, _list("vms", "vm", self.vms, query)
            case ["vms", _, "graphicsconsoles"]:
                return 200, _console()
            case ["clusters"]:
                link = f"<scheduling_policy id={_id(self.policy)}/>"
                return 200, _list("clusters", "cluster", {"Default": ""}, query, link)
            case ["datacenters"]:
                return 200, _list("data_centers", "data_center", {"Default": "up"}, query)
            case ["datacenters", _, "storagedomains"]:
                attached = {name: status for name, status in self.domains.items() if status}
                return 200, _list("storage_domains", "storage_domain", attached, {})
            case ["datacenters", _, "storagedomains", one]:
                return 200, _one("storage_domain", _name(one), self.domains[_name(one)])
            case ["hosts", one]:
                return 200, _one("host", _name(one), self.hosts[_name(one)])
            case ["storagedomains"]:
                # Outside of a data center an attached domain has no status.
                names = dict.fromkeys(self.domains, "")
                return 200, _list("storage_domains", "storage_domain", names, query)
            case ["schedulingpolicies"]:
                names = dict.fromkeys(self.policies, "")
                return 200, _list("scheduling_policies", "scheduling_policy", names, {})
            case ["schedulingpolicyunits"]:
                return 200, _units()
            case ["schedulingpolicies", _, "filters"]:
                return 200, _parts("filters", "filter", dict.fromkeys(self.filters, 0))
            case ["schedulingpolicies", _, "weights"]:
                return 200, _parts("weights", "weight", self.weights)
        return 404, ""

    def change(self, method: str, path: str, sent: str) -> tuple[int, str]:
        """Do what is ordered at a path below the API; return status and XML."""
        body = ElementTree.fromstring(sent) if sent.startswith("<") else ElementTree.Element("none")
        name = body.findtext("name") or _name(body.get("id") or "")
        unit = body.find("scheduling_policy_unit")
        part = "" if unit is None else _name(unit.get("id") or "")
        match [method, *path.strip("/").split("/")]:
            case ["POST", "hosts"]:
                self.hosts[name] = "up"
                return 201, _one("host", name, "installing")
            case ["POST", "hosts", one, "deactivate"]:
                self.hosts[_name(one)] = "maintenance"
            case ["DELETE", "hosts", one]:
                assert self.hosts.pop(_name(one)) == "maintenance"
            case ["POST", "storagedomains"]:
                self.domains[name] = ""
                return 201, _one("storage_domain", name, "unattached")
            case ["POST", "datacenters", _, "storagedomains"]:
                self.domains[name] = "active"
                return 201, _one("storage_domain", name, "locked")
            case ["POST", "datacenters", _, "storagedomains", one, "deactivate"]:
                self.domains[_name(one)] = "maintenance"
            case ["DELETE", "datacenters", _, "storagedomains", one]:
                assert self.domains[_name(one)] == "maintenance"
                self.domains[_name(one)] = ""
            case ["DELETE", "storagedomains", one]:
                assert self.domains.pop(_name(one)) == ""
            case ["POST", "schedulingpolicies"]:
                self.policies.append(name)
                return 201, _one("scheduling_policy", name, "")
            case ["DELETE", "schedulingpolicies", one]:
                assert self.policy != _name(one)
                self.policies.remove(_name(one))
            case ["POST", "schedulingpolicies", _, "filters"]:
                self.filters.append(part)
                return 201, _parts("", "filter", {part: 0})
            case ["POST", "schedulingpolicies", _, "weights"]:
                self.weights[part] = int(body.findtext("factor") or 0)
                return 201, _parts("", "weight", {part: self.weights[part]})
            case ["PUT", "clusters", one]:
                policy = body.find("scheduling_policy")
                assert policy is not None
                self.policy = _name(policy.get("id") or "")
                return 200, _one("cluster", _name(one), "")
            case _:
                return 404, ""
        return 200, "<action><status>complete</status></action>"


def _name(one: str) -> str:
    return one.removeprefix("id-of-")


def _one(item: str, name: str, status: str) -> str:
    said = f"<status>{status}</status>" if status else ""
    return f"<{item} id={_id(name)}><name>{escape(name)}</name>{said}</{item}>"


def _id(name: str) -> str:
    return quoteattr(f"id-of-{name}")


def _root(version: str) -> str:
    major, minor, build = version.partition("-")[0].split(".")
    return (
        "<api><product_info><name>oVirt Engine</name><vendor>ovirt.org</vendor><version>"
        f"<build>{build}</build><full_version>{escape(version)}</full_version>"
        f"<major>{major}</major><minor>{minor}</minor><revision>0</revision>"
        "</version></product_info></api>"
    )


def _list(tag: str, item: str, names: dict[str, str], query: dict[str, str], more: str = "") -> str:
    key, _, wanted = query.get("search", "").partition("=")
    # A search finds whatever begins like that, so that an exact comparison is left to the asker.
    found = {n: s for n, s in names.items() if (s if key == "status" else n).startswith(wanted)}
    items = ""
    for name, status in found.items():
        said = f"<status>{status}</status>" if status else ""
        link = quoteattr(f"{BASE}/api/{tag}/id-of-{name}")
        items += (
            f"<{item} href={link} id={_id(name)}><name>{escape(name)}</name>{said}{more}</{item}>"
        )
    return f"<{tag}>{items}</{tag}>"


def _console() -> str:
    return (
        '<graphics_consoles><graphics_console id="766e63"><address>192.168.10.102</address>'
        "<port>5900</port><protocol>vnc</protocol></graphics_console></graphics_consoles>"
    )


def _units() -> str:
    units = "".join(
        f"<scheduling_policy_unit id={_id(name)}><name>{name}</name><type>{kind}</type>"
        "<enabled>true</enabled><internal>true</internal></scheduling_policy_unit>"
        for kind, names in UNITS.items()
        for name in names
    )
    return f"<scheduling_policy_units>{units}</scheduling_policy_units>"


def _parts(tag: str, item: str, names: dict[str, int]) -> str:
    parts = "".join(
        f"<{item} id={_id(name)}><factor>{factor}</factor>"
        f"<scheduling_policy_unit id={_id(name)}/></{item}>"
        for name, factor in names.items()
    )
    return f"<{tag}>{parts}</{tag}>" if tag else parts


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
                self._send(200, "text/plain", self.engine.ssh_key if key else self.authority)
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
