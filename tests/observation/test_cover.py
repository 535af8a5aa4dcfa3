"""A check covers what it asked about and was red before; the rest is left out or proposed."""

from __future__ import annotations

import ast

import pytest
from attrs import evolve

from runbook.model import Location
from runbook.observation.change import Change, Count, count
from runbook.observation.cover import Asked, Evidence, covered, texts_of
from runbook.observation.fold import folded
from runbook.observation.look import Look
from runbook.observation.origin import Owned, parse_owned, with_origins
from runbook.observation.proposal import proposed
from runbook.observation.unchecked import left_out, problem, told

PLACE = Location("docs/a.rst", 7)


def covers(change: Change, *asked: tuple[str, str], source: str = "", on: str = "box") -> bool:
    """Tell whether a check that asked `box` this covers a change of a host."""
    questions = frozenset(Asked(about, text) for about, text in asked)
    evidence = Evidence(PLACE, {"box": questions}, texts_of(source))
    owned = Owned({"/usr/sbin/nginx": "web", "/lib/systemd/system/nginx.service": "web"})
    (one,) = covered([change], on, [evidence], owned)
    return one.checks == (PLACE,)


FILE = Change("file", "/etc/web/a.conf", "", "file 0644 root:root, 5 bytes")
PACKAGE = Change("package", "web", "", "1.2")
RULE = Change("firewall", "inet filter chain input", "", "tcp dport 22 accept")
SETTING = Change("sysctl", "net.ipv4.ip_forward", "0", "1")
PORT = Change("port", "tcp://80", "", "on 0.0.0.0 by nginx")


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (FILE, ("file", "/etc/web/a.conf")),
        (FILE, ("", "grep -q x '/etc/web/a.conf'")),
        (PACKAGE, ("package", "web")),
        (PACKAGE, ("", "dpkg -l web")),
        (PACKAGE, ("", "systemctl is-active nginx")),
        (PACKAGE, ("", "nginx -t 2>&1")),
        (PACKAGE, ("", "A=$(cat /etc/b) /usr/sbin/nginx -t")),
        (Change("unit", "web.service", "", "active (running)"), ("service", "web")),
        (PORT, ("socket", "tcp://0.0.0.0:80")),
        (PORT, ("socket", "tcp://80")),
        (PORT, ("", "curl -s http://localhost:80/")),
        (Change("user", "web", "", "uid 3"), ("", "id -u web")),
        (Change("mount", "/srv/x", "", "ext4"), ("mount_point", "/srv/x")),
        (SETTING, ("sysctl", "net.ipv4.ip_forward")),
        (SETTING, ("", "cat /proc/sys/net/ipv4/ip_forward")),
        (RULE, ("", "nft list ruleset | grep 22")),
    ],
)  # fmt: skip
def test_what_a_check_asked_about_is_covered(change: Change, asked: tuple[str, str]) -> None:
    """With a function of testinfra's, or with a command; on the host that changed."""
    assert covers(change, asked)
    assert not covers(change, asked, on="other")


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (FILE, ("file", "/etc/web")),
        (FILE, ("file", "/etc/web/a.conf.d")),
        (FILE, ("", "ls /etc/web/a.conf.bak")),
        (PACKAGE, ("package", "webmin")),
        (PACKAGE, ("", "echo web")),
        (PORT, ("socket", "tcp://8080")),
        (PORT, ("socket", "udp://80")),
        (Change("user", "web", "", "uid 3"), ("group", "web")),
    ],
)
def test_what_only_looks_alike_is_not_covered(change: Change, asked: tuple[str, str]) -> None:
    """A directory is not what is in it, and a longer name is another one."""
    assert not covers(change, asked)


def test_a_name_in_the_source_counts_where_a_list_was_asked_for() -> None:
    """A check may ask for all packages, and look for one of them."""
    source = 'assert "web" in host.check_output("dpkg-query -W")'
    assert covers(PACKAGE, ("", "dpkg-query -W"), source=source)
    assert not covers(PACKAGE, ("", "uptime"), source=source)
    assert not covers(PACKAGE, source=source)


def test_a_new_directory_is_covered_by_the_check_of_a_file_in_it() -> None:
    """The file could not be there without it; the other way round nothing is known."""
    made = Change("file", "/etc/web", "", "directory 0755 root:root")
    other = Change("file", "/etc/webs", "", "directory 0755 root:root")
    evidence = Evidence(PLACE, {"box": frozenset({Asked("file", FILE.name)})})
    found = covered([made, other, FILE], "box", [evidence], Owned())
    assert [bool(one.checks) for one in found] == [True, False, True]


def test_a_package_is_covered_by_the_check_of_a_port_on_which_its_program_listens() -> None:
    """What answers there would not without the package."""
    evidence = Evidence(PLACE, {"box": frozenset({Asked("socket", "tcp://80")})})
    owned = Owned({"/usr/sbin/nginx": "web", "/usr/sbin/other": "other"})
    other = evolve(PACKAGE, name="other")
    found = covered([PACKAGE, other, PORT], "box", [evidence], owned)
    assert [bool(one.checks) for one in found] == [True, False, True]


def test_what_came_with_a_package_is_told_apart() -> None:
    """Others that it needs, its files as shipped, and users that its scripts make."""
    printed = (
        b"\0\x1elisted\x1e/etc/web\n/etc/web/a.conf\n\n/etc/lib.conf\0\x1e=\x1e0"
        b"\0\x1econffiles\x1e /etc/web/a.conf 5d41402abc4b2a76b9719d911017c592\n\0\x1e=\x1e0"
        b"\0\x1emakers\x1e/var/lib/dpkg/info/web.postinst:web\n\0\x1e=\x1e0"
        b"\0\x1etargets\x1eweb: /usr/share/web/mod\nother: /usr/share/other\n\0\x1e=\x1e0"
    )
    owned = parse_owned(printed, ["web", "libweb"])
    changes = [
        PACKAGE, Change("package", "libweb", "", "1"), FILE,
        Change("file", "/etc/web", "", "directory 0755 root:root"),
        Change("file", "/etc/lib.conf", "", "file 0644 root:root, 9 bytes"),
        Change("file", "/etc/mods/a", "", "link to /usr/share/web/mod"),
        Change("file", "/etc/mods/b", "", "link to ../../usr/share/other"),
        Change("user", "web", "", "uid 3"), Change("user", "amy", "", "uid 4"),
    ]  # fmt: skip
    found = with_origins(changes, Look(), Look(), owned, "apt install web", ["/etc/web/a.conf"])
    assert {one.name: one.came_with for one in found if one.kind != "user"} == {
        "web": "", "libweb": "web", "/etc/web/a.conf": "web", "/etc/web": "web",
        "/etc/mods/a": "web", "/etc/mods/b": "",
        "/etc/lib.conf": "",  # somebody has written into it
    }  # fmt: skip
    assert [one.came_with for one in found if one.kind == "user"] == ["web", ""]
    edited = with_origins(changes, Look(), Look(), owned, "apt install web; vi /etc/web/a.conf", ())
    assert not next(one for one in edited if one == FILE).came_with


def test_patterns_leave_out_what_they_match() -> None:
    """Those of the step come first; a directory's slash stands for all below it."""
    changes = (FILE, Change("unit", "a.timer", "", "active"), PORT)
    found = left_out(changes, ["/etc/web/"], ["unit:*.timer", "/etc/*"])
    assert [one.left_out for one in found] == ["the step", "conf.py", ""]
    assert count(found) == Count(left_out=2, uncovered=1)
    assert [problem(p) for p in ("/etc/*", "**~", "unit:x")] == ["", "", ""]
    assert "units:x" in problem("units:x")


def test_many_files_of_a_new_directory_are_told_once() -> None:
    """Those that a check covers, and those that none does, by themselves."""
    made = Change("file", "/srv/a", "", "directory 0755 root:root")
    many = [Change("file", f"/srv/a/{n // 9}/{n}", "", "file 0644 root:root") for n in range(30)]
    one = evolve(many[7], checks=(PLACE,))
    found = folded([made, *many[:7], one, *many[8:], Change("file", "/srv/b", "", "x"), PORT])
    assert [(c.name, c.after) for c in found] == [
        ("/srv/a", "directory 0755 root:root"),
        ("/srv/a/**", "29 files and directories"),
        ("/srv/a/0/7", "file 0644 root:root"),
        ("/srv/b", "x"),
        ("tcp://80", "on 0.0.0.0 by nginx"),
    ]
    assert folded(many[:5]) == tuple(many[:5])


def test_traces_of_programs_are_no_changes() -> None:
    """What package managers, logins and the kernel touch by themselves is not told."""
    traces = [
        Change("file", "/etc/ld.so.cache", "a", "b"),
        Change("file", "/etc/hosts~", "", "b"),
        Change("file", "/root/.cache", "", "directory 0700 root:root"),
        Change("sysctl", "net.ipv4.tcp_fastopen_key", "0-0", "1-2"),
        Change("file", "/etc/systemd/system/a.target.wants/x.service", "", "link to /x"),
        Change("sysctl", "net.ipv4.conf.veth0.mtu", "", "1"),
        Change("port", "udp://49152", "", "on 0.0.0.0"),
    ]
    assert told([*traces, FILE]) == (FILE,)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change("file", "/a", "file 0644 a:b, 1 bytes"), 'assert not host.file("/a").exists'),
        (
            Change("file", "/a", "", "link to /b"),
            'assert host.check_output("readlink %s", "/a") == "/b"',
        ),
        (Change("file", "/a", "", "directory 4750 root:kvm"), "assert file.mode == 0o4750"),
        (
            Change("file", "/a", "x", "y", lines=("b = 'c'",)),
            """assert "b = 'c'" in host.file("/a").content_string""",
        ),
        (Change("package", "a", "1", "2"), 'assert not host.package("a").version.startswith("1")'),
        (Change("unit", "a.service", "", "active (running), enabled"), "assert unit.is_enabled"),
        (Change("unit", "a.service", "active (running)", ""), "assert not unit.is_running"),
        (
            Change("port", "udp://53", "", "on 0.0.0.0 by a, [::] by a"),
            'assert host.socket("udp://53").is_listening',
        ),
        (
            Change("group", "g", "gid 1", "gid 1, members a b"),
            'assert "g" in host.user("b").groups',
        ),
        (Change("mount", "/m", "", "/dev/b, ext4, rw"), 'assert mount.filesystem == "ext4"'),
        (Change("sysctl", "a.b", "0", "1"), 'assert host.sysctl("a.b") == 1'),
        (
            Change("firewall", "iptables filter INPUT", "policy DROP", "policy DROP; -j LOG"),
            'assert "-j LOG" in host.check_output("iptables-save")',
        ),
    ],
)
def test_a_proposal_is_a_check_that_an_author_would_write(change: Change, line: str) -> None:
    """It is Python, in the vocabulary of testinfra, below a sentence."""
    proposal = proposed(change)
    assert line in proposal.lines
    ast.parse("\n".join(proposal.lines))
    assert proposal.rst(3).startswith(f"   .. check:: {proposal.sentence}\n\n      ")
