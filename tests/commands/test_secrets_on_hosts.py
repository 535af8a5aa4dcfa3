"""Secrets on a host of a lab: in no process of it or of this machine, and in no record."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forked import run_module
from tests.support.guides import CONTAINER_SECTION, Guide
from tests.support.needs import lacking_for_labs

LACKING = lacking_for_labs()
pytestmark = [pytest.mark.lab, pytest.mark.skipif(bool(LACKING), reason=LACKING or "-")]

CLUSTER = """
name: secrets
network: 10.83.0.0/24
platform: debian12
hosts:
  box: {address: 10.83.0.11}
"""
INDEX = """
Guide
=====

.. toctree::

   first
   second
"""
FIRST = r"""
First
=====

.. step:: Use one and make another
   :on: box
   :capture: token secret token=(\S+)

   .. file:: /srv/look
      :mode: 0755

      #!/bin/bash
      IFS= read -r secret
      for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do
        while IFS= read -r -d '' word || [ "$word" ]; do
          [[ $word != *"$secret"* ]] || echo "$f"
        done < "$f"
      done > "/srv/look-$1" 2>/dev/null
      echo "${#secret}" >> "/srv/look-$1"

   .. code-block:: console

      # set -a
      # /srv/look given <<< <secret:made-up>
      # printf '%s' :secret:`made-up` > /srv/given
      # tr -dc a-z0-9 < /dev/urandom | head -c 20 > /srv/token
      # echo "token=$(cat /srv/token)"

   .. file:: /srv/conf
      :mode: 0600

      password=<secret:made-up>

   .. check:: it is there

      assert host.file("/srv/given").content_string == host.secret("made-up")
"""
SECOND = """
Second
======

.. step:: Use the other
   :on: box

   .. code-block:: console

      # /srv/look captured <<< <token>
      # printf '%s' <token> > /srv/again

   .. check:: it is the same

      assert host.file("/srv/again").content == host.file("/srv/token").content
"""


class Processes:
    """What the processes of this machine have as arguments and in their environments."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._end = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Processes:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add((process / name).read_bytes())
                    except OSError:
                        continue


@pytest.fixture
def guide(tmp_path: Path) -> Iterator[Guide]:
    """A guide of two chapters on a container, which is removed afterwards."""
    made = Guide(tmp_path, cluster=CLUSTER + CONTAINER_SECTION)
    for name, text in (("index", INDEX), ("first", FIRST), ("second", SECOND)):
        (made.directory / f"{name}.rst").write_text(text)
    yield made
    call(made, "lab", "down")


def call(guide: Guide, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command line on the guide; its checkpoints are its own."""
    store = {"RUNBOOK_CHECKPOINTS_DIRECTORY": str(guide.directory.parent / "store")}
    environment = {**os.environ, **store}
    return run_module("runbook", *arguments, guide.directory, environment=environment, timeout=500)


def test_secrets_are_in_no_process_and_no_record(guide: Guide) -> None:
    """Those that are made up for the lab, and those that a program makes; also after a restore."""
    with Processes() as processes:
        done = call(guide, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    look = "cat /srv/look-given /srv/look-captured; cat /srv/given; echo; cat /srv/token; echo"
    given_size, captured_size, given, token = call_on_box(guide, look).split()
    assert (int(given_size), int(captured_size)) == (len(given), 20)
    assert [one for one in processes.seen if given.encode() in one or token.encode() in one] == []

    # The step before is done, and its checkpoint restored.
    second = guide.directory / "second.rst"
    second.write_text(second.read_text().replace("/srv/again", "/srv/anew"))
    done = call(guide, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert call_on_box(guide, "cat /srv/anew; echo; ls /srv/a*").split() == [token, "/srv/anew"]

    kept = guide.directory / "build/container/secrets/made-up"
    written = [one for one in guide.directory.rglob("*") if one.is_file() and one != kept]
    # The images of a checkpoint have the files of the host; what is written about them has none.
    written += [one for one in (guide.directory.parent / "store").rglob("*.json") if one.is_file()]
    assert written
    shown = [one for one in written if _has(one, given) or _has(one, token)]
    assert shown == []


def _has(path: Path, secret: str) -> bool:
    data = path.read_bytes()
    return secret.encode() in data or secret.encode().hex().encode() in data


def call_on_box(guide: Guide, command: str) -> str:
    """Return the output of a command that somebody types by hand."""
    done = run_module(
        *("runbook", "lab", "exec", "box", "--guide", guide.directory, "--", "bash", "-c", command),
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
