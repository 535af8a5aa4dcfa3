"""Container engines: which one is used, with which options, and how its errors are handled."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.container import engine
from runbook.labs.container.engine import Engine
from runbook.labs.container.state import container_state
from tests.support.waiting import until


def test_the_most_common_options_are_tried_first() -> None:
    """The first candidate has no options, and none exceeds the caller's limits."""
    found = list(engine.candidates("podman", ["crun", "runc"], (20000, -1)))
    assert found[0] == Engine("podman")
    assert found[1:3] == [Engine("podman", "crun"), Engine("podman", "runc")]
    assert {one.ulimits for one in found} == {
        (),
        ("nofile=20000:20000", "nproc=32768:32768"),
        ("nofile=4096:4096", "nproc=4096:4096"),
    }
    assert all(one.cgroups for one in engine.candidates("docker", [], (1, 1)))


def test_each_engine_gets_the_options_it_understands() -> None:
    """Podman takes --runtime for every subcommand and supports systemd; docker does neither."""
    assert Engine("podman", "runc").argv("start", "x") == ["podman", "--runtime=runc", "start", "x"]
    assert Engine("docker", "runc").argv("start", "x") == ["docker", "start", "x"]
    assert Engine("docker", "runc").argv("run", "x") == ["docker", "run", "--runtime=runc", "x"]
    assert "--systemd=always" in Engine("podman").systemd_options()
    assert "--tmpfs=/run" in Engine("docker").systemd_options()


def test_the_first_options_that_boot_a_host_are_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cache holds until the machine changes; then all options are tried again."""
    monkeypatch.setattr(engine, "CACHE", tmp_path)
    tried: list[Engine] = []

    def attempt(candidate: Engine) -> None:
        tried.append(candidate)
        if not candidate.ulimits:
            raise LabError("operation not permitted")

    lines: list[str] = []
    first = engine.find_working(Engine("podman"), attempt, lines.append)
    assert first.ulimits
    assert first == tried[-1]
    assert lines == [f"engine: {first} (found after {len(tried)} attempts)"]
    count = len(tried)
    assert engine.find_working(Engine("podman"), attempt, lines.append) == first
    assert len(tried) == count
    stored = json.loads((tmp_path / "engine.json").read_text())
    (tmp_path / "engine.json").write_text(json.dumps(stored | {"key": "another boot"}))
    engine.find_working(Engine("podman"), attempt, lines.append)
    assert len(tried) == 2 * count


def test_an_unreadable_cache_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a cache file leads to a new search, not to an error."""
    monkeypatch.setattr(engine, "CACHE", tmp_path)
    (tmp_path / "engine.json").write_text('{"key": ')
    assert engine.find_working(Engine("podman"), lambda _: None, print) == Engine("podman")


def test_if_no_options_work_the_error_lists_every_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each candidate is shown with the error of the engine."""
    monkeypatch.setattr(engine, "CACHE", tmp_path)

    def attempt(candidate: Engine) -> None:
        raise LabError(f"no, from {candidate.program}")

    with pytest.raises(LabError) as caught:
        engine.find_working(Engine("podman"), attempt, print)
    lines = str(caught.value).splitlines()
    assert "no container engine can boot a host" in lines[0]
    assert lines[1] == "  podman: no, from podman"
    assert len(lines) > 3


@pytest.mark.parametrize(("failures", "removed"), [(2, True), (99, False)])
def test_removing_a_container_is_retried_while_its_processes_die(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int, removed: bool
) -> None:
    """On a busy disk the engine gives up too early; the number of retries is limited."""
    program = tmp_path / "podman"
    program.write_text(
        # Where loop devices are in use, it is asked for the containers that they may be of.
        f"#!/bin/sh\ncase \" $* \" in *' rm '*) ;; *) echo '[]'; exit ;; esac\n"
        f"echo x >>{tmp_path}/calls\n"
        f"[ $(wc -l <{tmp_path}/calls) -gt {failures} ] && exit 0\n"
        "echo 'Error: given PIDs did not die within timeout' >&2; exit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    if removed:
        Engine("podman").remove("one")
    else:
        with pytest.raises(LabError, match="did not die"):
            Engine("podman").remove("one")
    assert len((tmp_path / "calls").read_text().split()) == (failures + 1 if removed else 6)


@pytest.mark.skipif(
    subprocess.run(["unshare", "--user", "--net", "true"], capture_output=True).returncode != 0,
    reason="needs user namespaces, which this machine refuses",
)
def test_a_container_whose_process_is_gone_is_lost() -> None:
    """After a crash of the machine, podman still reports its containers as running."""
    with subprocess.Popen(["unshare", "--user", "--net", "cat"], stdin=subprocess.PIPE) as process:
        until(lambda: not Path(f"/proc/{process.pid}/ns/net").samefile("/proc/self/ns/net"))
        assert container_state(_info("running", process.pid)) == "running"
    assert container_state(_info("running", process.pid)) == "lost"
    assert container_state(_info("running", os.getpid())) == "lost"
    assert container_state(_info("exited", 0)) == "exited"


def _info(status: str, pid: int) -> dict[str, object]:
    return {"State": {"Status": status, "Pid": pid}}
