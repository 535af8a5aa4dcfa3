"""A stand-in for an engine in operation: certificates, updates, levels, power and storage.

It imitates ovirt-engine 4.5.7 as `engine_api.py` does, and refuses what that one refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from attrs import asdict, define, field, frozen

from tests.support.engine_api import Engine

RENEWABLE = ("maintenance", "non_responsive", "install_failed")
LOOKED, NOT_LOOKED = 885, 839  # the numbers of the events after a look for updates
SIZE = 2**40


@frozen
class FencingPolicy:
    """When a cluster's hosts are fenced; the values are the defaults of the engine."""

    enabled: bool = True
    skip_if_sd_active: bool = False
    skip_if_connectivity_broken: bool = False
    threshold: int = 50
    skip_if_gluster_bricks_up: bool = False
    skip_if_gluster_quorum_not_met: bool = False

    def xml(self) -> str:
        """Return the policy as the engine shows it."""
        on = {name: str(value).lower() for name, value in asdict(self).items()}
        return (
            f"<fencing_policy><enabled>{on['enabled']}</enabled><skip_if_connectivity_broken>"
            f"<enabled>{on['skip_if_connectivity_broken']}</enabled>"
            f"<threshold>{self.threshold}</threshold></skip_if_connectivity_broken>"
            f"<skip_if_gluster_bricks_up>{on['skip_if_gluster_bricks_up']}"
            "</skip_if_gluster_bricks_up><skip_if_gluster_quorum_not_met>"
            f"{on['skip_if_gluster_quorum_not_met']}</skip_if_gluster_quorum_not_met>"
            f"<skip_if_sd_active><enabled>{on['skip_if_sd_active']}</enabled></skip_if_sd_active>"
            "</fencing_policy>"
        )

    @classmethod
    def read(cls, cluster: ElementTree.Element) -> FencingPolicy:
        """Return what the engine makes of the policy that is sent of a cluster."""

        def sent(name: str, default: str) -> str:
            return cluster.findtext(f"fencing_policy/{name}") or default

        return cls(
            sent("enabled", "true") == "true",
            sent("skip_if_sd_active/enabled", "false") == "true",
            sent("skip_if_connectivity_broken/enabled", "false") == "true",
            int(sent("skip_if_connectivity_broken/threshold", "50")),
            sent("skip_if_gluster_bricks_up", "false") == "true",
            sent("skip_if_gluster_quorum_not_met", "false") == "true",
        )


@define
class OperatedEngine(Engine):
    """What it says beside the rest; a test changes the fields to make an engine that is ill."""

    hosts: dict[str, str] = field(factory=lambda: dict.fromkeys(("gs2", "gs3"), "up"))
    domains: dict[str, str] = field(factory=lambda: {"data": "active"})
    # Where it keeps a copy of each certificate that it signs.
    certificates: Path = Path("/nonexistent")
    enrolls: bool = True
    updates: list[str] = field(factory=list)
    looks: bool = True
    level: tuple[int, int] = (4, 7)
    highest: tuple[int, int] = (4, 8)
    spm: str = "gs2"
    master: str = "data"
    free: int = SIZE // 2
    disks: dict[str, str] = field(factory=lambda: {"aaa-disk": "ok"})
    agents: dict[str, dict[str, str]] = field(factory=dict)
    powered: set[str] = field(factory=set)  # the hosts that have power management
    fencing: FencingPolicy = field(factory=lambda: FencingPolicy(enabled=False))
    paused: bool = False  # whether its hosts are in global maintenance
    # What the host says the next time it is asked, after a restart.
    passing: dict[str, str] = field(factory=dict)
    events: list[tuple[int, str]] = field(factory=lambda: [(1, "something else")])

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        """Return status and XML for what is read at a path below the API."""
        match path.strip("/").split("/"):
            case ["hosts"]:
                wanted = query.get("search", "").partition("=")[2]
                found = [name for name in self.hosts if name.startswith(wanted)]
                whole = query.get("all_content") == "true"
                return 200, f"<hosts>{''.join(self._host(one, whole) for one in found)}</hosts>"
            case ["hosts", one]:
                return 200, self._host(_name(one))
            case ["hosts", one, "fenceagents"]:
                return 200, f"<agents>{self._agent(_name(one))}</agents>"
            case ["events"]:
                first = int(query.get("from", 0))
                seen = [
                    f'<event id="{number}"><code>{code}</code>'
                    f"<description>{said}</description></event>"
                    for number, (code, said) in enumerate(self.events, 1)
                    if number > first
                ]
                return 200, f"<events>{''.join(seen[:1] if 'max' in query else seen)}</events>"
            case ["clusters"]:
                more = self._version() + self.fencing.xml()
                return 200, f"<clusters>{_item('cluster', 'Default', more)}</clusters>"
            case ["datacenters"]:
                status = "up" if self.spm else "problematic"
                more = f"<status>{status}</status>{self._version()}"
                return 200, f"<data_centers>{_item('data_center', 'Default', more)}</data_centers>"
            case ["datacenters", _, "storagedomains"]:
                items = (
                    f"<status>{status}</status><master>{str(name == self.master).lower()}</master>"
                    for name, status in self.domains.items()
                )
                return 200, _list("storage_domain", self.domains, items)
            case ["storagedomains"]:
                size = f"<available>{self.free}</available><used>{SIZE - self.free}</used>"
                return 200, _list("storage_domain", self.domains, [size] * len(self.domains))
            case ["disks"]:
                items = (f"<status>{status}</status>" for status in self.disks.values())
                return 200, _list("disk", self.disks, items)
            case ["vms"]:
                bad = {name: s for name, s in self.vms.items() if f"status={s}" in query["search"]}
                return 200, _list("vm", bad, (f"<status>{s}</status>" for s in bad.values()))
        return Engine.answer(self, path, query)

    def change(self, method: str, path: str, sent: str) -> tuple[int, str]:
        """Do what is ordered at a path below the API; return status and XML."""
        body = ElementTree.fromstring(sent) if sent.startswith("<") else ElementTree.Element("none")
        match [method, *path.strip("/").split("/")]:
            case ["POST", "hosts", one, "enrollcertificate"]:
                return self._enroll(_name(one))
            case ["POST", "hosts", one, "activate"]:
                self.hosts[_name(one)] = "up"
            case ["POST", "hosts", _, "upgradecheck"]:
                self.events.append((LOOKED if self.looks else NOT_LOOKED, "looked for updates"))
            case ["POST", "hosts", one, "upgrade"]:
                if _name(one) not in self.updates:
                    return _refused("Cannot upgrade Host. There are no available updates.")
                self.updates.remove(_name(one))
                self.passing[_name(one)] = "maintenance"
            case ["PUT", "clusters" | "datacenters", _] if body.find("version") is not None:
                major, minor = (int(body.findtext(f"version/{key}") or 0) for key in _VERSION)
                if (major, minor) > self.highest:
                    return _refused("Cannot change Cluster Compatibility Version to higher version")
                self.level = (major, minor)
                return 200, _item("cluster", "Default", self._version())
            case ["PUT", "clusters", _] if body.find("fencing_policy") is not None:
                # It begins with an empty policy: what is not sent becomes the default.
                self.fencing = FencingPolicy.read(body)
                return 200, _item("cluster", "Default", "")
            case ["POST", "hosts", one, "fenceagents"]:
                found = body.findall("options/option")
                options = {
                    each.findtext("name") or "": each.findtext("value") or "" for each in found
                }
                self.agents[_name(one)] = options
                return 201, self._agent(_name(one))
            case ["DELETE", "hosts", one, "fenceagents", _]:
                if _name(one) in self.powered:
                    return _refused("Cannot remove fence agent. It is the last one.")
                del self.agents[_name(one)]
            case ["PUT", "hosts", one]:
                if body.findtext("power_management/enabled") == "false":
                    self.powered.discard(_name(one))
                elif _name(one) not in self.agents:
                    return _refused("Cannot edit Host. Power Management is enabled without agent.")
                else:
                    self.powered.add(_name(one))
                return 200, self._host(_name(one))
            case ["POST", "hosts", one, "fence"] if body.findtext("fence_type") == "status":
                # The BMC wants version 2 of IPMI, and its user may only be an operator.
                agent = self.agents.get(_name(one), {})
                wanted = {"lanplus": "1", "privlvl": "operator"}
                on = "on" if wanted.items() <= agent.items() else "unknown"
                power = f"<power_management><status>{on}</status></power_management>"
                return 200, f"<action>{power}<status>complete</status></action>"
            case ["POST", "hosts", one, "fence"]:
                self.passing[_name(one)] = "reboot"
            case _:
                return Engine.change(self, method, path, sent)
        return 200, "<action><status>complete</status></action>"

    def _enroll(self, name: str) -> tuple[int, str]:
        if self.hosts[name] not in RENEWABLE:
            return _refused("Cannot enroll certificate. Host status is illegal.")
        self.hosts[name] = "maintenance" if self.enrolls else "install_failed"
        if self.enrolls:
            copy = self.certificates / f"{name}.example.com.cer"
            copy.write_text(f"after {copy.read_text()}")
        return 200, "<action><status>complete</status></action>"

    def _host(self, name: str, whole: bool = False) -> str:
        status = self.passing.pop(name, self.hosts[name])
        updates = str(name in self.updates).lower()
        enabled = f"<enabled>{str(name in self.powered).lower()}</enabled>"
        power = f"<power_management>{enabled}</power_management>"
        spm = f"<spm><status>{'spm' if name == self.spm else 'none'}</status></spm>"
        more = (
            f"<address>{name}.example.com</address><status>{status}</status>{spm}{power}"
            f"<update_available>{updates}</update_available>"
        )
        if whole:
            paused = f"<global_maintenance>{str(self.paused).lower()}</global_maintenance>"
            more += f"<hosted_engine>{paused}</hosted_engine>"
        return _item("host", name, more)

    def _agent(self, name: str) -> str:
        if name not in self.agents:
            return ""
        options = "".join(
            f"<option><name>{key}</name><value>{value}</value></option>"
            for key, value in self.agents[name].items()
        )
        return f'<agent id="an-agent"><type>ipmilan</type><options>{options}</options></agent>'

    def _version(self) -> str:
        major, minor = self.level
        return f"<version><major>{major}</major><minor>{minor}</minor></version>"


_VERSION = ("major", "minor")


def _name(one: str) -> str:
    return one.removeprefix("id-of-")


def _item(item: str, name: str, more: str) -> str:
    return f'<{item} id="id-of-{escape(name)}"><name>{escape(name)}</name>{more}</{item}>'


def _list(item: str, names: dict[str, str], more: Iterable[str]) -> str:
    items = "".join(_item(item, name, each) for name, each in zip(names, more, strict=True))
    return f"<{item}s>{items}</{item}s>"


def _refused(why: str) -> tuple[int, str]:
    return 409, f"<fault><detail>[{why}]</detail><reason>Operation Failed</reason></fault>"
