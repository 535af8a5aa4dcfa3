"""What the repository promises about itself: the commands, the lock files, the glossary."""

from __future__ import annotations

import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import runbook
from runbook.model import nouns
from runbook.results import outcome
from runbook.results.summary import ExitStatus
from tests.support.paths import ROOT

LOCKS = ("requirements/run.txt", "requirements/dev.txt")


def text(path: str) -> str:
    """The content of a file of the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def tracked() -> list[Path]:
    """All files that belong to the repository."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("not a checkout, or git is missing: which files belong to it is not known")
    # The checkout may belong to somebody else than who runs the tests.
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_the_glossary_names_every_public_class_of_the_model() -> None:
    """A noun means the same in the guide and in the code."""
    classes = {name for module in (nouns, outcome) for name, value in vars(module).items()
               if inspect.isclass(value) and value.__module__ == module.__name__
               and not name.startswith("_")}  # fmt: skip
    terms = set(re.findall(r"^   ([A-Z]\w+)$", text("docs/glossary.rst"), re.MULTILINE))
    assert classes | {"Action", "Event"} <= terms


def test_the_glossary_explains_every_verdict() -> None:
    """A reader of a report can look its words up."""
    assert [
        v.value for v in outcome.Verdict if f"``{v.value}``" not in text("docs/glossary.rst")
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_pins_names_versions_and_hashes_and_nothing_else(lock: str) -> None:
    """No address, no option, no package without its hashes; extras may be named."""
    entries = re.sub(r"\\\n", " ", re.sub(r"^ *#.*\n", "", text(lock), flags=re.MULTILINE))
    entry = re.compile(
        r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==[\w.]+( ; [^;]+?)?( +--hash=sha256:[0-9a-f]{64})+ *"
    )
    assert [line for line in entries.splitlines() if not entry.fullmatch(line)] == []
    assert "://" not in text(lock)


def test_the_locks_agree() -> None:
    """Installing what the tests take changes nothing that running takes."""
    run, dev = (set(re.findall(r"^\S+==\S+.*?(?= \\)", text(lock), re.MULTILINE)) for lock in LOCKS)
    # What is for Windows alone is installed by neither.
    assert {line for line in run if not line.endswith("sys_platform == 'win32'")} <= dev


def test_the_lock_has_every_dependency() -> None:
    """`make lock` was run after a dependency was added."""
    project = tomllib.loads(text("pyproject.toml"))
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["docs"],
        *(one for group in project["dependency-groups"].values() for one in group),
    ]
    names = {re.split(r"[<>=~! ]", one)[0].lower().replace("_", "-") for one in wanted}
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", text("requirements/dev.txt"), re.MULTILINE))
    assert names - pinned == set()


def test_no_package_registry_is_named_anywhere() -> None:
    """Where packages come from is a matter of the machine, not of the project."""
    hosts = ["py" + "pi.org", "python" + "hosted.org", "deb.deb" + "ian.org", "docker" + ".io"]
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked()
        for host in hosts
        if host in path.read_bytes().decode(errors="replace").lower()
    ]
    assert named == []


def test_the_readme_opens_with_two_commands_and_ci_runs_them() -> None:
    """What a newcomer is told to type is what is tested."""
    first = re.search(r"```console\n(.*?)```", text("README.md"), re.DOTALL)
    assert first is not None
    targets = re.findall(r"\bmake ([a-z-]+)", first[1])
    assert targets == ["verify", "test"]
    code = re.sub(r"^#.*$", "", text(".ci/run"), flags=re.MULTILINE)
    runs = re.findall(r"\brun ([a-z-]+)", code)
    beside = ["static", "ranges", "test-again"]
    assert runs == [*beside, "verify", "undo", "lab-down", "test-again", "test-vm"]
    # The two parts are all tests together.
    assert re.findall(r'TESTS="not vm and (.+)"', code) == ["not ($hosts)", "($hosts)"]
    assert re.search(r"^check: static test-again ", text("Makefile"), re.MULTILINE)
    tested, checked = (
        re.search(rf"^{target}:.*\n((?:\t.*\n)+)", text("Makefile"), re.MULTILINE)
        for target in ("test", "test-again")
    )
    assert tested is not None
    assert checked is not None
    assert tested[1].strip() in checked[1], "the gate runs what `make test` runs"
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_the_readme_tells_every_exit_status() -> None:
    """Whoever scripts a run finds the numbers."""
    rows = re.findall(r"^\| (\d+) \|", text("README.md"), re.MULTILINE)
    assert [int(row) for row in rows] == sorted([*map(int, ExitStatus), 2])


@pytest.mark.skipif(not shutil.which("make"), reason="make is missing")
def test_make_alone_lists_every_command() -> None:
    """No command has to be found by reading the Makefile."""
    argv = ["make", "--no-print-directory"]  # the tests may have been run by make
    shown = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)
    assert [line.split()[0] for line in shown.splitlines()] == targets


def machine_of(tmp_path: Path, release: str, *lacking: str) -> subprocess.CompletedProcess[str]:
    """Run the bootstrap script as if the machine were of that release and lacked programs."""
    place = tmp_path / "checkout"
    (place / "scripts").mkdir(parents=True)
    needs = text("scripts/needs.txt")
    for name in lacking:
        needs += f"hosts  {name}  {name}-package  a test\n"
    (place / "scripts/needs.txt").write_text(needs)
    script = place / "scripts/bootstrap"
    script.write_text(text("scripts/bootstrap").replace("/etc/os-release", str(tmp_path / "os")))
    (tmp_path / "os").write_text(release)
    # No apt-get that could do anything: the test must not change the machine.
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "apt-get").write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/apt.log\n')
    (fake / "apt-get").chmod(0o755)
    environment = {**os.environ, "PATH": f"{fake}:{os.environ['PATH']}"}
    return subprocess.run(
        ["bash", str(script), "machine", "hosts"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_an_unknown_distribution_is_told_what_is_missing_and_left_alone(tmp_path: Path) -> None:
    """Each missing thing is named with its package; nothing is installed halfway."""
    release = 'ID=elsewhere\nVERSION_ID=9\nPRETTY_NAME="Elsewhere 9"\n'
    done = machine_of(tmp_path, release, "no-such-program")
    assert done.returncode != 0
    assert "Elsewhere 9 is not a distribution known here" in done.stderr
    assert re.search(r"no-such-program +package no-such-program-package", done.stderr)
    assert not (tmp_path / "apt.log").exists()


def test_a_known_distribution_that_still_lacks_something_is_an_error(tmp_path: Path) -> None:
    """An installation that did not help is not passed over."""
    if os.geteuid() != 0:
        pytest.skip("not root: the script would ask sudo for the real package manager")
    done = machine_of(tmp_path, "ID=debian\nVERSION_ID=12\n", "no-such-program")
    assert done.returncode != 0
    assert "still missing after the installation" in done.stderr
    calls = (tmp_path / "apt.log").read_text().splitlines()
    assert "update" in calls[0].split()
    assert "no-such-program-package" in calls[1].split()


def test_every_decision_is_listed() -> None:
    """A decision that nobody can find does not exist."""
    listed = re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", text("docs/adr/README.md"))
    there = sorted(path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert sorted(set(listed)) == there


def test_every_function_of_the_walk_through_the_code_exists() -> None:
    """A newcomer who follows the walk finds every function where it says."""
    walk = text("CONTRIBUTING.md").partition("### A walk through the code")[2].partition("\n## ")[0]
    names = re.findall(r"^\| `([\w.]+)` \|", walk, re.MULTILINE)
    assert len(names) > 10
    for name in names:
        assert callable(pkgutil.resolve_name(f"runbook.{name}")), name


def test_the_changelog_begins_with_what_is_not_released_or_the_version() -> None:
    """Users find the version that they have."""
    headings = re.findall(r"^## \[?([^\]\s]+)", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] in {"Unreleased", runbook.__version__}
