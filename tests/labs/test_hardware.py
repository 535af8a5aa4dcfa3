"""The `machine` section of a cluster file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.commands.labs.lab import open_lab
from runbook.labs.vagrant.hardware import cluster_json, hardware
from runbook.model import Cluster, cluster, yamlfile
from runbook.model.node import YamlError


@pytest.mark.parametrize(
    ("machine", "line", "message"),
    [
        ("machine: [4G]", 7, "machine: must be a mapping, not a list"),
        ("machine:\n  memroy: 768", 8, "machine: unknown key 'memroy'; did you mean 'memory'?"),
        ("machine: {memory: 64}", 7, "machine: memory: must be a number from 128 to"),
        ("machine: {cpus: two}", 7, "machine: cpus: must be a whole number, not 'two'"),
        ("machine:\n  disks: 4G", 8, "machine: disks: must be a list, not '4G'"),
        ("machine:\n  disks: [4]", 8, "machine: disks: '4' is not a disk size such as 10G"),
        ("machine:\n  packages: [-x]", 8, "machine: packages: '-x' is not a package name"),
        ("machine:\n  tow: {cpus: 1}", 8, "machine: unknown key 'tow'; did you mean 'two'?"),
        ("machine:\n  data: /d", 8, "machine: data: needs a disk; add one to disks"),
        ("machine:\n  el9: {disk: 1}", 8, "machine: el9: unknown key 'disk'"),
    ],
)
def test_an_invalid_section_is_rejected_with_its_line(
    tmp_path: Path, machine: str, line: int, message: str
) -> None:
    """It is rejected before anything is created."""
    path = tmp_path / "lab/cluster.yaml"
    path.parent.mkdir()
    hosts = "hosts:\n  one: {address: 10.0.0.1}\n  two: {address: 10.0.0.2, platform: el9}\n"
    path.write_text(f"name: c\nnetwork: 10.0.0.0/24\nplatform: debian12\n{hosts}{machine}\n")
    with pytest.raises(YamlError) as caught:
        open_lab(tmp_path, "vagrant")
    assert str(caught.value).startswith(f"{path}:{line}: {message}")


HOSTS = """\
name: c
network: 10.0.0.0/24
platform: debian12
hosts: {data: {address: 10.0.0.1}, one: {address: 10.0.0.2, platform: el9}}
"""


def machines(text: str) -> Cluster:
    """Return the cluster of two hosts with that `machine` section."""
    return cluster.from_node(yamlfile.parse(HOSTS + text, Path("cluster.yaml")))


def test_a_host_may_have_the_name_of_a_key() -> None:
    """The key keeps its meaning."""
    found = hardware(machines("machine: {disks: [1G], data: /d, one: {memory: 256}}"))
    assert found.data == "/d"


def test_vagrant_gets_sizes_as_numbers() -> None:
    """The Vagrantfile reads the cluster as JSON; keys that the section leaves out stay out."""
    section = "machine: {memory: 512, disks: [1G], packages: [lvm2, fdisk], el9: {cpus: 2}}"
    assert json.loads(cluster_json(machines(section))) == {
        "name": "c",
        "network": "10.0.0.0/24",
        "hosts": {
            "data": {"address": "10.0.0.1", "platform": "debian12"},
            "one": {"address": "10.0.0.2", "platform": "el9"},
        },
        "machine": {
            "memory": 512,
            "disks": ["1G"],
            "packages": ["fdisk", "lvm2"],
            "el9": {"cpus": 2},
        },
    }
    assert "machine" not in json.loads(cluster_json(machines("")))
