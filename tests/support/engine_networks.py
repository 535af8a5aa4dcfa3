"""A stand-in for an engine that also has networks of a cluster and of its hosts.

It imitates ovirt-engine 4.5.7 with version 4.6.1 of the model of its API: what a host is told is
kept only with `commit_on_success`, and a network that a host has is not removed.
"""

from __future__ import annotations

from xml.etree import ElementTree

from attrs import define, field

from tests.support.engine_api import Engine


@define
class Network:
    """A network of the data center, as the cluster uses it."""

    required: bool = False
    usages: tuple[str, ...] = ("vm",)
    in_cluster: bool = True


@define
class NetworksEngine(Engine):
    """An engine with networks; a test makes it ill."""

    networks: dict[str, Network] = field(
        factory=lambda: {"ovirtmgmt": Network(True, ("management", "migration", "vm"))}
    )
    # The networks of each host, and whether the host has what the engine wants.
    attached: dict[str, dict[str, bool]] = field(factory=dict)
    bonds: dict[str, list[str]] = field(factory=dict)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        """Return status and XML for what is read at a path below the API."""
        match [_name(part) for part in path.strip("/").split("/")]:
            case ["networks"]:
                return 200, f"<networks>{''.join(map(self._shown, self.networks))}</networks>"
            case ["clusters", _, "networks"]:
                ours = [name for name, one in self.networks.items() if one.in_cluster]
                return 200, f"<networks>{''.join(map(self._shown, ours))}</networks>"
            case ["hosts", host, "networkattachments"]:
                shown = "".join(
                    f'<network_attachment id="id-of-{one}"><network id="id-of-{one}"/>'
                    f"<in_sync>{str(in_sync).lower()}</in_sync></network_attachment>"
                    for one, in_sync in self.attached.get(host, {}).items()
                )
                return 200, f"<network_attachments>{shown}</network_attachments>"
            case ["hosts", host, "nics"]:
                bonds = ["bond0"] if self.bonds.get(host) else []
                shown = "".join(
                    f'<host_nic id="id-of-{one}"><name>{one}</name></host_nic>'
                    for one in ("eth0", "eth1", "eth2", *bonds)
                )
                return 200, f"<host_nics>{shown}</host_nics>"
        return Engine.answer(self, path, query)

    def change(self, method: str, path: str, sent: str) -> tuple[int, str]:
        """Do what is ordered at a path below the API; return status and XML."""
        body = ElementTree.fromstring(sent) if sent.startswith("<") else ElementTree.Element("none")
        match [method, *(_name(part) for part in path.strip("/").split("/"))]:
            case ["POST", "networks"]:
                name = body.findtext("name") or ""
                self.networks[name] = Network(in_cluster=False)
                return 201, self._shown(name)
            case ["DELETE", "networks", name]:
                assert not any(name in names for names in self.attached.values())
                del self.networks[name]
            case ["POST", "clusters", _, "networks"]:
                name = _name(body.get("id") or "")
                self.networks[name].in_cluster = True
                return 201, self._shown(name)
            case ["PUT", "clusters", _, "networks", name]:
                if (required := body.findtext("required")) is not None:
                    self.networks[name].required = required == "true"
                if (usages := body.find("usages")) is not None:
                    self._use(name, tuple(one.text or "" for one in usages))
                return 200, self._shown(name)
            case ["POST", "hosts", host, "setupnetworks"]:
                if body.findtext("commit_on_success") == "true":
                    self._set_up(host, body)
            case _:
                return Engine.change(self, method, path, sent)
        return 200, "<action><status>complete</status></action>"

    def _use(self, name: str, usages: tuple[str, ...]) -> None:
        self.networks[name].usages = usages
        if "migration" in usages:
            # Only one network of a cluster is that of migrations.
            for other, one in self.networks.items():
                if other != name:
                    one.usages = tuple(use for use in one.usages if use != "migration")

    def _set_up(self, host: str, body: ElementTree.Element) -> None:
        names = self.attached.setdefault(host, {})
        for one in body.iterfind("modified_network_attachments/network_attachment/network"):
            names[one.findtext("name") or ""] = True
        for one in body.iterfind("removed_network_attachments/network_attachment"):
            del names[_name(one.get("id") or "")]
        for one in body.iterfind("modified_bonds/host_nic"):
            self.bonds[host] = [
                nic.findtext("name") or "" for nic in one.iterfind(".//slaves/host_nic")
            ]
        for _ in body.iterfind("removed_bonds/host_nic"):
            del self.bonds[host]

    def _shown(self, name: str) -> str:
        one = self.networks[name]
        usages = "".join(f"<usage>{use}</usage>" for use in one.usages)
        return (
            f'<network id="id-of-{name}"><name>{name}</name>'
            f"<required>{str(one.required).lower()}</required><usages>{usages}</usages></network>"
        )


def _name(part: str) -> str:
    return part.removeprefix("id-of-")
