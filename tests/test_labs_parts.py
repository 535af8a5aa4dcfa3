"""What a lab decides before it touches the machine."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from runbook import cluster
from runbook.labs import LabError, engine, image, network
from runbook.labs.container import ContainerLab
from runbook.labs.engine import Engine
from runbook.labs.local import LocalLab
from runbook.labs.pod import state
from runbook.labs.recipe import Recipe, recipes
from runbook.labs.registry import carried
from runbook.labs.state import held, locked, outlived, shielded
from runbook.model import Cluster, Host
from tests.waiting import until

GUIDE = Path(__file__).parents[1]
HOSTS = (Host("a", "10.9.8.1", platform="debian12"), Host("b", "10.9.8.2", platform="debian12"))


def described(container: object) -> Cluster:
    """Return a cluster of two hosts with that part of the file."""
    recipe = {} if container is None else {"container": container}
    return Cluster("c", "10.9.8.0/24", HOSTS, recipe=recipe)


def test_the_guides_own_cluster_can_be_made_of_containers() -> None:
    """The guide's cluster file gives every host a recipe with a volume for bricks."""
    found = recipes(cluster.load(GUIDE / "lab" / "cluster.yaml"))
    assert list(found) == ["gs1", "gs2", "gs3", "gs4"]
    assert {recipe.data for recipe in found.values()} == {"/bricks"}


@pytest.mark.parametrize(
    ("container", "complaint"),
    [
        (None, "is a mapping of"),
        ({"imge": {}}, "unknown key 'imge'"),
        ({"image": {"packages": "dbus"}}, "packages is a list"),
        ({"image": {"packages": ["--force"]}}, "'--force' is no name of a package"),
        ({"data": "bricks"}, "data is an absolute path"),
        ({"data": "/bricks:ro"}, "data is an absolute path"),
    ],
)
def test_a_wrong_recipe_is_refused_by_its_key(container: object, complaint: str) -> None:
    """A lab says which part of the cluster file is wrong before it makes anything."""
    with pytest.raises(LabError, match=r"container.*" + complaint):
        recipes(described(container))


def test_a_platform_without_an_image_is_refused() -> None:
    """A host of a platform that no container can be is named, with what can be had."""
    hosts = (Host("old", "10.9.8.1", platform="el6"),)
    with pytest.raises(LabError, match=r"host old is to be 'el6'; containers can be debian12"):
        recipes(Cluster("c", "10.9.8.0/24", hosts, recipe={"container": {}}))


def test_the_images_name_changes_with_its_packages_only() -> None:
    """A recipe's image is made once: order, repetition and the volume do not matter."""
    one = recipes(described({"image": {"packages": ["less", "dbus", "less"]}, "data": "/x"}))
    two = recipes(described({"image": {"packages": ["dbus", "less"]}}))
    three = recipes(described({"image": {"packages": ["dbus"]}}))
    assert one["a"].tag == two["a"].tag != three["a"].tag


def test_the_image_is_made_from_the_default_source_of_the_distribution() -> None:
    """No mirror is named: the suite alone decides, and this machine's settings of the way."""
    argv = image.bootstrap_argv(
        Recipe("debian12", ("less",)), ('Acquire::Check-Date "false";',), Path("/t")
    )
    assert argv[-2:] == ["bookworm", "/t/system.tar"]
    assert "--include=systemd-sysv,dbus,less" in argv
    assert '--aptopt=Acquire::Check-Date "false";' in argv
    assert "FROM debian:bookworm-slim" in image.containerfile(Recipe("debian12", ("less",)))


def test_only_the_way_to_the_registry_is_carried_into_the_hosts() -> None:
    """A proxy and the validity of lists travel; what apt does on this machine stays here."""
    dump = (
        'Acquire::http::Proxy "http://127.0.0.1:3142";\n'
        'Acquire::https::Proxy::example.com "DIRECT";\n'
        'Acquire::Check-Valid-Until "false";\n'
        'Acquire::Languages:: "none";\n'
        'Acquire::Retries "";\n'
        'DPkg::Post-Invoke:: "rm -f /";\n'
    )
    assert [line.split()[0] for line in carried(dump)] == [
        "Acquire::http::Proxy",
        "Acquire::https::Proxy::example.com",
        "Acquire::Check-Valid-Until",
    ]


def test_the_usual_way_of_starting_a_host_is_tried_first() -> None:
    """Candidates begin without any option, and never ask for more than the caller's limits."""
    found = list(engine.candidates("podman", ["crun", "runc"], (20000, -1)))
    assert found[0] == Engine("podman")
    assert found[1:3] == [Engine("podman", "crun"), Engine("podman", "runc")]
    assert {one.ulimits for one in found} == {
        (),
        ("nofile=20000:20000", "nproc=32768:32768"),
        ("nofile=4096:4096", "nproc=4096:4096"),
    }
    assert all(one.cgroups for one in engine.candidates("docker", [], (1, 1)))


def test_each_engine_gets_its_own_spelling() -> None:
    """Podman takes the runtime for every verb and knows systemd; docker is told what it needs."""
    assert Engine("podman", "runc").argv("start", "x") == ["podman", "--runtime=runc", "start", "x"]
    assert Engine("docker", "runc").argv("start", "x") == ["docker", "start", "x"]
    assert Engine("docker", "runc").argv("run", "x") == ["docker", "run", "--runtime=runc", "x"]
    assert "--systemd=always" in Engine("podman").init()
    assert "--tmpfs=/run" in Engine("docker").init()


def test_the_first_way_that_boots_a_host_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding is remembered until the machine changes; then every way is tried again."""
    monkeypatch.setattr(engine, "CACHE", tmp_path)
    tried: list[Engine] = []

    def attempt(candidate: Engine) -> None:
        tried.append(candidate)
        if not candidate.ulimits:
            raise LabError("operation not permitted")

    told: list[str] = []
    first = engine.find(Engine("podman"), attempt, told.append)
    assert first.ulimits
    assert first == tried[-1]
    assert told == [f"engine: {first} (found by trying {len(tried)} ways)"]
    count = len(tried)
    assert engine.find(Engine("podman"), attempt, told.append) == first
    assert len(tried) == count
    stored = json.loads((tmp_path / "engine.json").read_text())
    (tmp_path / "engine.json").write_text(json.dumps(stored | {"key": "another boot"}))
    engine.find(Engine("podman"), attempt, told.append)
    assert len(tried) == 2 * count


def test_an_unreadable_finding_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a cache file costs a new search, never an error."""
    monkeypatch.setattr(engine, "CACHE", tmp_path)
    (tmp_path / "engine.json").write_text('{"key": ')
    assert engine.find(Engine("podman"), lambda _: None, print) == Engine("podman")


def test_a_machine_where_nothing_works_hears_what_each_way_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error lists every candidate with the engine's own words."""
    monkeypatch.setattr(engine, "CACHE", tmp_path)

    def attempt(candidate: Engine) -> None:
        raise LabError(f"no, said {candidate.program}")

    with pytest.raises(LabError) as caught:
        engine.find(Engine("podman"), attempt, print)
    lines = str(caught.value).splitlines()
    assert "no way of starting a host works" in lines[0]
    assert lines[1] == "  podman: no, said podman"
    assert len(lines) > 3


def test_the_router_takes_the_first_address_and_a_port_per_host() -> None:
    """Names of interfaces are short enough for the kernel and differ for every address."""
    assert network.gateway("192.168.10.0/24") == "192.168.10.1"
    ports = {network.Plug(f"192.168.10.{n}", "192.168.10.0/24").port for n in range(256)}
    assert len(ports) == 256
    assert max(map(len, ports)) <= 15
    assert network.router_lines("10.1.0.0/20", 1400)[:2] == [
        "link add lab mtu 1400 type bridge",
        "address add 10.1.0.1/20 dev lab",
    ]


def test_labs_of_two_guides_have_different_names(tmp_path: Path) -> None:
    """The same cluster in two directories gives two labs; the same directory gives one."""
    cluster_ = described({})
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (ContainerLab(cluster_, tmp_path / name) for name in ("one", "two"))
    again = ContainerLab(cluster_, tmp_path / "two" / ".." / "one")
    assert one.container("a") != two.container("a")
    assert one.container("a") == again.container("a")


def test_what_outlives_a_killed_lab_is_waited_for(tmp_path: Path) -> None:
    """The next lab does not clean up while an engine's program of the last one still runs."""
    mark, go = tmp_path / "mark", tmp_path / "go"
    os.mkfifo(go)
    with held(tmp_path) as given:
        process = subprocess.Popen(
            shielded(["sh", "-c", f"read _ <{go}; touch {mark}"]), stdin=given
        )
    with process:
        assert not free(tmp_path)
        go.write_text("\n")
        outlived(tmp_path)
        assert mark.exists()
        assert free(tmp_path)


def free(directory: Path) -> bool:
    """Tell whether nobody holds a lock on `directory`."""
    return subprocess.run(["flock", "-n", directory, "true"], check=False).returncode == 0


def test_a_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    """A lab's directory is as empty after a lock as before it."""
    with locked(tmp_path):
        assert not list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_a_local_lab_is_this_machine_alone() -> None:
    """Without a cluster this machine stands for itself, and identifies itself steadily."""
    lab = LocalLab()
    assert [status.state for status in lab.status()] == ["running"]
    assert list(lab.connections()) == [lab.cluster.hosts[0].name]
    assert lab.instance() == LocalLab().instance() != ""


def test_a_local_lab_is_one_host_of_the_guide() -> None:
    """In a guide with several hosts the operator says which one this machine is."""
    cluster_ = described({})
    lab = LocalLab(cluster_, "b")
    assert list(lab.connections()) == ["b"]
    assert [status.state for status in lab.status()] == ["absent", "running"]
    with pytest.raises(LabError, match=r"one of the guide's hosts: a, b; say which with --host"):
        LocalLab(cluster_)
    with pytest.raises(LabError, match="there is no 'z'"):
        LocalLab(cluster_, "z")


@pytest.mark.parametrize(("failures", "removed"), [(2, True), (99, False)])
def test_a_container_whose_processes_die_slowly_is_removed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int, removed: bool
) -> None:
    """On a busy disk the engine gives up too early; for ever nobody waits."""
    program = tmp_path / "podman"
    program.write_text(
        f"#!/bin/sh\necho x >>{tmp_path}/calls\n"
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
def test_a_container_is_not_believed_to_run_when_its_process_is_gone() -> None:
    """After a machine went down hard, podman goes on saying that its containers run."""
    with subprocess.Popen(["unshare", "--user", "--net", "cat"], stdin=subprocess.PIPE) as process:
        until(lambda: not Path(f"/proc/{process.pid}/ns/net").samefile("/proc/self/ns/net"))
        assert state(_said("running", process.pid)) == "running"
    assert state(_said("running", process.pid)) == "lost"
    assert state(_said("running", os.getpid())) == "lost"
    assert state(_said("exited", 0)) == "exited"


def _said(status: str, pid: int) -> dict[str, object]:
    return {"State": {"Status": status, "Pid": pid}}
