"""The making of an image says how far it is: its phases, and every package."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runbook.labs import LabError, StatusLine, debian
from runbook.labs.installation import Installation

MMDEBSTRAP = """\
I: automatically chosen mode: root
I: running apt-get update...
Get:1 http://mirror.example.com/debian bookworm InRelease [151 kB]
I: downloading packages with apt...
0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.
Get:1 http://mirror.example.com/debian bookworm/main amd64 bash amd64 5.2.15-2+b7 [1491 kB]
Get:2 http://mirror.example.com/debian bookworm/main amd64 libc6 amd64 2.36-9+deb12u14 [2759 kB]
I: extracting archives...
I: installing essential packages...
Unpacking libc6:amd64 (2.36-9+deb12u14) ...
Setting up libc6:amd64 (2.36-9+deb12u14) ...
Unpacking bash (5.2.15-2+b7) ...
Setting up bash (5.2.15-2+b7) ...
I: installing remaining packages inside the chroot...
0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.
Unpacking procps (2:4.0.2-3) over (2:4.0.2-2) ...
Setting up procps (2:4.0.2-3) ...
I: creating tarball...
I: removing tempdir /tmp/mmdebstrap.UQqVFmBCVo...
I: success in 87.9687 seconds
"""
ENGINE = """\
STEP 3/4: RUN apt-get update && apt-get install -y dbus
#7 1.201 0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.
#7 1.504 Get:2 http://mirror.example.com/debian bookworm/main amd64 dbus amd64 1.14.10-1 [97.4 kB]
#7 2.250 Setting up dbus (1.14.10-1~deb12u1) ...
"""


def told_by(output: str) -> tuple[list[str], list[str]]:
    """The lines that stay, and those that hold only until the next."""
    lines: list[str] = []
    reader = Installation(lines.append, "image")
    for line in output.splitlines():
        reader.read(line)
    passing: list[str] = [line for line in lines if isinstance(line, StatusLine)]
    return [line for line in lines if not isinstance(line, StatusLine)], passing


def test_every_phase_has_a_line() -> None:
    """In the order in which they come, in words that need no knowledge of the program."""
    phases, _ = told_by(MMDEBSTRAP)
    assert phases == [
        "image: reading the package lists",
        "image: downloading the essential packages",
        "image: unpacking the essential packages",
        "image: installing the essential packages",
        "image: installing the other packages",
        "image: writing the archive",
        "image: removing temporary files",
    ]


def test_packages_are_counted_in_each_phase() -> None:
    """What is unpacked and what is set up take turns, and each has its own count."""
    _, passing = told_by(MMDEBSTRAP)
    assert [line for line in passing if not line.endswith("working")] == [
        "image: downloading the essential packages, 1 of 2 downloaded: bash",
        "image: downloading the essential packages, 2 of 2 downloaded: libc6",
        "image: installing the essential packages, 1 of 2 unpacked: libc6",
        "image: installing the essential packages, 1 of 2 set up: libc6",
        "image: installing the essential packages, 2 of 2 unpacked: bash",
        "image: installing the essential packages, 2 of 2 set up: bash",
        "image: installing the other packages, 1 of 1 unpacked: procps",
        "image: installing the other packages, 1 of 1 set up: procps",
    ]


def test_the_build_of_an_engine_is_counted_as_well() -> None:
    """Which puts its own words before each line, and has no phases."""
    assert told_by(ENGINE) == (
        [],
        [
            "image: installing packages, 1 of 2 downloaded: dbus",
            "image: installing packages, 1 of 2 set up: dbus",
        ],
    )


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv (util-linux)")
def test_each_line_is_read_as_it_comes(tmp_path: Path) -> None:
    """The program goes on only after its line was read, on whichever output it was."""
    go = tmp_path / "go"
    script = f'echo one >&2; until [ -e "{go}" ]; do sleep 0.05; done; echo two'
    read: list[str] = []

    def take(line: str) -> None:
        read.append(line)
        go.touch()

    debian.run(["sh", "-c", script], tmp_path, take)
    assert read == ["one", "two"]


@pytest.mark.skipif(not shutil.which("setpriv"), reason="needs setpriv (util-linux)")
def test_a_failure_has_the_last_lines_and_no_remarks(tmp_path: Path) -> None:
    """So that the reason is seen, and not how it was cleaned up."""
    script = "printf '%s\\n' 1 2 3 4 'E: no package' 'I: removing tempdir' 'E: failed'; exit 25"
    with pytest.raises(LabError) as raised:
        debian.run(["sh", "-c", script], tmp_path)
    assert str(raised.value) == "sh: 2 / 3 / 4 / E: no package / E: failed"
