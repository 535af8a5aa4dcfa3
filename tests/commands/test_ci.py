"""`runbook ci`: the jobs that it prints are valid, agree, and work in a clean container."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from runbook.commands.authoring.ci import SERVICES
from runbook.labs.apt import apt_settings
from runbook.labs.container.lab import ContainerLab
from runbook.labs.container.recipe import recipes
from runbook.model import cluster
from tests.support.forked import run_module
from tests.support.guides import CLUSTER, CONTAINER_SECTION, Guide, making
from tests.support.needs import lacking_for_labs
from tests.support.paths import ROOT

SCHEMAS = {"github": "vendor.github-workflows", "gitlab": "vendor.gitlab-ci"}
"""The schemas that check-jsonschema brings, by the service."""

CONTAINER = "container: {image: {packages: [ca-certificates]}}\n"
OTHER = "  other: {address: 10.9.8.2}\n"


def printed(guide: Guide, service: str, *options: str) -> str:
    """Return the job for a guide, whose parent directory is the root of its repository."""
    (guide.directory.parent / ".git").mkdir(exist_ok=True)
    done = run_module("runbook", "ci", service, str(guide.directory), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines_of(service: str, job: Any) -> list[str]:
    """Return the shell lines of a job, in order."""
    if service == "gitlab":
        return list(job["guide"]["script"])
    parts = [step["run"] for step in job["jobs"]["guide"]["steps"] if "run" in step]
    return [line for part in parts for line in part.splitlines()]


@pytest.mark.parametrize("kind", ["container", "local"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_job_is_valid(tmp_path: Path, service: str, kind: str) -> None:
    """The services' own schemas accept it."""
    path = tmp_path / "job.yml"
    path.write_text(printed(Guide(tmp_path, cluster=CLUSTER + CONTAINER), service, "--lab", kind))
    done = run_module("check_jsonschema", "--builtin-schema", SCHEMAS[service], str(path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["container", "local"])
def test_the_services_do_the_same(tmp_path: Path, kind: str) -> None:
    """Line by line, and they keep the same results."""
    guide = Guide(tmp_path, cluster=CLUSTER + CONTAINER)
    github, gitlab = (yaml.safe_load(printed(guide, one, "--lab", kind)) for one in SERVICES)
    assert lines_of("github", github) == lines_of("gitlab", gitlab)
    kept = next(
        step["with"]["path"].split()
        for step in github["jobs"]["guide"]["steps"]
        if "upload-artifact" in step.get("uses", "")
    )
    assert gitlab["guide"]["artifacts"]["paths"] == ["findings/", *kept]
    assert f"guide/build/{kind}/junit.xml" in kept


def test_what_a_run_knows_of_secrets_is_not_kept(tmp_path: Path) -> None:
    """So the directory of the run is not kept as a whole."""
    job = yaml.safe_load(printed(Guide(tmp_path), "gitlab", "--lab", "local"))
    paths = job["guide"]["artifacts"]["paths"]
    assert not [path for path in paths if path.rstrip("/").endswith(("build", "local", "secrets"))]


def test_only_a_lab_of_containers_takes_privileges(tmp_path: Path) -> None:
    """And it says where they are given."""
    guide = Guide(tmp_path, cluster=CLUSTER + CONTAINER)
    for service in SERVICES:
        assert "privileged" in printed(guide, service)
        assert "privileged" not in printed(guide, service, "--lab", "local")


def test_a_guide_with_requirements_has_them_installed(tmp_path: Path) -> None:
    """Its theme and its extensions, for one."""
    guide = Guide(tmp_path)
    assert "-r" not in printed(guide, "gitlab", "--lab", "local").split()
    (guide.directory / "requirements.txt").write_text("furo\n")
    assert "install -r guide/requirements.txt" in printed(guide, "gitlab", "--lab", "local")


def test_the_host_that_the_job_is_must_be_named_if_there_are_several(tmp_path: Path) -> None:
    """The job says so before the service would."""
    guide = Guide(tmp_path, cluster=CLUSTER + OTHER)
    done = run_module("runbook", "ci", "github", str(guide.directory), "--lab", "local")
    assert done.returncode == 3
    assert "say which with --host" in done.stderr
    assert "--host other" in printed(guide, "github", "--lab", "local", "--host", "other")


def test_a_guide_at_the_root_of_its_repository(tmp_path: Path) -> None:
    """Nothing stands before its paths."""
    guide = Guide(tmp_path)
    (guide.directory / ".git").mkdir()
    job = yaml.safe_load(printed(guide, "gitlab", "--lab", "local"))
    assert job["guide"]["artifacts"]["reports"]["junit"] == "build/local/junit.xml"
    assert any(" run . --lab local" in line for line in job["guide"]["script"])


def test_an_odd_path_is_quoted_for_the_shell_and_for_yaml(tmp_path: Path) -> None:
    """Blanks, quotes, and what YAML would take for a comment."""
    guide = Guide(tmp_path / "it's a: #1")
    (tmp_path / ".git").mkdir()
    for service in SERVICES:
        job = yaml.safe_load(printed_at(guide, service))
        (line,) = [one for one in lines_of(service, job) if " lint " in one]
        asked = ["sh", "-c", f'set -- {line}; printf "%s" "$3"']
        shown = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        assert shown == "it's a: #1/guide"


def printed_at(guide: Guide, service: str) -> str:
    """Return the job for a guide, whatever the root of its repository is."""
    done = run_module("runbook", "ci", service, str(guide.directory), "--lab", "local")
    return done.stdout


@pytest.mark.lab
@pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-")
def test_the_lines_of_a_job_work_in_a_clean_container_without_privileges(tmp_path: Path) -> None:
    """They install the wheel of this checkout, find nothing wrong, and prove a step.

    A lab of containers is refused there, with what is missing; the wheel has the job's templates.
    """
    guide = Guide(tmp_path / "checkout", making("a").replace("PLACE", "/srv"))
    script = "\n".join(
        lines_of("gitlab", yaml.safe_load(printed(guide, "gitlab", "--lab", "local")))
    )
    (guide.directory.parent / "script").write_text(f"set -e\n{script}\n")
    refused = "/opt/runbook/bin/runbook lab doctor --lab container || echo status $?\n"
    refused += "/opt/runbook/bin/runbook ci gitlab guide --lab local >again.yml\n"
    (guide.directory.parent / "refused").write_text(refused)
    done = in_container(tmp_path, "sh /checkout/script && sh /checkout/refused")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "0 findings." in done.stdout
    assert "1 step proven on 1 host; nothing failed." in done.stdout
    assert "it lacks CAP_NET_ADMIN, CAP_SYS_ADMIN" in done.stdout
    assert "status 3" in done.stdout
    kept = guide.directory.parent
    assert (kept / "again.yml").read_text() == printed(guide, "gitlab", "--lab", "local")
    for name in ("lint", "rehearse", "run"):
        assert json.loads((kept / f"findings/{name}.sarif").read_text())["runs"][0]["results"] == []
    assert (kept / "guide/build/local/junit.xml").is_file()


def in_container(directory: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a container of the lab's image without privileges, in /checkout.

    Python's packages come from a directory, which is filled as on any machine.
    """
    wheels, settings = directory / "wheels", directory / "apt.conf"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    built = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT)]
    subprocess.run([*pip, *built], check=True)
    (wheel,) = wheels.glob("sphinx_runbook-*.whl")
    fetched = ["download", "--python-version", "3.11", "--only-binary=:all:", "--dest", str(wheels)]
    subprocess.run([*pip, *fetched, f"{wheel}[rehearse]"], check=True)
    settings.write_text("\n".join(apt_settings()) + "\n")
    lab_file = directory / "lab" / "cluster.yaml"
    lab_file.parent.mkdir()
    lab_file.write_text(CLUSTER + CONTAINER_SECTION)
    described = cluster.load(lab_file)
    engine = ContainerLab(described, lab_file.parent).engine(print)
    argv = engine.argv(
        "run",
        "--rm",
        "--network=host",
        *engine.run_options(),
        f"--volume={directory / 'checkout'}:/checkout",
        f"--volume={wheels}:/wheels:ro",
        f"--volume={settings}:/etc/apt/apt.conf.d/80registry:ro",
        "--env=DEBIAN_FRONTEND=noninteractive",
        "--env=PIP_NO_INDEX=1",
        "--env=PIP_FIND_LINKS=/wheels",
        "--workdir=/checkout",
        recipes(described)["box"].tag,
        *("sh", "-c", command),
    )
    return subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False
    )
