"""A stand-in for an engine that makes backups of virtual machines.

It imitates ovirt-engine 4.5.7 with version 4.6.1 of the model of its API: it refuses a backup since
a checkpoint that it does not know, a disk that was not in the checkpoint is read in full, a
transfer ends some time after it was finalized or cancelled, and no backup ends before its transfer.
"""

from __future__ import annotations

from xml.etree import ElementTree

from attrs import define, field

from tests.support.engine_api import Engine
from tests.support.engine_machines import MachinesEngine

_ENDS = {
    "finalize": ["finalizing_success", "finished_success"],
    "cancel": ["cancelled_user", "finalizing_cleanup", "finished_cleanup"],
}


@define
class Backup:
    """One backup of the stand-in."""

    checkpoint: str
    since: str
    phase: str = "ready"

    def shown(self, one: str) -> str:
        """Return it as XML."""
        return (
            f'<backup id="{one}"><phase>{self.phase}</phase>'
            f"<to_checkpoint_id>{self.checkpoint}</to_checkpoint_id></backup>"
        )


@define
class BackupsEngine(MachinesEngine):
    """An engine whose VMs have checkpoints; a test lets it lose them."""

    checkpoints: list[str] = field(factory=list)
    backups: dict[str, Backup] = field(factory=dict)
    transfers: list[str] = field(factory=list)
    # Whether the disk was in the last checkpoint.
    covered: bool = True
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
            case ["vms", _, "backups", one, "disks"]:
                mode = "incremental" if self.backups[one].since and self.covered else "full"
                return 200, (
                    '<disks><disk id="d1"><name>aaa_Disk1</name>'
                    f"<backup_mode>{mode}</backup_mode></disk></disks>"
                )
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
                assert body.find("disks/disk") is not None
                made = f"b{len(self.backups) + 1}"
                checkpoint = f"c{len(self.backups) + 1}"
                since = body.findtext("from_checkpoint_id") or ""
                if since and since not in self.checkpoints:
                    return _refused(f"Cannot backup VM. The Checkpoint {since} does not exist.")
                self.backups[made] = Backup(checkpoint, since)
                return 201, self.backups[made].shown(made)
            case ["POST", "vms", _, "backups", _, "finalize"] if not self._at_rest():
                return _refused("Cannot stop VM backup. There are active image transfers.")
            case ["POST", "vms", _, "backups", one, "finalize"]:
                self.backups[one].phase = "succeeded"
                self.checkpoints.append(self.backups[one].checkpoint)
            case ["POST", "imagetransfers"]:
                assert body.find("backup") is not None
                self.phases = ["initializing", "transferring"]
                return 201, '<image_transfer id="t1"><phase>initializing</phase></image_transfer>'
            case ["POST", "imagetransfers", _, "finalize" | "cancel" as how]:
                self.transfers.append(how)
                self.phases = list(_ENDS[how])
            case _:
                return Engine.change(self, method, path, sent)
        return 200, "<action><status>complete</status></action>"

    def _at_rest(self) -> bool:
        """Return whether no transfer was begun, or the last one has ended."""
        return self.phases[0].startswith("finished")


def _refused(why: str) -> tuple[int, str]:
    return 409, f"<fault><detail>[{why}]</detail><reason>Operation Failed</reason></fault>"
