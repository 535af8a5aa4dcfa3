"""What the README says of the installation is typed where nothing of the project is installed.

First on this machine, for the wheel and the source archive; then on new hosts of each Debian, as
an ordinary user who has only sudo.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import __version__
from tests.support.needs import lacking_for_labs
from tests.support.paths import ROOT

SYSTEM = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CHECKOUT = "path/to/this/checkout"
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
PLATFORMS = ("debian12", "debian13")
LACKING = lacking_for_labs()

CLUSTER = """\
name: installation
network: 192.168.52.0/24
hosts:
  debian12: {address: 192.168.52.12, platform: debian12}
  debian13: {address: 192.168.52.13, platform: debian13}
container:
  image:
    packages: [ca-certificates, iproute2, pipx, procps, python3-venv, sudo]
"""


def readme_commands() -> tuple[list[str], list[str]]:
    """What the README says to type: to install the harness, and to prove a first guide."""
    text = (ROOT / "README.md").read_text().partition("\n## Your own guide\n")[2]
    first, second = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[:2]
    return first.splitlines(), second.splitlines()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the source archive, made as by `make dist`."""
    place = tmp_path_factory.mktemp("dist")
    argv = [sys.executable, "-m", "hatchling", "build", "-d", str(place)]
    subprocess.run(argv, cwd=ROOT, check=True, capture_output=True)
    [wheel], [sdist] = place.glob("*.whl"), place.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


def test_the_packages_of_the_readme_are_those_that_make_installs() -> None:
    """Whoever installs by hand gets no fewer."""
    (packages,) = (line for line in readme_commands()[0] if "apt-get install" in line)
    rows = [line.split() for line in (ROOT / "scripts/needs.txt").read_text().splitlines()]
    # What every Debian has, and the guide's own diagrams.
    needed = {row[2] for row in rows if row and row[0] in ("python", "hosts")}
    needed -= {"python3", "ca-certificates", "graphviz", "util-linux"}
    assert set(packages.split()[3:]) == needed


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_is_built_can_be_installed_and_used(
    built: dict[str, Path], kind: str, tmp_path: Path
) -> None:
    """In a new virtual environment, by the README's own lines; the new guide is complete."""
    install, begin = readme_commands()
    lines = [line for line in install if "apt-get" not in line]
    lines += ["runbook --version", *(line for line in begin if "sudo" not in line)]
    lines += ["runbook lint web-guide", "sphinx-build -qW web-guide web-guide/build/html"]
    script = "\n".join(["set -e", "cd", *lines]).replace(CHECKOUT, shlex.quote(str(built[kind])))
    # A cache of packages that were loaded before is welcome; what is installed is not.
    cache = os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache/pip"))
    done = subprocess.run(
        ["sh", "-c", script],
        env={**os.environ, "HOME": str(tmp_path), "PATH": SYSTEM, "PIP_CACHE_DIR": cache},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"runbook, version {__version__}\n" in done.stdout
    assert "2 steps in 1 chapter\n" in done.stdout
    assert "0 findings.\n" in done.stdout
    assert (tmp_path / "web-guide/build/html/web-server.html").exists()


class Host:
    """A host of the lab, and what its ordinary user types there."""

    def __init__(self, guide: Path, name: str) -> None:
        self.guide = guide
        self.name = name

    def type(
        self, script: str, *, user: str = "admin", given: bytes = b""
    ) -> subprocess.CompletedProcess[str]:
        """Run a script as after a login; `given` is its input."""
        argv = [sys.executable, "-m", "runbook", "lab", "exec", "--guide", str(self.guide)]
        argv += ["--user", user, self.name, "--", "bash", "-c", script]
        done = subprocess.run(argv, input=given, capture_output=True, check=False)
        out, err = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
        return subprocess.CompletedProcess(argv, done.returncode, out, err)

    def put(self, path: str, content: bytes, *, user: str = "admin") -> None:
        """Write a file on the host."""
        done = self.type(f"cat >{shlex.quote(path)}", user=user, given=content)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def hosts(
    tmp_path_factory: pytest.TempPathFactory, built: dict[str, Path]
) -> Iterator[dict[str, Host]]:
    """A new host of each Debian, which has the wheel and reaches what this machine reaches."""
    guide = tmp_path_factory.mktemp("hosts")
    (guide / "lab").mkdir()
    (guide / "lab/cluster.yaml").write_text(CLUSTER)
    (guide / "conf.py").write_text("")
    lab = [sys.executable, "-m", "runbook", "lab"]
    done = subprocess.run([*lab, "up", str(guide)], capture_output=True, text=True, check=False)
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        made = {name: Host(guide, name) for name in PLATFORMS}
        for host in made.values():
            host.put(f"/home/admin/{built['wheel'].name}", built["wheel"].read_bytes())
            host.put(str(BUNDLE), BUNDLE.read_bytes(), user="root")
            if index := os.environ.get("PIP_INDEX_URL"):
                host.put("/etc/pip.conf", f"[global]\nindex-url = {index}\n".encode(), user="root")
        yield made
    finally:
        subprocess.run([*lab, "down", str(guide)], capture_output=True, check=False)


@pytest.mark.lab
@pytest.mark.skipif(bool(LACKING), reason=LACKING)
@pytest.mark.parametrize("platform", PLATFORMS)
class TestStockDebian:
    """A new host of each Debian that the README names."""

    def test_pip_is_refused_as_the_readme_says(
        self, hosts: dict[str, Host], platform: str, built: dict[str, Path]
    ) -> None:
        """Outside of a virtual environment."""
        done = hosts[platform].type(f"pip install {built['wheel'].name}")
        assert done.returncode != 0
        # Where pip itself is not installed, there is no such command.
        assert re.search(r"externally-managed-environment|pip: command not found", done.stderr)

    def test_the_lines_of_the_readme_lead_to_proven_steps(
        self, hosts: dict[str, Host], platform: str, built: dict[str, Path]
    ) -> None:
        """As an ordinary user, whose sudo finds the command of the virtual environment.

        A container holds no containers, so the steps are proven on the host itself.
        """
        install, begin = readme_commands()
        lines = [line for line in install if "apt-get" not in line] + begin
        script = "\n".join(["set -e", *lines]).replace(CHECKOUT, f"./{built['wheel'].name}")
        assert script.count('sudo "$(command -v runbook)" run web-guide') == 1
        script += " --lab local --host web --yes"
        done = hosts[platform].type(script)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 steps proven on 1 host; nothing failed." in done.stdout
        assert 'sudo "$(command -v runbook)" run web-guide ' in done.stdout, "as init has said"

    def test_pipx_installs_it_as_well(
        self, hosts: dict[str, Host], platform: str, built: dict[str, Path]
    ) -> None:
        """The command is on the path of the next login, and found as root."""
        host = hosts[platform]
        assert "pipx install path/to/this/checkout" in (ROOT / "README.md").read_text()
        done = host.type(f"pipx install ./{built['wheel'].name} && pipx ensurepath")
        assert done.returncode == 0, done.stdout + done.stderr
        found = host.type("bash -lc 'sudo \"$(command -v runbook)\" --version'")
        assert found.stdout == f"runbook, version {__version__}\n", found.stderr
