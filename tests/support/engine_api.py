"""What a stand-in for an oVirt engine says: what its API answers, and what orders change.

It imitates ovirt-engine 4.5.7. All of it is in the fields of `Engine`; a test changes them to make
an engine that is ill. Only what the guide's checks and programs ask for is there.
`engine_server.py` puts it on the network, `engine_policies.py` has the units of policies.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from attrs import define, field

from tests.support import engine_policies as policies
from tests.support.engine_policies import Policy, mine, none

BASE = "/ovirt-engine"
PASSWORD = "correct horse + battery & staple"  # with characters that a form has to encode
SSH_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDstandin ovirt-engine\n"


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
    policies: dict[str, Policy] = field(
        factory=lambda: {"none": none(), "evenly_distributed": none(), "memory_first": mine()}
    )
    # That of the cluster.
    policy: str = "memory_first"
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
                return 200, policies.listed()
            case ["schedulingpolicies", one, "filters"]:
                return 200, self.policies[_name(one)].filters_listed()
            case ["schedulingpolicies", one, "weights"]:
                return 200, self.policies[_name(one)].weights_listed()
        return 404, ""

    def change(self, method: str, path: str, sent: str) -> tuple[int, str]:
        """Do what is ordered at a path below the API; return status and XML."""
        body = ElementTree.fromstring(sent) if sent.startswith("<") else ElementTree.Element("none")
        name = body.findtext("name") or _name(body.get("id") or "")
        unit = body.find("scheduling_policy_unit")
        part = "" if unit is None else unit.get("id") or ""
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
                self.policies[name] = Policy()
                return 201, _one("scheduling_policy", name, "")
            case ["PUT", "schedulingpolicies", one]:
                return 200, _one("scheduling_policy", _name(one), "")
            case ["DELETE", "schedulingpolicies", one]:
                assert self.policy != _name(one)
                del self.policies[_name(one)]
            case ["POST", "schedulingpolicies", one, "filters"]:
                return self.policies[_name(one)].add_filter(part)
            case ["POST", "schedulingpolicies", one, "weights"]:
                factor = int(body.findtext("factor") or 0)
                return self.policies[_name(one)].add_weight(part, factor)
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
