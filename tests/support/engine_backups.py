"""A stand-in for an engine that makes backups of virtual machines.

It imitates ovirt-engine 4.5.7 with version 4.6.1 of the model of its API: it refuses a backup since
a checkpoint that it does not know, and a second one beside the first; it makes no checkpoint if all
disks are raw, and names it when the backup is ready. In a cluster of level 4.5 or later, as here,
it chooses for each disk: one that is raw, or was not in the checkpoint, is read in full. A transfer
ends some time after it was finalized or cancelled, and no backup ends before its transfer. A
checkpoint stays until it is deleted, also that of a backup that broke off, and is deleted only
while no backup is at work.
"""

from __future__ import annotations

from xml.etree import ElementTree

from attrs import define, field

from tests.support.engine_api import Engine
from tests.support.engine_machines import DONE, MachinesEngine

_ENDS = {
    "finalize": ["finalizing_success", "finished_success"],
    "cancel": ["cancelled_user", "finalizing_cleanup", "finished_cleanup"],
}


@define
class Backup:
    """One backup of the stand-in; without a checkpoint if all its disks are raw."""

    checkpoint: str
    since: str
    # What it says each time that it is asked; the last word stays.
    phases: list[str] = field(factory=lambda: ["starting", "ready"])

    def shown(self, one: str) -> str:
        """Return it as XML."""
        phase = self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]
        named = self.checkpoint and phase != "starting"
        checkpoint = f"<to_checkpoint_id>{self.checkpoint}</to_checkpoint_id>" if named else ""
        return f'<backup id="{one}"><phase>{phase}</phase>{checkpoint}</backup>'

    @property
    def over(self) -> bool:
        """Whether the engine has ended it."""
        return self.phases == ["succeeded"]


@define
class BackupsEngine(MachinesEngine):
    """An engine whose VMs have checkpoints; a test lets it lose them."""

    checkpoints: list[str] = field(factory=list)
    backups: dict[str, Backup] = field(factory=dict)
    transfers: list[str] = field(factory=list)
    # Whether the disk was in the last checkpoint.
    covered: bool = True
    # The disks that are not qcow2.
    raw: set[str] = field(factory=set)
    # How many times the VM is still locked when a checkpoint is to be deleted.
    locked: int = 0
    # What the transfer says each time that it is asked; the last word stays.
    phases: list[str] = field(factory=lambda: ["finished_success"])

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        """Return status and XML for what is read at a path below the API."""
        match path.strip("/").split("/"):
            case ["vms", one] if "all_content" in query:
                configuration = "<Name>aaa</Name>".replace("<", "&lt;").replace(">", "&gt;")
                data = f"<configuration><data>{configuration}</data></configuration>"
                initialization = f"<initialization>{data}</initialization>"
                return 200, f'<vm id="{one}"><name>aaa</name>{initialization}</vm>'
            case ["vms", _, "backups", one]:
                return 200, self.backups[one].shown(one)
            case ["vms", vm, "backups", one, "disks"]:
                disks = self.machines[_name(vm)].disks
                shown = "".join(self._in_backup(disk, self.backups[one]) for disk in disks)
                return 200, f"<disks>{shown}</disks>"
            case ["vms", _, "checkpoints"]:
                shown = "".join(f'<checkpoint id="{one}"/>' for one in self.checkpoints)
                return 200, f"<checkpoints>{shown}</checkpoints>"
            case ["imagetransfers", one]:
                phase = self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]
                return 200, (
                    f'<image_transfer id="{one}"><phase>{phase}</phase>'
                    "<transfer_url>https://gs2.example.com:54322/images/t</transfer_url>"
                    "</image_transfer>"
                )
        return MachinesEngine.answer(self, path, query)

    def change(self, method: str, path: str, sent: str) -> tuple[int, str]:
        """Do what is ordered at a path below the API; return status and XML."""
        body = ElementTree.fromstring(sent) if sent.startswith("<") else ElementTree.Element("none")
        match [method, *path.strip("/").split("/")]:
            case ["POST", "vms", _, "backups"]:
                return self._begin(body)
            case ["POST", "vms", _, "backups", _, "finalize"] if not self._at_rest():
                return _refused("Cannot stop VM backup. There are active image transfers.")
            case ["POST", "vms", _, "backups", one, "finalize"]:
                self.backups[one].phases = ["finalizing", "succeeded"]
            case ["DELETE", "vms", _, "checkpoints", one] if one not in self.checkpoints:
                return 404, "<fault><reason>Operation Failed</reason></fault>"
            case ["DELETE", "vms", _, "checkpoints", one]:
                self.locked -= 1
                if self.locked >= 0 or not self._no_backup():
                    return _refused("Cannot remove Checkpoint. The VM is during a backup.")
                self.checkpoints.remove(one)
            case ["POST", "imagetransfers"]:
                assert body.find("backup") is not None
                self.phases = ["initializing", "transferring"]
                return 201, '<image_transfer id="t1"><phase>initializing</phase></image_transfer>'
            case ["POST", "imagetransfers", _, "finalize" | "cancel" as how]:
                self.transfers.append(how)
                self.phases = list(_ENDS[how])
            case _:
                return Engine.change(self, method, path, sent)
        return 200, DONE

    def _begin(self, body: ElementTree.Element) -> tuple[int, str]:
        disks = {_name(one.get("id") or "") for one in body.findall("disks/disk")}
        assert disks
        made = f"b{len(self.backups) + 1}"
        checkpoint = "" if disks <= self.raw else f"c{len(self.backups) + 1}"
        since = body.findtext("from_checkpoint_id") or ""
        if since and since not in self.checkpoints:
            return _refused(f"Cannot backup VM. The Checkpoint {since} does not exist.")
        if not self._no_backup():
            return _refused("Cannot backup VM. The VM is during a backup.")
        self.backups[made] = Backup(checkpoint, since)
        if checkpoint:
            self.checkpoints.append(checkpoint)
        return 201, self.backups[made].shown(made)

    def _in_backup(self, disk: str, backup: Backup) -> str:
        incremental = backup.since and self.covered and disk not in self.raw
        return (
            f'<disk id="{disk}"><name>{self.alias(disk)}</name>'
            f"<backup_mode>{'incremental' if incremental else 'full'}</backup_mode></disk>"
        )

    def _no_backup(self) -> bool:
        return all(one.over for one in self.backups.values())

    def _at_rest(self) -> bool:
        """Return whether no transfer was begun, or the last one has ended."""
        return self.phases[0].startswith("finished")


def _name(part: str) -> str:
    return part.removeprefix("id-of-")


def _refused(why: str) -> tuple[int, str]:
    return 409, f"<fault><detail>[{why}]</detail><reason>Operation Failed</reason></fault>"
