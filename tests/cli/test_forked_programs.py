"""The tests run programs in forked processes, which give what a started Python gives."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.forked import run_module

SHOWING = """
import os, signal, sys

print(sys.argv[1:], __name__, os.path.basename(sys.argv[0]), os.getcwd(), sys.path[0])
print(*sorted(os.environ.items()), sep=chr(10))
print(signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM), os.getpgrp())
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream.fileno(), stream.isatty(), stream.seekable(), stream.encoding, stream.errors)
print(sys.stdin.read() == "", sorted(os.listdir("/proc/self/fd")))
print("w\\N{LATIN SMALL LETTER O WITH DIAERESIS}rds", file=sys.stderr)
"""
ENDINGS = {
    "returns": "print('done')",
    "has a status": "raise SystemExit(41)",
    "says why": "raise SystemExit('no')",
    "fails": "print('so far'); [][0]",
    "is killed": "import os; os.kill(os.getpid(), 9)",
    "is interrupted": "import os, signal; os.kill(os.getpid(), signal.SIGINT)",
    "has work at exit": "import atexit; atexit.register(print, 'last')",
    "has a thread": "import threading; threading.Timer(0.2, print, ['last']).start()",
    "leaves at once": "import os; os._exit(3)",
    "writes bytes": "import os; os.write(1, b'\\xff\\r\\n'); os.write(2, b'\\xfe')",
    "has a child that writes": "import os; os.system('echo a; echo b >&2')",
    "has a child that writes later": "import os; os.system('(sleep 0.2; echo a) &')",
}


def both(directory: Path, text: str, *arguments: str) -> list[tuple[int, str, str]]:
    """Return status, output and errors of a program that is forked, and of one that is started."""
    (directory / "program.py").write_text(textwrap.dedent(text), encoding="utf-8")
    forked = run_module("program", *arguments, cwd=directory)
    started = subprocess.run(
        [sys.executable, "-m", "program", *arguments],
        env=os.environ,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    )
    return [(one.returncode, one.stdout, one.stderr) for one in (forked, started)]


def test_a_program_sees_what_it_would_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its arguments, environment, directory, signals and standard streams."""
    monkeypatch.setenv("GIVEN", "a\nb")
    forked, started = both(tmp_path, SHOWING, "one", "--two")
    assert forked[1].splitlines() == started[1].splitlines()
    assert forked == started
    assert "['one', '--two']" in forked[1]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_program_ends_as_it_would_end(tmp_path: Path, ending: str) -> None:
    """With the same status and the same words, from the same lines."""
    forked, started = both(tmp_path, ENDINGS[ending])
    assert forked[:2] == started[:2]
    # What leads to the program in a traceback is Python's own, or ours.
    assert forked[2].splitlines()[-2:] == started[2].splitlines()[-2:]


def test_programs_are_strangers(tmp_path: Path) -> None:
    """What one does to its modules is not seen by the next."""
    change = "import json; print(hasattr(json, 'changed')); json.changed = True"
    assert [one[1] for _ in range(2) for one in both(tmp_path, change)] == ["False\n"] * 4


def test_a_program_may_need_a_python_of_its_own(tmp_path: Path) -> None:
    """Python is started if the environment says how it starts."""
    (tmp_path / "program.py").write_text("import sys; print(sys.flags.optimize)")
    environment = os.environ | {"PYTHONOPTIMIZE": "2"}
    assert run_module("program", cwd=tmp_path, environment=environment).stdout == "2\n"


def test_a_program_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    """Like one that subprocess has started."""
    (tmp_path / "program.py").write_text("import os, time; print(os.getpid()); time.sleep(60)")
    with pytest.raises(subprocess.TimeoutExpired):
        run_module("program", cwd=tmp_path, timeout=0.5)
