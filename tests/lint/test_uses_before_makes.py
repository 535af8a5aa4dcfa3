"""What a step uses, an earlier step on its own path has made: same platform, choices and hosts."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from runbook.lint import FindingKind
from runbook.lint.findings import findings
from runbook.model import (
    Cluster,
    Dialogue,
    Edit,
    FileContent,
    Host,
    Location,
    Place,
    Runbook,
    Step,
    Turn,
)
from tests.support.steps import PLACE, command, runbook, step

CLUSTER = Cluster(
    "lab",
    "10.9.8.0/24",
    (
        Host("a", "10.9.8.1", ("all", "servers"), "debian12"),
        Host("b", "10.9.8.2", ("all", "servers"), "debian12"),
        Host("engine", "10.9.8.9", ("all",), "debian12", when="engine=own"),
    ),
    choices={"engine": "own"},
)


def found(*steps: Step, cluster: Cluster | None = CLUSTER) -> list[str]:
    """The findings about these steps, in order."""
    return [
        one.message for one in findings(runbook(*steps), cluster) if one.kind is FindingKind.USES
    ]


def reads(name: str = "reader", path: str = "/root/netrc", **more: Any) -> Step:
    """A step that reads a file."""
    return step(name, f"cat {path}", **more)


def writes(name: str = "writer", path: str = "/root/netrc", **more: Any) -> Step:
    """A step that writes a file with a redirection."""
    return step(name, f"umask 077\necho login > {path}", **more)


def test_what_an_earlier_step_made_is_there() -> None:
    """And what the same step made above, too."""
    assert found(writes(), reads()) == []
    assert found(step("both", "echo x > /root/netrc", "cat /root/netrc")) == []


def test_a_step_that_was_moved_behind_its_user_is_found() -> None:
    """With both places."""
    assert found(reads(), writes()) == [
        "/root/netrc is used here, and no earlier step makes it on a; "
        "'Writer' (docs/sample.rst:10) makes it, but later"
    ]


def test_a_step_that_was_dropped_is_found() -> None:
    """The file of root's home that a program is told to read is nobody else's."""
    message = (
        "/root/netrc is used here, and no earlier step makes it on a; no step of the guide makes it"
    )
    assert found(reads()) == [message]


def test_a_maker_on_another_host_does_not_count() -> None:
    """Each host has its own files; all of them together have what all get."""
    assert found(writes(on=("b",)), reads()) == [
        "/root/netrc is used here, and no earlier step makes it on a; "
        "'Writer' (docs/sample.rst:10) makes it on b only"
    ]
    assert found(writes(on=("servers",)), reads()) == []
    assert "on b;" in found(writes(), reads(on=("servers",)))[0]


def test_a_maker_for_another_platform_does_not_count() -> None:
    """A reader of one platform never sees the steps of another."""
    assert found(writes(platforms=("debian12",)), reads(platforms=("debian12", "el9"))) == [
        "/root/netrc is used here, and no earlier step makes it on a on el9; "
        "'Writer' (docs/sample.rst:10) makes it on debian12 only"
    ]


def test_a_name_without_a_version_is_no_platform_beside_one_of_its_versions() -> None:
    """What was made on Debian 12 is there for a step that is for every Debian."""
    assert found(writes(platforms=("debian12",)), reads(platforms=("debian",))) == []
    (message,) = found(writes(platforms=("debian11",)), reads(platforms=("debian",)))
    assert "on debian12; 'Writer' (docs/sample.rst:10) makes it on debian11 only" in message


def test_a_maker_of_another_alternative_does_not_count() -> None:
    """Also if it is the one that the cluster file chooses."""
    steps = (
        writes(choices=("engine=own",)),
        step("other", "true", choices=("engine=hosted",)),
        reads(),
    )
    assert found(*steps) == [
        "/root/netrc is used here, and no earlier step makes it on a with "
        "engine=hosted; 'Writer' (docs/sample.rst:10) makes it with engine=own only"
    ]
    assert found(*steps[:2], evolve(steps[2], choices=("engine=own",))) == []


def test_a_command_that_is_typed_on_another_host_makes_and_uses_things_there() -> None:
    """As its prompt says."""
    there = evolve(command("echo x > /root/netrc"), place=Place(host="b"))
    assert found(step("writer", there), reads(on=("b",))) == []
    assert len(found(step("writer", there), reads())) == 1


@pytest.mark.parametrize(
    ("makes", "uses", "what"),
    [
        ("apt-get install -y squid", "squid -k parse", "the command squid"),
        ("apt-get install -y squid", "systemctl restart squid.service", "the unit squid"),
        ("useradd --system proxy-user", "usermod -L proxy-user", "the user proxy-user"),
        (
            "virt-install --name guest1 --disk path=/var/lib/libvirt/images/g.img,size=1",
            "virsh start guest1",
            "the virtual machine guest1",
        ),
        (
            "virt-install --name guest1 --disk path=/var/lib/libvirt/images/g.img,size=1",
            "virt-sysprep -a /var/lib/libvirt/images/g.img",
            "/var/lib/libvirt/images/g.img",
        ),
        ("gluster volume create data a:/b/data", "gluster volume start data", "the volume data"),
        ("mount /dev/vdb /srv/data", "echo x > /srv/data/x", "the file system at /srv/data"),
        (
            "qemu-img create -f qcow2 -b /base.img -F raw /srv/new.img 10G",
            "virt-install --import --name g --disk path=/srv/new.img",
            "/srv/new.img",
        ),
        ("qemu-img convert -O raw /tmp/a /srv/b.img", "qemu-img info /srv/b.img", "/srv/b.img"),
        ("engine-setup", "systemctl restart ovirt-engine.service", "the unit ovirt-engine"),
        ("createdb exercise", "psql -d exercise -c 'SELECT 1'", "the database exercise"),
        ("openssl rand -out /root/key 8", "curl --key /root/key https://b/", "/root/key"),
        ("curl -o /root/ca.pem http://b/", "curl --cacert /root/ca.pem https://b/", "/root/ca.pem"),
        ("touch /root/x.json", "curl --data @/root/x.json https://b/", "/root/x.json"),
        ("ssh-keygen -f /root/k", "cat /root/k.pub", "/root/k.pub"),
        ("install -m 0755 /tmp/x /usr/local/bin/x", "sudo /usr/local/bin/x", "/usr/local/bin/x"),
        ("for n in one two; do echo > /root/$n; done", "cat /root/two", "/root/two"),
    ],
)
def test_things_of_every_kind_are_known_by_the_words_of_programs(
    makes: str, uses: str, what: str
) -> None:
    """In this order they are right, in the other one they are found."""
    assert found(step("maker", makes), step("user", uses)) == []
    messages = [one for one in found(step("user", uses), step("maker", makes)) if what in one]
    assert len(messages) == 1, messages
    assert messages[0].startswith(f"{what} is used here")
    assert messages[0].endswith("makes it, but later")


def file(path: str, text: str = "text\n", edit: Edit = Edit.WHOLE) -> FileContent:
    """A file of a step."""
    return FileContent(path, text, Location(PLACE.document, 30), edit)


def test_a_program_of_the_guide_uses_what_it_reads() -> None:
    """When it is run, not when it is written."""
    program = step("program", file("/root/list.py", 'open("/root/netrc")\n'))
    assert found(program, writes(), step("run", "python3 /root/list.py")) == []
    late = found(program, step("run", "python3 /root/list.py"), writes())
    assert len(late) == 1
    assert late[0].startswith("/root/netrc is used here")


def test_a_unit_and_a_network_come_from_files() -> None:
    """What a file defines is there once it is written, or loaded."""
    unit = step("unit", file("/etc/systemd/system/web.service", "[Service]\n"))
    start = step("start", "systemctl start web")
    xml = step("xml", file("/root/net.xml", "<network><name>lab</name></network>\n"))
    define = step("define", "virsh net-define /root/net.xml")
    net = step("net", "virsh -c qemu:///system net-start lab")
    assert found(unit, start, xml, define, net) == []
    assert "the unit web" in found(start, unit)[0]
    assert "the network lab" in found(xml, net, define)[0]


def test_an_answer_names_a_user_that_another_step_makes() -> None:
    """As the one who logs in to libvirt."""
    login = Dialogue("virsh list", PLACE, (Turn("Please enter your authentication name:", "op"),))
    make = step("make", "saslpasswd2 -f /etc/libvirt/passwd.db -a libvirt -u lab op")
    assert found(make, step("log in", login)) == []
    assert found(step("log in", login), make)[0].startswith("the libvirt user op is used here")


def test_a_file_on_a_file_system_needs_it_mounted() -> None:
    """Otherwise it lands in the directory below."""
    mounts = step("mount", "mount /dev/vdb /srv/data")
    write = step("write", "echo x > /srv/data/x")
    assert found(mounts, write) == []
    assert found(step("all", "mount -a"), write, mounts) == []
    assert "the file system at /srv/data is used here" in found(write, mounts)[0]
    assert "on b;" in found(mounts, evolve(write, on=("b",)))[0]


def test_an_export_is_of_the_host_that_has_it() -> None:
    """A part of it can be mounted, and a directory that nobody exports cannot."""
    export = step("export", file("/etc/exports.d/data.exports", "/data/iso *(rw)\n"))
    mount = step("mount", "mount -t nfs a.example.com:/data/iso /mnt", on=("b",))
    assert found(export, mount) == []
    wrong = step("mount", "mount -t nfs 10.9.8.1:/export /mnt", on=("b",))
    message = "the export /export is used here, and no earlier step makes it on a"
    assert found(export, wrong)[0].startswith(message)
    assert "makes it, but later" in found(mount, export)[0]
    elsewhere = step("mount", "mount -t nfs filer.example.org:/vol /mnt", on=("b",))
    assert found(export, elsewhere) == []


@pytest.mark.parametrize(
    "text",
    [
        "cat /etc/os-release",
        "cat /root/.bashrc",
        "systemctl restart ssh",
        "openssl version",
        "some-tool --file=/root/backup.tar.gz",
        "rm -f /root/gone",
        "test -e /root/gone || echo missing",
        "tar -C / -xf /mnt/backup.tar\ncat /etc/there",
        "tar -C /root/all -xf /mnt/backup.tar\ncat /root/all/of/it",
        "ssh other.example.org cat /root/there",
        "chroot /srv/system cat /root/inside",
        "cat /root/$name",
        "virsh list",
    ],
)
def test_what_comes_with_the_platform_or_is_unknown_is_there(text: str) -> None:
    """Nobody is told of what lint cannot know."""
    assert found(step("uses", text)) == []


def test_a_file_that_the_platform_has_may_be_used_before_it_is_written() -> None:
    """As the names of all hosts are looked up, and then written."""
    hosts = step("hosts", file("/etc/hosts"))
    assert found(step("use", "sed -i s/a/b/ /etc/hosts"), hosts) == []
    edited = step("edit", file("/etc/tool.conf", "a = b\n", Edit.KEYS))
    assert found(step("use", "cat /etc/tool.conf"), edited) == []


def test_undo_steps_are_left_alone() -> None:
    """They begin where the guide has ended."""
    assert found(reads(undo=True), writes()) == []


def test_an_unmarked_block_makes_things_and_is_never_found() -> None:
    """It may be an example."""
    assert found(reads(marked=False), writes()) == []
    assert found(writes(marked=False), reads()) == []


def test_a_guide_without_a_cluster_file_has_the_hosts_that_it_names() -> None:
    """And any platform."""
    assert found(writes(on=("x",)), reads(on=("x",)), cluster=None) == []
    assert len(found(writes(on=("x",)), reads(on=("y",)), cluster=None)) == 1


def test_a_thing_that_is_missed_is_told_once() -> None:
    """The first step that needs it says enough."""
    assert len(found(reads("one"), reads("two"), writes())) == 1
    assert isinstance(runbook(reads()), Runbook)
