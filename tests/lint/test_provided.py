"""What is there although no command shows it: `uses-before-makes` misses nothing of that."""

from __future__ import annotations

import pytest
from attrs import evolve

from runbook.model import Manual
from tests.support.steps import PLACE, step

from .test_uses_before_makes import file, found, reads


@pytest.mark.parametrize(
    "commands",
    [
        ("cd /root && echo login > netrc", "cat /root/netrc"),
        ("mkdir /root/work\ncd /root/work\ntouch netrc", "cat /root/work/netrc"),
        ("unzip files.zip", "cat /root/files/netrc"),
        ("wget http://gs1/setup.sh", "bash /root/setup.sh"),
        ("python3 -m venv /root/venv", ". /root/venv/bin/activate"),
        ("cat /root/anaconda-ks.cfg",),
        ("virsh start web1",),
    ],
)
def test_what_may_be_there_is_not_missed(commands: tuple[str, ...]) -> None:
    """Relative names, archives, and what the reader has brought along say nothing for sure."""
    assert found(*(step(f"s{n}", text) for n, text in enumerate(commands))) == []


def test_a_virtual_machine_of_the_engine_belongs_to_no_host() -> None:
    """Whoever makes it, everybody sees it."""
    find = step("find", "curl 'https://e/ovirt-engine/api/vms?search=name%3Daaa'")
    make = step("make", file("/root/m.py", 'add(types.Vm(name="aaa"))\n'), "python3 /root/m.py")
    assert found(evolve(make, on=("b",)), find) == []
    other = step("other", file("/root/o.py", 'add(types.Vm(name="bbb"))\n'), "python3 /root/o.py")
    assert "the engine's virtual machine aaa" in found(other, find)[0]
    assert found(step("manual", Manual("Make it.", PLACE), provides=("engine-vm:aaa",)), find) == []


def test_a_step_says_what_its_commands_do_not_show() -> None:
    """On its own hosts, or on others."""
    uses = step("uses", "virsh list", on=("b",))
    later = step("later", "apt-get install libvirt-clients", on=("b",))
    assert len(found(uses, later)) == 1
    assert found(step("add", "true", provides=("package:vdsm@servers",)), uses, later) == []
    assert found(step("given", "true", provides=("/root/netrc",)), reads()) == []


def test_a_file_system_may_be_there_although_it_is_mounted_later() -> None:
    """Each kind of thing that may be missed can be provided."""
    use, mount = step("use", "cat /srv/data/x"), step("mount", "mount /dev/sdb /srv/data")
    assert "the file system at /srv/data is used here" in found(use, mount)[0]
    assert found(step("given", "true", provides=("mount:/srv/data",)), use, mount) == []
