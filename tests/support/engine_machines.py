"""A stand-in for an engine that also has virtual machines, templates, disks and snapshots.

It imitates ovirt-engine 4.5.7 with version 4.6.1 of the model of its API: a new VM is first
locked, a search finds likenesses, a VM is removed only when it is down, a template only when no
thin VM depends on it, and a host goes to maintenance when its VMs have left it. The disk of a
template has the name of the disk that it was made of, and so has that of a VM made from it.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape

from attrs import define, field

from tests.support.engine_api import Engine

DONE = "<action><status>complete</status></action>"


@define
class Machine:
    """A virtual machine of the stand-in."""

    status: str = "up"
    host: str = "gs2"
    fqdn: str = ""
    template: str = "Blank"
    snapshots: list[str] = field(factory=list)
    disks: list[str] = field(factory=list)
    cd: str = ""

    def shown(self, name: str) -> str:
        """Return it as XML."""
        host = f'<host id="id-of-{self.host}"/>' if self.status in ("up", "powering_up") else ""
        return (
            f'<vm id="id-of-{name}" href="/ovirt-engine/api/vms/id-of-{name}">'
            f"<name>{name}</name><status>{self.status}</status><fqdn>{self.fqdn}</fqdn>{host}</vm>"
        )


@define
class MachinesEngine(Engine):
    """An engine with the VMs, templates and disks of the guide; a test makes it ill."""

    machines: dict[str, Machine] = field(factory=dict)
    templates: dict[str, str] = field(factory=dict)
    # What each disk is, and what is on it.
    disks: dict[str, tuple[str, str]] = field(factory=dict)
    # The names of disks that are not called like their ids.
    aliases: dict[str, str] = field(factory=dict)
    snapshot_status: str = "ok"
    merges: bool = True
    moves: bool = True

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        """Return status and XML for what is read at a path below the API."""
        wanted = query.get("search", "").removeprefix("name=")
        match [_name(part) for part in path.strip("/").split("/")]:
            case ["vms"]:
                found = [m.shown(n) for n, m in self.machines.items() if n.startswith(wanted)]
                return 200, f"<vms>{''.join(found)}</vms>"
            case ["vms", one] if one in self.machines:
                return 200, self.machines[one].shown(one)
            case ["vms", one, "snapshots"]:
                shown = "".join(
                    f'<snapshot id="id-of-{s}"><description>{s}</description>'
                    f"<snapshot_status>{self.snapshot_status}</snapshot_status></snapshot>"
                    for s in ["Active VM", *self.machines[one].snapshots]
                )
                return 200, f"<snapshots>{shown}</snapshots>"
            case ["vms", one, "diskattachments"]:
                return 200, _attachments(self.machines[one].disks)
            case ["vms", one, "cdroms"]:
                return 200, f"<cdroms>{_drive(self.machines[one].cd)}</cdroms>"
            case ["vms", one, "cdroms", _]:
                return 200, _drive(self.machines[one].cd)
            case ["templates"]:
                items = {n: s for n, s in self.templates.items() if n.startswith(wanted)}
                shown = "".join(_item("template", n, s) for n, s in items.items())
                return 200, f"<templates>{shown}</templates>"
            case ["templates", one]:
                return 200, _item("template", one, self.templates[one])
            case ["templates", one, "diskattachments"]:
                return 200, _attachments([f"{one}-disk"])
            case ["disks"]:
                named = [n for n in self.disks if self.alias(n).startswith(wanted)]
                shown = "".join(self._disk(n) for n in named)
                return 200, f"<disks>{shown}</disks>"
            case ["disks", one]:
                return 200, self._disk(one)
            case ["vnicprofiles"]:
                return (
                    200,
                    f"<vnic_profiles>{_item('vnic_profile', 'ovirtmgmt', '')}</vnic_profiles>",
                )
        # Another class cannot say `super()` in a class that attrs makes anew.
        return Engine.answer(self, path, query)

    def change(self, method: str, path: str, sent: str) -> tuple[int, str]:
        """Do what is ordered at a path below the API; return status and XML."""
        body = ElementTree.fromstring(sent) if sent.startswith("<") else ElementTree.Element("none")
        name = body.findtext("name") or ""
        match [method, *(_name(part) for part in path.strip("/").split("/"))]:
            case ["POST", "vms"]:
                template = body.findtext("template/name") or "Blank"
                if template != "Blank" and self.templates.get(template) != "ok":
                    return (
                        409,
                        "<fault><detail>[Cannot add VM. No such template.]</detail></fault>",
                    )
                fqdn = body.findtext("initialization/host_name") or ""
                disks = [f"{name}-disk"] if template != "Blank" else []
                for one in disks:
                    self._copy(f"{template}-disk", one)
                self.machines[name] = Machine("down", "", fqdn, template, [], disks)
                locked = Machine("image_locked").shown(name)
                return 201, locked
            case ["POST", "vms", one, "diskattachments"]:
                disk = body.find("disk")
                assert disk is not None
                made = disk.findtext("name") or _name(disk.get("id") or "")
                self.disks.setdefault(made, ("ok", "data"))
                self.machines[one].disks.append(made)
                return 201, _attachments([made])[
                    len("<disk_attachments>") : -len("</disk_attachments>")
                ]
            case ["PUT", "vms", one, "diskattachments", disk_name]:
                if disk_name not in self.machines[one].disks:
                    return 404, ""
                self.aliases[disk_name] = body.findtext("disk/name") or self.alias(disk_name)
                return 200, _attachments([disk_name])[
                    len("<disk_attachments>") : -len("</disk_attachments>")
                ]
            case ["POST", "vms", _, "nics"]:
                return 201, _item("nic", "nic1", "")
            case ["PUT", "vms", one, "cdroms", _]:
                file = body.find("file")
                assert file is not None
                self.machines[one].cd = _name(file.get("id") or "")
                return 200, _drive(self.machines[one].cd)
            case ["POST", "vms", one, "start"]:
                self.machines[one].status, self.machines[one].host = "up", "gs2"
            case ["POST", "vms", one, "stop"]:
                self.machines[one].status = "down"
            case ["DELETE", "vms", one]:
                assert self.machines[one].status == "down"
                for disk_name in self.machines.pop(one).disks:
                    if "detach_only=true" not in self.asked[-1]:
                        self.disks.pop(disk_name, None)
            case ["POST", "templates"]:
                source = body.find("vm")
                assert source is not None
                self._copy(self.machines[_name(source.get("id") or "")].disks[0], f"{name}-disk")
                self.templates[name] = "ok"
                return 201, _item("template", name, "locked")
            case ["DELETE", "templates", one]:
                assert one not in [machine.template for machine in self.machines.values()]
                del self.templates[one]
                self.disks.pop(f"{one}-disk", None)
            case ["DELETE", "disks", one]:
                del self.disks[one]
            case ["POST", "vms", one, "snapshots"]:
                text = body.findtext("description") or ""
                self.machines[one].snapshots.append(text)
                return (
                    201,
                    f'<snapshot id="id-of-{text}">'
                    "<snapshot_status>locked</snapshot_status></snapshot>",
                )
            case ["DELETE", "vms", _, "snapshots", _] if not self.merges:
                pass  # the order is taken, and what it does fails afterwards
            case ["DELETE", "vms", one, "snapshots", which]:
                self.machines[one].snapshots.remove(which)
            case ["POST", "vms", one, "migrate"]:
                host = body.find("host")
                assert host is not None
                if self.moves:
                    self.machines[one].host = _name(host.get("id") or "")
            case ["POST", "hosts", one, "deactivate"]:
                self.hosts[one] = "maintenance"
                for machine in self.machines.values():
                    if machine.host == one:
                        machine.host = "gs3"
            case ["POST", "hosts", one, "activate"]:
                self.hosts[one] = "up"
            case _:
                return Engine.change(self, method, path, sent)
        return 200, DONE

    def alias(self, disk: str) -> str:
        """Return what a disk is called."""
        return self.aliases.get(disk, disk)

    def _copy(self, disk: str, to: str) -> None:
        self.disks[to] = ("ok", "data")
        self.aliases[to] = self.alias(disk)

    def _disk(self, name: str) -> str:
        status, content = self.disks.get(name, ("ok", "data"))
        return (
            f'<disk id="id-of-{name}"><name>{escape(self.alias(name))}</name>'
            f"<status>{status}</status><content_type>{content}</content_type></disk>"
        )


def _name(part: str) -> str:
    return part.removeprefix("id-of-")


def _item(kind: str, name: str, status: str) -> str:
    said = f"<status>{status}</status>" if status else ""
    return f'<{kind} id="id-of-{name}"><name>{escape(name)}</name>{said}</{kind}>'


def _attachments(disks: list[str]) -> str:
    shown = "".join(
        f'<disk_attachment id="id-of-{one}"><disk id="id-of-{one}"/></disk_attachment>'
        for one in disks
    )
    return f"<disk_attachments>{shown}</disk_attachments>"


def _drive(disk: str) -> str:
    file = f'<file id="id-of-{disk}"/>' if disk else ""
    return f'<cdrom id="00000000-0000-0000-0000-000000000000">{file}</cdrom>'
