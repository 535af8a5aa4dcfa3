"""The local lab."""

from __future__ import annotations

import pytest

from runbook.labs import LabError
from runbook.labs.local import LocalLab
from runbook.model import Cluster, Host


def test_a_local_lab_without_a_cluster_is_this_machine() -> None:
    """It has one host, which is running, and a stable identifier."""
    lab = LocalLab()
    assert [status.state for status in lab.status()] == ["running"]
    assert list(lab.connections()) == [lab.cluster.hosts[0].name]
    assert lab.instance() == LocalLab().instance() != ""


def test_a_local_lab_is_one_host_of_the_guide() -> None:
    """If the guide has several hosts, the operator says which of them this machine is."""
    hosts = (Host("a", "10.9.8.1"), Host("b", "10.9.8.2"))
    cluster = Cluster("c", "10.9.8.0/24", hosts)
    lab = LocalLab(cluster, "b")
    assert list(lab.connections()) == ["b"]
    assert [status.state for status in lab.status()] == ["absent", "running"]
    with pytest.raises(LabError, match=r"one of the guide's hosts: a, b; say which with --host"):
        LocalLab(cluster)
    with pytest.raises(LabError, match="there is no 'z'"):
        LocalLab(cluster, "z")
