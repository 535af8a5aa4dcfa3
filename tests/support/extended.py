"""Guides of one page that list extensions, and their pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runbook.model import Runbook
from runbook.sphinx.planning.plan import build
from tests.support.forked import run_module
from tests.support.guides import CLUSTER

CHECKED = "\n   .. check:: it is\n\n      assert host.exists('id')\n"
OURS = f"""\
.. step:: Greet
   :on: box

   .. code-block:: console

      # echo hello
{CHECKED}"""

WriteGuide = Callable[..., Path]


def writer(parent: Path) -> WriteGuide:
    """Return a function that writes a guide of one page below `parent`, with its extensions."""

    def write(text: str, *extensions: str, conf: str = "") -> Path:
        directory = parent / "guide"
        (directory / "lab").mkdir(parents=True, exist_ok=True)
        (directory / "lab/cluster.yaml").write_text(CLUSTER)
        (directory / "conf.py").write_text(f"extensions = {list(extensions)!r}\n{conf}\n")
        (directory / "index.rst").write_text(f"Guide\n=====\n\n{text}")
        return directory

    return write


def plan(directory: Path, *, lenient: bool = True) -> Runbook:
    """Return the plan of a guide, read anew."""
    return build(directory, output=directory.parent / "plan", lenient=lenient)


def html(directory: Path) -> str:
    """Return the page of a guide, built with warnings as errors."""
    output = directory.parent / "html"
    done = run_module("sphinx", "-q", "-W", "-E", "-b", "html", directory, output)
    assert (done.returncode, done.stderr) == (0, "")
    return (output / "index.html").read_text(encoding="utf-8")
