"""How to log in to virtual machines, from Vagrant's output to the command line of ssh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.vagrant.command import error_message, parse_ssh_config
from runbook.labs.vagrant.ssh import SshAccess
from tests.support.paths import SAMPLES

OUTPUTS = SAMPLES / "vagrant"


def test_vagrants_ssh_config_is_parsed() -> None:
    """It has all machines, with the keys that Vagrant has generated."""
    found = parse_ssh_config((OUTPUTS / "ssh-config.txt").read_text())
    assert list(found) == ["one", "two"]
    assert found["one"].address.startswith("192.168.121.")
    assert (found["one"].user, found["one"].port) == ("vagrant", 22)
    assert found["one"].key.endswith("machines/one/libvirt/private_key")


def test_vagrants_error_is_found_in_its_output() -> None:
    """The output is the machine-readable one; without an error the message is empty."""
    message = error_message((OUTPUTS / "up-of-a-taken-name.txt").read_text())
    assert message.startswith("Name `machines-")
    assert message.endswith("is already taken. Please try to run `vagrant up` command again.")
    assert error_message((OUTPUTS / "up-again.txt").read_text()) == ""


def test_the_record_can_be_copied_and_deleted(tmp_path: Path) -> None:
    """Its last file marks it as complete."""
    one, other = SshAccess(tmp_path / "one"), SshAccess(tmp_path / "other")
    one.directory.mkdir()
    other.directory.mkdir()
    assert not one.exists
    with pytest.raises(LabError, match="there are no machines"):
        one.connections(())
    config = {"address": "10.0.0.9", "port": 22, "user": "vagrant", "key": "/k"}
    (one.directory / "known_hosts").write_text("key\n")
    (one.directory / "ways.json").write_text(json.dumps({"gs1": config}))
    other.copy_from(one.directory)
    assert other.exists
    argv = other.connections(("nsenter", "--net", "--"))["gs1"].shell("root")
    assert argv[:4] == ["nsenter", "--net", "--", "ssh"]
    assert "StrictHostKeyChecking=yes" in argv
    assert f"UserKnownHostsFile={tmp_path}/other/known_hosts" in argv
    other.delete()
    assert not other.exists
