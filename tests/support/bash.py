"""Bash as the judge of shell text: it parses, and runs nothing."""

from __future__ import annotations

import enum
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

_SHEBANG = re.compile(rb"#! ?/(?:usr/)?bin/(?:env )?(?:ba|da)?sh\b")
_PLACES = ("/usr/bin", "/usr/sbin", "/etc")
_MORE_PLACES = ("/usr/lib", "/usr/libexec", "/usr/share", "/var/lib/dpkg/info")
_LARGEST = 300_000


class Verdict(enum.Enum):
    """What bash says about a text."""

    COMPLETE = "complete"
    OPEN = "open"
    """More lines may make it complete."""
    ERROR = "error"


def parsed(text: str) -> Verdict:
    """Return what bash says about `text`; a backslash at its end counts as open.

    Within a comment it means nothing, as a quote means nothing there.
    """
    last = text.rpartition("\n")[2]
    if (len(last) - len(last.rstrip("\\"))) % 2:
        before = [parsed(text[:-1] + end) for end in ("", "'")]
        return Verdict.OPEN if set(before) != {Verdict.COMPLETE} else Verdict.COMPLETE
    done = subprocess.run(
        ["bash", "-n"],
        input=f"{text}\n".encode("utf-8", "surrogateescape"),
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    said = done.stderr.decode("utf-8", "replace")
    if re.search(r"unexpected (?:end of file|EOF)|delimited by end-of-file", said):
        return Verdict.OPEN
    return Verdict.ERROR if done.returncode or said else Verdict.COMPLETE


def scripts_of_this_machine(*, everywhere: bool) -> Iterator[Path]:
    """Yield the shell scripts that are installed here, each once."""
    seen: set[Path] = set()
    for place in (*_PLACES, *(_MORE_PLACES if everywhere else ())):
        for directory, _, names in os.walk(place):
            for name in sorted(names):
                path = Path(directory, name).resolve()
                if path not in seen and _is_script(path):
                    seen.add(path)
                    yield path


def _is_script(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return False
        with path.open("rb") as file:
            return _SHEBANG.match(file.read(80)) is not None
    except OSError:
        return False
