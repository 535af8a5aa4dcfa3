"""A stand-in for an engine whose hosts see LUNs.

It imitates ovirt-engine 4.5.7 with version 4.6.1 of the model of its API: a host sees the LUNs of
iSCSI after it has logged in to what it discovered, and a domain is made of a LUN that is free.
"""

from __future__ import annotations

from xml.etree import ElementTree

from attrs import define, field

from tests.support.engine_api import Engine

CHAP = "twelve-letters"
PORTAL = "192.168.10.110"  # of the storage: no host of the guide offers LUNs
TARGET = "iqn.2026-01.com.example:storage"


@define
class LunsEngine(Engine):
    """An engine without domains; a test gives its hosts other LUNs."""

    # Each LUN and its status.
    luns: dict[str, str] = field(factory=lambda: {"3600140500000001": "free"})
    kind: str = "iscsi"
    logged_in: bool = False

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        """Return status and XML for what is read at a path below the API."""
        match path.strip("/").split("/"):
            case ["hosts", _, "storage"]:
                seen = self.luns if self.kind == "fcp" or self.logged_in else {}
                shown = "".join(
                    f'<host_storage id="{one}"><type>{self.kind}</type><logical_units>'
                    f'<logical_unit id="{one}"><status>{status}</status><port>3260</port>'
                    f"<target>{TARGET}</target><address>{PORTAL}</address></logical_unit>"
                    "</logical_units></host_storage>"
                    for one, status in seen.items()
                )
                return 200, f"<host_storages>{shown}</host_storages>"
        return Engine.answer(self, path, query)

    def change(self, method: str, path: str, sent: str) -> tuple[int, str]:
        """Do what is ordered at a path below the API; return status and XML."""
        body = ElementTree.fromstring(sent) if sent.startswith("<") else ElementTree.Element("none")
        match [method, *path.strip("/").split("/")]:
            case ["POST", "hosts", _, "discoveriscsi"]:
                assert body.findtext("iscsi/password") == CHAP
                if body.findtext("iscsi/address") != PORTAL:
                    return 409, "<fault><detail>Failed discovering iSCSI targets</detail></fault>"
                found = (
                    f"<iscsi_details><address>{PORTAL}</address><port>3260</port>"
                    f"<portal>{PORTAL}:3260,1</portal><target>{TARGET}</target></iscsi_details>"
                )
                return 200, (
                    f"<action><discovered_targets>{found}</discovered_targets>"
                    "<status>complete</status></action>"
                )
            case ["POST", "hosts", _, "iscsilogin"]:
                # What was discovered, and nothing else.
                assert body.findtext("iscsi/target") == TARGET
                self.logged_in = body.findtext("iscsi/password") == CHAP
                return 200, "<action><status>complete</status></action>"
            case ["POST", "storagedomains"]:
                unit = body.find("storage/volume_group/logical_units/logical_unit")
                assert unit is not None
                assert self.luns[unit.get("id") or ""] == "free"
                assert body.findtext("storage/override_luns") == "false"
                self.luns[unit.get("id") or ""] = "used"
        return Engine.change(self, method, path, sent)
