"""Containers of an ordinary user: what they lack is named with what to type, and they prove steps.

Where systemd has given the user no control group, a test gives one, in a mount namespace.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.container import rootless
from tests.support.guides import Guide
from tests.support.ordinary_user import (
    UID,
    give,
    lacking_for_ordinary_users,
    place_for_all,
    run_as_user,
    user_argv,
    user_environment,
)

CLUSTER = """
name: sample
network: 10.9.8.0/24
platform: debian12
hosts:
  box: {address: 10.9.8.1}
  other: {address: 10.9.8.2}
container:
  image: {packages: [iproute2, iputils-ping]}
"""
STEP = """
.. step:: Reach the other host
   :on: box

   .. code-block:: console

      # ping -c 1 10.9.8.2 > /root/answer

   .. check:: it has answered

      assert "1 received" in host.file("/root/answer").content_string
"""
# Delegation as systemd does it: the group is the user's, and this process is in it.
DELEGATED = """
set -e
mkdir -p "$GROUP/leaf"
chown {uid} "$GROUP" "$GROUP/leaf" "$GROUP/cgroup.procs" "$GROUP/leaf/cgroup.procs" \\
    "$GROUP/cgroup.subtree_control"
echo $$ >"$GROUP/leaf/cgroup.procs"
mount --make-rprivate /
[ "$TOP" = /sys/fs/cgroup ] || mount --rbind "$TOP" /sys/fs/cgroup
for file in subuid subgid; do mount --bind "$PLACE/$file" /etc/$file; done
mount --make-rshared /
exec {program}
"""


def lacks() -> dict[str, tuple[str, ...]]:
    """Return what is missing, with what to type."""
    return {lack.what: lack.commands for lack in rootless.missing()}


def test_programs_that_are_missing_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the packages that have them."""
    monkeypatch.setenv("PATH", str(tmp_path))
    found = lacks()
    assert found["podman is not installed"] == ("sudo apt-get install podman",)
    assert found["newuidmap is not installed"] == ("sudo apt-get install uidmap",)
    assert any("slirp4netns nor pasta" in one for one in found)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("", "100000-165535"),
        ("dora:100000:65536\nme:165536:1000\n", "166536-232071"),
        ("me:100000:65536\n", None),
    ],
)
def test_ids_for_containers_are_proposed_that_nobody_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, span: str | None
) -> None:
    """If the user has less than a Debian has users."""
    files = tmp_path / "subuid", tmp_path / "subgid"
    for path in files:
        path.write_text(text)
    monkeypatch.setattr(rootless, "_SUBORDINATE", files)
    monkeypatch.setenv("LOGNAME", "me")
    commands = [one for what, one in lacks().items() if "me has less than 65536 ids" in what]
    assert commands == (
        [(f"sudo usermod --add-subuids {span} --add-subgids {span} me", "podman system migrate")]
        if span
        else []
    )


def test_control_groups_must_have_been_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of version 1 cannot be; and not every login gets one of version 2."""
    monkeypatch.setattr(rootless, "GROUPS", tmp_path)
    assert any("version 1, which cannot be given" in one for one in lacks())
    (tmp_path / "cgroup.controllers").touch()
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = lacks()
    assert ("sudo loginctl enable-linger root",) in found.values() or os.geteuid() != 0
    assert any("no control group has been given to" in one for one in found)
    assert any("/dev/net/tun is not there, or not for you" in one for one in found)


@pytest.mark.skipif(bool(lacking_for_ordinary_users()), reason=lacking_for_ordinary_users() or "-")
@pytest.mark.parametrize("command", [("run",), ("lab", "up"), ("lab", "down"), ("check",)])
def test_a_user_is_told_all_that_is_missing(command: tuple[str, ...]) -> None:
    """At once, before anything is planned or tried; the doctor says the same."""
    with place_for_all() as place:
        guide = Guide(place, STEP, cluster=CLUSTER)
        give(guide.directory)
        done = run_as_user(*command, guide.directory)
        assert done.returncode == 3
        assert done.stderr.startswith("runbook: containers of your own cannot run here:\n")
        last = done.stderr.splitlines()[-1]
        assert last.startswith("Or as root: sudo ")
        assert last.endswith(f"-m runbook {' '.join(command)} {guide.directory}")
        assert "nobody has less than 65536 ids in /etc/subuid and /etc/subgid" in done.stderr
        assert not (guide.directory / "build").exists()
        doctor = run_as_user("lab", "doctor", "--lab", "container")
        assert doctor.returncode == 3
        assert "no   nobody has less than 65536 ids in /etc/subuid and /etc/subgid" in doctor.stdout


def test_others_than_the_command_line_are_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing comes first."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LabError, match="podman is not installed"):
        rootless.entering(["true"])


def _lacking() -> str:
    """Return what is missing for containers of an ordinary user, beside a control group."""
    if why := lacking_for_ordinary_users():
        return why
    programs = ("podman", "crun", "newuidmap", "slirp4netns", "mmdebstrap", "unshare")
    if missing := [program for program in programs if shutil.which(program) is None]:
        return f"needs {', '.join(missing)}"
    tun = Path("/dev/net/tun")
    if not tun.exists() or tun.stat().st_mode & 0o006 != 0o006:
        return f"needs {tun} for everybody"
    return "" if _version_2() else "needs control groups of version 2"


def _version_2() -> str:
    """Return where control groups of version 2 are mounted; empty if nowhere."""
    mounts = Path("/proc/self/mounts").read_text()
    found = re.search(r"^\S+ (\S+) cgroup2 rw", mounts, re.MULTILINE)
    return found[1] if found else ""


def end(group: Path) -> None:
    """End the processes of a control group, such as podman's own, and remove the group."""
    with (group / "cgroup.events").open() as events:
        (group / "cgroup.kill").write_text("1")
        changed = select.poll()
        changed.register(events, select.POLLPRI)
        while "populated 1" in events.read():
            changed.poll(10_000)
            events.seek(0)
    for path in sorted((one for one in group.rglob("*") if one.is_dir()), reverse=True):
        path.rmdir()
    group.rmdir()


@pytest.mark.lab
@pytest.mark.skipif(bool(_lacking()), reason=_lacking() or "-")
def test_a_user_proves_a_guide_on_containers() -> None:
    """From the image to the end, on hosts that reach one another; nothing is left running."""
    group = Path(_version_2()) / f"runbook-test-{os.getpid()}"
    with place_for_all() as place:
        guide = Guide(place, STEP, cluster=CLUSTER)
        for name in ("subuid", "subgid"):
            (place / name).write_text("nobody:2000000:65536\n")
        settings = place / "home/.config/containers/storage.conf"
        settings.parent.mkdir(parents=True)
        settings.write_text('[storage]\ndriver = "overlay"\n')
        (place / "run").mkdir(mode=0o700)
        give(place)
        environment = {
            **user_environment(),
            "HOME": str(place / "home"),
            "XDG_RUNTIME_DIR": str(place / "run"),
        }

        def call(*argv: str) -> subprocess.CompletedProcess[str]:
            program = f"env {shlex.join(f'{k}={v}' for k, v in environment.items())} "
            text = DELEGATED.format(uid=UID, program=program + shlex.join(argv))
            return subprocess.run(
                ["unshare", "--mount", "sh", "-c", text],
                env={"PATH": environment["PATH"], "GROUP": str(group), "TOP": _version_2(),
                     "PLACE": str(place)},
                cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )  # fmt: skip

        try:
            done = call(*user_argv("run", str(guide.directory)))
            assert done.returncode == 0, done.stdout + done.stderr
            assert "1 step proven" in done.stdout
            assert (guide.directory / "build/container/journal.jsonl").stat().st_uid == UID
            listed = call(*user_argv("lab", "exec", "other", "--guide", str(guide.directory), "--",
                                     "cat", "/proc/self/uid_map"))  # fmt: skip
            assert listed.stdout.split()[:3] == ["0", str(UID), "1"], listed.stderr
        finally:
            down = call(*user_argv("lab", "down", "--image", str(guide.directory)))
            left = call(*user_argv()[:4], "podman", "ps", "--all", "--quiet")
            call(*user_argv()[:4], "podman", "unshare", "rm", "-rf", str(place / "home/.local"))
            end(group)
        assert down.returncode == 0, down.stderr
        assert left.stdout == ""
