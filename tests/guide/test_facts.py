"""What the guide says of programs that cannot be run here is what their sources say.

Each fact is from the file that a source note of the guide names (`docs/sources`).
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.model import Command, Dialogue, FileContent, Runbook, Step, cluster
from tests.support.paths import ROOT

VM_STATUS = {"down": 0, "up": 1, "migrating": 5, "unknown": 7, "not responding": 8}
"""ovirt-engine 4.5.7, VMStatus.java."""

POSTGRES = Path("/usr/lib/postgresql/15/bin")


def of(guide: Runbook, step: str) -> Step:
    """Return the step with this id."""
    (found,) = (one for one in guide.steps() if one.id == step)
    return found


def typed(step: Step) -> Iterator[str]:
    """Yield what a step types or writes."""
    for action in step.actions:
        if isinstance(action, Command | Dialogue | FileContent):
            yield action.text


def test_no_host_of_ovirt_works_on_guests_disks_or_runs_foreman(ovirt_guide: Runbook) -> None:
    """An oVirt host runs what the engine gives it, and nothing beside it."""
    lab = cluster.load(ROOT / cluster.PLACE)
    ours = {host.name for host in lab.select(("ovirt-hosts",))}
    disks = {host.name for host in lab.select(("guest-disks",))}
    assert ours
    assert disks
    assert not ours & disks
    for step in ovirt_guide.steps():
        where = {host.name for host in lab.select(step.on)}
        if step.id.startswith("guests/"):
            assert where <= disks, step.id
        elif step.id.startswith("integration/foreman/"):
            assert not where & ours, step.id


def test_what_steps_mount_over_nfs_is_what_earlier_steps_export(ovirt_guide: Runbook) -> None:
    """A directory that nobody exports cannot be mounted."""
    exported: set[tuple[str, str]] = set()
    mounted = 0
    for step in ovirt_guide.steps():
        text = "\n".join([*typed(step), *(check.source for check in step.checks)])
        for action in step.actions:
            if isinstance(action, FileContent) and "exports" in action.path:
                lines = re.findall(r"^(/\S+)\s", action.text, re.MULTILINE)
                exported |= {(one, path) for one in step.platforms for path in lines}
        # GlusterFS of Enterprise Linux 6 serves each directory of a volume.
        for volume, mount in re.findall(r"mount -t glusterfs gs1\S*:(/\w+) (/\S+)", text):
            made = re.findall(rf"^mkdir -p {mount}/\w.*", text, re.MULTILINE)
            names = re.findall(rf"{mount}(/\w+)", "".join(made))
            exported |= {("el6", f"{volume}{name}") for name in names if "el6" in step.platforms}
        for path in re.findall(r"(?:-os|nfs\S*|ro,nfsvers=3) 192[.]168[.]10[.]101:(/\S+)", text):
            mounted += 1
            for platform in step.platforms:
                assert (platform, path.rstrip('"')) in exported, (step.id, path)
    assert mounted


def test_the_numbers_of_the_status_of_a_vm_are_the_engines(ovirt_guide: Runbook) -> None:
    """A wrong number sets a VM to a state that it is not in."""
    text = (ROOT / "docs/administration/database.rst").read_text()
    (row,) = re.findall(r"``run_on_vds``[.] (.*)", text)
    said = {name: int(number) for number, name in re.findall(r"(\d) (?:is )?([a-z ]+)", row)}
    assert said == VM_STATUS
    guards = [
        guard
        for step in ovirt_guide.steps()
        for text in typed(step)
        for guard in re.findall(r"status IN \(([\d, ]+)\)", text)
    ]
    wanted = [VM_STATUS[name] for name in ("migrating", "unknown", "not responding")]
    assert [[int(one) for one in guard.split(",")] for guard in guards] == [wanted] * 3


def test_no_step_unlocks_everything(ovirt_guide: Runbook) -> None:
    """Without -q the type `all` unlocks what running tasks have locked."""
    lines = [
        line
        for step in ovirt_guide.steps()
        for text in typed(step)
        for line in text.splitlines()
        if "unlock_entity" in line
    ]
    assert lines
    assert [line for line in lines if "-t all" in line and "-q" not in line] == []


def test_what_changes_a_sealed_disk_leaves_it_sealed(ovirt_guide: Runbook) -> None:
    """virt-customize writes a machine id if there is none; all clones would share it."""
    lines = [
        line
        for step in ovirt_guide.steps()
        for text in typed(step)
        for line in text.splitlines()
        if line.startswith("virt-customize ")
    ]
    assert len(lines) == 3
    assert [line for line in lines if " --truncate /etc/machine-id" not in line] == []


def test_the_proxy_admits_the_clients_network_and_its_firewall_the_same() -> None:
    """Whoever sits in another network than the storage can use it; no step opens a port twice."""
    text = (ROOT / "docs/consoles/squid.rst").read_text()
    assert text.count("acl clients src |client-network|") == 2
    assert "|storage-network|" not in text
    assert "iptables -I" not in text
    firewall = (ROOT / "docs/preparing-hosts.rst").read_text()
    assert "-A INPUT -s |client-network| -p tcp -m multiport --dports 3128," in firewall


def test_steps_for_enterprise_linux_6_use_what_it_has(ovirt_guide: Runbook) -> None:
    """PostgreSQL 8.4 has no DO, and runuser there has no -u."""
    for step in ovirt_guide.steps():
        if step.platforms == ("el6",):
            texts = [*typed(step), *(check.source for check in step.checks)]
            assert not any(re.search(r"\bDO \$|runuser -u|systemctl ", text) for text in texts), (
                step.id
            )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket's directory of a PostgreSQL with the engine's tables and the stale VM `aaa`."""
    if not POSTGRES.is_dir() or not shutil.which("psql"):
        pytest.skip("needs postgresql-15")
    place = tmp_path_factory.mktemp("pg")
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    as_user = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
    for directory in (place, *place.parents[:3]):
        directory.chmod(0o755)
    if as_user:
        shutil.chown(place, user)
    data = place / "data"

    def run(*argv: str | Path) -> None:
        subprocess.run([*as_user, *argv], check=True, capture_output=True, cwd="/")

    run(POSTGRES / "initdb", "-A", "trust", "-U", "postgres", "-N", "-D", data)
    options = f"-c listen_addresses= -k {place} -c fsync=off"
    run(POSTGRES / "pg_ctl", "-w", "-D", data, "-o", options, "-l", place / "log", "start")
    try:
        yield place
    finally:
        run(POSTGRES / "pg_ctl", "-m", "immediate", "-D", data, "stop")


def sql(database: Path, name: str, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run psql as the steps do."""
    command = ["psql", "-h", str(database), "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-At"]
    return subprocess.run(
        [*command, *argv, name], capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.mark.parametrize(
    "platform", ["set-the-vm-to-down", "set-the-vm-to-down-in-the-3-4-database"]
)
def test_the_guard_changes_one_vm_or_nothing(
    ovirt_guide: Runbook, database: Path, tmp_path: Path, platform: str
) -> None:
    """The statements of both versions do what their step says, on a real PostgreSQL."""
    (written,) = (
        one
        for one in of(ovirt_guide, f"administration/database/{platform}").actions
        if isinstance(one, FileContent)
    )
    exercise = of(ovirt_guide, "administration/database/make-the-exercise-database")
    (tables,) = (one for one in exercise.actions if isinstance(one, FileContent))
    name = platform.replace("-", "_")
    (tmp_path / "tables.sql").write_text(tables.text)
    (tmp_path / "down.sql").write_text(written.text)
    assert sql(database, "postgres", "-c", f"CREATE DATABASE {name}").returncode == 0
    assert sql(database, name, "-f", str(tmp_path / "tables.sql")).returncode == 0
    asked = (
        "SELECT vm_name, status, run_on_vds IS NULL FROM vm_static JOIN vm_dynamic USING (vm_guid)"
    )
    assert sql(database, name, "-f", str(tmp_path / "down.sql")).returncode == 0
    assert sql(database, name, "-c", f"{asked} ORDER BY 1").stdout.split() == ["aaa|0|t", "bbb|1|f"]
    again = sql(database, name, "-f", str(tmp_path / "down.sql"))
    assert again.returncode == 3
    assert "expected to change 1 row, not 0" in again.stderr
    assert sql(database, name, "-c", f"{asked} ORDER BY 1").stdout.split() == ["aaa|0|t", "bbb|1|f"]


CHAPTERS = ("administration/", "consoles/", "guests/", "integration/")
OWN = re.compile(r"Password of ")
"""What the guide's own `read -p` asks."""


def is_from(question: str, source: str) -> bool:
    """Return whether a question is that of a source, which names in braces what varies."""
    known = re.sub(r"\\{[^}]*\\}", ".*", re.escape(" ".join(source.split()).rstrip(":")))
    shown = re.escape(question.rstrip(":")).replace(re.escape("..."), ".*")
    return bool(
        re.fullmatch(known, question.rstrip(":")) or re.match(shown, " ".join(source.split()))
    )


def test_every_question_of_these_chapters_is_quoted_from_a_source(ovirt_guide: Runbook) -> None:
    """With its answers and its default, in a note that the step names."""
    notes = {note.id: re.findall(r'"([^"]+)"', note.says) for note in ovirt_guide.sources}
    asked = 0
    for step in ovirt_guide.steps():
        if step.id.startswith(CHAPTERS) and not {"el9", "el6"}.isdisjoint(step.platforms):
            quoted = [text for name in step.sources for text in notes[name]]
            for action in step.actions:
                for turn in action.turns if isinstance(action, Dialogue) else ():
                    lines = [*turn.before.splitlines(), turn.prompt]
                    # A question may have several lines.
                    ends = [" ".join(" ".join(lines[-n:]).split()) for n in range(1, 4)]
                    if not OWN.match(ends[0]):
                        asked += 1
                        found = any(is_from(end, one) for end in ends for one in quoted)
                        assert found, (step.id, ends[0])
    assert asked > 35


def test_a_drill_is_chosen_by_a_name_of_its_own(ovirt_guide: Runbook) -> None:
    """Whoever chooses the restore of a VM does not remove the engine: a name means one chapter."""
    chapters: dict[str, set[str]] = {}
    for step in ovirt_guide.steps():
        for drill in step.choices:
            if drill.startswith("drill="):
                chapters.setdefault(drill, set()).add(step.id.rpartition("/")[0])
    assert {"drill=restore", "drill=restore-vm"} <= set(chapters)
    assert all(len(found) == 1 for found in chapters.values()), chapters
