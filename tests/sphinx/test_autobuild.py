"""Pages that are built while somebody writes: each change is built once, and no build is one."""

from __future__ import annotations

import io
import os
import sys
import urllib.request
from pathlib import Path

import pexpect

from tests.support import pages
from tests.support.waiting import until


def stamps(guide: Path) -> dict[str, int]:
    """Return when each file and directory of a guide was changed, beside those below `build`."""
    return {
        str(path.relative_to(guide)): path.stat().st_mtime_ns
        for path in guide.rglob("*")
        if path.relative_to(guide).parts[0] != "build"
    }


def test_a_build_writes_nothing_into_the_guide(tmp_path: Path) -> None:
    """Neither the first one nor one after a change."""
    guide = pages.guide(tmp_path)
    (guide / "build").mkdir(exist_ok=True)
    before = stamps(guide)
    pages.build(guide)
    assert stamps(guide) == before
    (guide / "store.rst").touch()
    before = stamps(guide)
    pages.build(guide)
    assert stamps(guide) == before


def test_sphinx_autobuild_builds_once_for_each_change(tmp_path: Path) -> None:
    """With the output within the guide, where it is by default."""
    guide = pages.guide(tmp_path)
    argv = ["-m", "sphinx_autobuild", "--port", "0", "-q", str(guide), str(guide / "build/html")]
    said = io.StringIO()
    program = pexpect.spawn(
        sys.executable, argv, encoding="utf-8", timeout=120, dimensions=(24, 200), logfile=said,
        env=os.environ | {"NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    try:
        program.expect(r"http://[\d.]+:\d+")
        address = str(program.after)
        program.expect("Waiting to detect changes")
        until(lambda: answers(address), 60)
        page = guide / "other.rst"
        for word in ("First", "Second", "Third"):
            page.write_text(page.read_text() + f"\n{word} words.\n")
            program.expect("Rebuilding")
            program.expect("Serving on")
            assert f"{word} words" in (guide / "build/html/other.html").read_text()
    finally:
        program.close(force=True)
    assert said.getvalue().count("Rebuilding") == 3


def answers(address: str) -> bool:
    """Tell whether the server is there, which watches the files from then on."""
    try:
        with urllib.request.urlopen(address, timeout=60):
            return True
    except OSError:
        return False
