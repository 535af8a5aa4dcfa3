"""What a host printed at a look is understood, and what it could not say is said."""

from __future__ import annotations

import subprocess

from runbook.observation.change import KINDS
from runbook.observation.difference import Content, differences, to_read
from runbook.observation.look import Look, parse
from runbook.observation.script import look_script
from runbook.redaction.known import KnownSecrets


def printed(**parts: str) -> bytes:
    """What a script prints that has these parts, all of which succeeded."""
    return b"".join(f"\0\x1e{name}\x1e{text}\0\x1e=\x1e0".encode() for name, text in parts.items())


def file(path: str, line: str = "f 644 root:root 5 11 1.0 1.0", target: str = "") -> str:
    """A file as `find` prints it."""
    return f"{line} {path}\0{target}\0"


EVERYTHING = {
    "files": file("/etc/motd")
    + file(
        "/etc/systemd/system/multi-user.target.wants/web.service", "l 777 root:root 9 1 1 1", "w"
    )
    + file("/etc/systemd/system/nope.service", "l 777 root:root 9 1 1 1", "/dev/null"),
    "more": file("/root/with space"),
    "dpkg": "web\t1.2-3\tii \nold\t1\trc \n",
    "auto": "Package: libweb\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: web\n",
    "units": "web.service loaded active running The web\nnot.service not-found inactive dead x\n",
    "ports": "Netid State Recv-Q Send-Q Local Peer\n"
    'tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=7,fd=6))\n'
    'tcp LISTEN 0 511 [::]:80 [::]:* users:(("nginx",pid=7,fd=6))\n',
    "users": "web:x:33:33:Web:/var/www:/bin/false\n",
    "passwords": "web:!:1:0:::::\n",
    "groups": "web:x:33:amy,bob\n",
    "mounts": "proc /proc proc rw 0 0\n/dev/vdb /srv/a\\040b ext4 rw,size=5k 0 0\n",
    "nft": "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0;\n"
    "\t\ttcp dport 22 counter packets 17 bytes 1020 accept # handle 4\n\t}\n"
    "\tchain out {\n\t\ttype filter hook output priority 0; policy accept;\n\t}\n"
    "\tchain none {\n\t}\n}\n",
    "sysctl": "/proc/sys/net/ipv4/ip_forward:0\n/proc/sys/net/ipv4/conf/eth0.5/mtu:1\n",
}


def test_every_kind_is_read() -> None:
    """Names and words are those that a check would use."""
    look = parse(printed(**EVERYTHING))
    assert look.missing == {}
    assert look.things == {
        "package": {"web": "1.2-3"},
        "unit": {"web.service": "active (running), enabled", "nope.service": "inactive, masked"},
        "port": {"tcp://80": "on 0.0.0.0 by nginx, [::] by nginx"},
        "user": {"web": "uid 33, gid 33, home /var/www, shell /bin/false"},
        "group": {"web": "gid 33, members amy bob"},
        "mount": {"/srv/a b": "/dev/vdb, ext4, rw"},
        "firewall": {
            "inet filter chain input": "type filter hook input priority 0; "
            "tcp dport 22 counter accept"
        },
        "sysctl": {"net.ipv4.ip_forward": "0", "net.ipv4.conf.eth0/5.mtu": "1"},
    }
    assert look.automatic == {"libweb"}
    assert look.files["/root/with space"].words == "file 0644 root:root, 5 bytes"


def test_what_is_missing_is_not_observed() -> None:
    """A program that is not there, fails or takes too long never means that nothing changed."""
    cut = b"\0\x1eports\x1e\0\x1e=\x1ess is not installed\0\x1eusers\x1e\0\x1e=\x1e124"
    before, after = parse(printed(**EVERYTHING)), parse(cut)
    assert after.missing["port"] == "ss is not installed"
    assert after.missing["user"] == "it took more than 10 s"
    assert after.missing.keys() == KINDS.keys()
    changes, unknown = differences(before, after, {}, {})
    assert changes == ()
    assert unknown.keys() == KINDS.keys()


def looks(**parts: str) -> tuple[Look, Look]:
    """Two looks, between which only these parts have changed."""
    return parse(printed(**EVERYTHING)), parse(printed(**{**EVERYTHING, **parts}))


def test_changes_are_told_in_words() -> None:
    """One that came, one that went, and one that is another."""
    before, after = looks(
        dpkg="web\t2\tii \n", users="", groups="web:x:33:amy\n", passwords="web:$6$x:1:0:::::\n"
    )
    changes, _ = differences(before, after, {}, {})
    assert [str(one) for one in changes] == [
        "package web: 1.2-3 → 2",
        "user web: gone; it was uid 33, gid 33, home /var/www, shell /bin/false",
        "group web: gid 33, members amy bob → gid 33, members amy",
    ]
    (password,), _ = differences(*looks(passwords="web:$6$rosebud:1:0:::::\n"), {}, {})
    assert password.after.endswith("another password")
    assert "rosebud" not in repr(after) + str(password)


def test_a_file_has_changed_if_its_content_has() -> None:
    """One that was only touched has not; lines that it got are told if anyone may read it."""
    touched = EVERYTHING["files"].replace(file("/etc/motd"), file("/etc/motd", _LATER))
    before, after = looks(files=touched)
    assert to_read(after.files, before) == ["/etc/motd"]
    old, new = Content.of(b"one\n"), Content.of(b"one\n# a remark\ntwo\n")
    assert differences(before, after, {"/etc/motd": old}, {"/etc/motd": old})[0] == ()
    (change,), _ = differences(before, after, {"/etc/motd": old}, {"/etc/motd": new})
    assert change.after == "file 0644 root:root, 5 bytes, other content"
    assert change.lines == ("two",)
    hidden = EVERYTHING["files"].replace(
        file("/etc/motd"), file("/etc/motd", _LATER.replace("644", "600"))
    )
    (change,), _ = differences(*looks(files=hidden), {"/etc/motd": old}, {"/etc/motd": new})
    assert change.lines == ()


def test_a_secret_is_masked_before_lines_of_a_file_are_taken() -> None:
    """It may have several lines, or be encoded in them, and only some of them are told."""
    touched = EVERYTHING["files"].replace(file("/etc/motd"), file("/etc/motd", _LATER))
    before, after = looks(files=touched)
    old, new = Content.of(b"one\n"), Content.of(b"one\nab12\ncd34x\nef56\ngh78\ntwo\n")
    redact = KnownSecrets(["ab12\ncd34x\nef56\ngh78"]).redact
    (change,), _ = differences(before, after, {"/etc/motd": old}, {"/etc/motd": new}, redact)
    assert change.lines == ("[secret]", "two")


_LATER = "f 644 root:root 5 12 2.0 2.0"


def test_the_script_of_a_look_works_on_this_machine() -> None:
    """Whatever this machine lacks is missing with a reason."""
    ran = subprocess.run(
        ["bash", "-c", look_script(["/nowhere/at all"])],
        stdin=subprocess.DEVNULL, capture_output=True, check=True,
    )  # fmt: skip
    look = parse(ran.stdout)
    assert "/etc/passwd" in look.files
    assert look.things["user"]["root"].startswith("uid 0")
    assert all(look.missing.values())
