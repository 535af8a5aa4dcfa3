"""`runbook lab reset`: a lab as it is just before a step, whatever was done on it since."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbook.labs.container.engine import available_engines
from runbook.labs.container.lab import ContainerLab
from runbook.model import cluster
from tests.support.forked import run_module
from tests.support.guides import CONTAINER_SECTION, Guide, making
from tests.support.needs import lacking_for_labs

CLUSTER = """
name: reset
network: 10.79.0.0/24
platform: debian12
hosts:
  box: {address: 10.79.0.11}
"""
LOG = "/srv/log"


def noting(word: str) -> str:
    """A step that appends a word to a file, each time that it runs."""
    return f"""
.. step:: Note {word}
   :on: box

   .. code-block:: console

      # echo {word} >> {LOG}

   .. check:: {word} is noted

      assert "{word}" in host.file("{LOG}").content_string.split()
"""


def in_a_container(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that needs containers."""
    lacking = lacking_for_labs()
    skipping = pytest.mark.skipif(bool(lacking), reason=lacking or "-")
    marked: Callable[..., None] = pytest.mark.lab(skipping(test))
    return marked


class Lab:
    """A guide of three steps, on one container."""

    def __init__(self, directory: Path) -> None:
        text = CLUSTER + CONTAINER_SECTION
        steps = [noting(word) for word in ("one", "two", "three")]
        self.guide = Guide(directory, *steps, cluster=text)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command line; it ends with the directory of the guide."""
        return run_module("runbook", *arguments, self.guide.directory, timeout=300)

    def reset(self, step: str) -> str:
        """Reset the lab, which must work, and return the last line that was said."""
        done = self.call("lab", "reset", step)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()[-1]

    def on_box(self, command: str) -> str:
        """Return the output of a command that somebody types by hand."""
        path = self.guide.directory / cluster.PLACE
        name = ContainerLab(cluster.load(path), path.parent).container_name("box")
        return next(available_engines()).call("exec", name, "sh", "-c", command)

    def noted(self) -> list[str]:
        """What the steps have noted on the host."""
        return self.on_box(f"touch {LOG}; cat {LOG}").split()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab that is removed after the test."""
    made = Lab(tmp_path)
    try:
        yield made
    finally:
        made.call("lab", "down")


@in_a_container
def test_what_came_after_is_undone_and_the_next_run_begins_there(lab: Lab) -> None:
    """Every step has then been typed once in all on the hosts as they are."""
    assert lab.call("run").returncode == 0
    assert lab.noted() == ["one", "two", "three"]
    assert lab.reset("index/note-two") == (
        "reset: the lab is as index/note-two expects it; the next run begins there"
    )
    assert lab.noted() == ["one"]
    assert lab.call("run").returncode == 0
    assert lab.noted() == ["one", "two", "three"]


@in_a_container
def test_what_somebody_did_by_hand_is_undone(lab: Lab) -> None:
    """Although no journal tells of it, and the lab seems to be there already."""
    assert lab.call("run", "--until", "index/note-one").returncode == 0
    lab.on_box(f"echo two >> {LOG}; echo stray >> {LOG}")
    lab.reset("index/note-two")
    assert lab.noted() == ["one"]


@in_a_container
def test_what_is_missing_before_the_step_is_run(lab: Lab) -> None:
    """The lab need not be up; before the first step nothing is done at all."""
    lab.reset("index/note-three")
    assert lab.noted() == ["one", "two"]
    lab.reset("index/note-one")
    assert lab.noted() == []


def test_an_unknown_step_is_refused_before_a_host_is_started(tmp_path: Path) -> None:
    """With the closest ids that there are; so are those of the options of `run`."""
    lab = Lab(tmp_path)
    for option, words in (
        ("reset", ("lab", "reset", "index/note-tow")),
        ("--from", ("run", "--from", "index/note-tow")),
        ("--until", ("run", "--until", "note-two")),
    ):
        refused = lab.call(*words)
        assert refused.returncode == 3
        assert f"{option}: there is no step or block '{words[-1]}'" in refused.stderr
        assert "the closest are: index/note-two" in refused.stderr
        assert refused.stdout == ""


def test_a_selection_of_nothing_is_refused(tmp_path: Path) -> None:
    """A slip in a pattern must not look like a run that went well."""
    refused = Lab(tmp_path).call("run", "--only", "index/nonesuch*")
    assert refused.returncode == 3
    assert "no step is selected" in refused.stderr


@pytest.mark.parametrize("kind", ["local", "static"])
def test_machines_of_somebody_are_not_reset(tmp_path: Path, kind: str) -> None:
    """There is nothing to bring them back from."""
    guide = Guide(tmp_path, making("one"))
    (guide.directory / "lab/inventory.yaml").write_text("hosts: {box: {}}\n")
    done = run_module(
        *("runbook", "lab", "reset", "index/make-one", guide.directory, "--lab", kind)
    )
    assert done.returncode == 3
    assert f"a {kind} lab cannot be reset: its machines were not made by runbook" in done.stderr
