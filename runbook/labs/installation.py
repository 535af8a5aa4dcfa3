"""How far the installation of a Debian system is, from the output of the program that does it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from attrs import define, field

from runbook.labs.protocol import Progress, StatusLine

PHASES: Final = {
    "running apt-get update": "reading the package lists",
    "downloading packages with apt": "downloading the essential packages",
    "extracting archives": "unpacking the essential packages",
    "installing essential packages": "installing the essential packages",
    "installing remaining packages": "installing the other packages",
    "creating tarball": "writing the archive",
    "removing tempdir": "removing temporary files",
}
"""What mmdebstrap calls its phases, and what the operator reads."""

REMARK: Final = "I: "
"""What mmdebstrap's lines begin with that say what it does, and nothing of an error."""

# An engine that builds an image puts its own words before the lines of apt and dpkg.
_TOTAL: Final = re.compile(r"\b\d+ upgraded, (\d+) newly installed,")
_STEPS: Final = {
    "downloaded": re.compile(r"(?:^|\s)Get:(?P<number>\d+) .* (?P<package>\S+) \S+ \S+ \[.*\]$"),
    "unpacked": re.compile(r"(?:^|\s)Unpacking (?P<package>[a-z0-9]\S+) \(.*\.\.\.$"),
    "set up": re.compile(r"(?:^|\s)Setting up (?P<package>[a-z0-9]\S+) \(.*\.\.\.$"),
}


@define
class Installation:
    """Tells of each phase in a line, and of each package in a `StatusLine`.

    `label` begins each line. Without phases in the output all is the installation of packages.
    """

    progress: Progress
    label: str
    _phase: str = "installing packages"
    _total: int = 0
    _done: Counter[str] = field(factory=Counter)

    def read(self, line: str) -> None:
        """Take notice of the next line of the program's output."""
        if line.startswith(REMARK):
            self._remark(line.removeprefix(REMARK))
        elif total := _TOTAL.search(line):
            self._total = int(total[1])
            self._done.clear()
        elif self._total:
            for step, pattern in _STEPS.items():
                if found := pattern.search(line):
                    self._count(step, found["package"].partition(":")[0])

    def enter(self, phase: str) -> None:
        """Tell that the next phase begins."""
        self._phase = phase
        self._done.clear()
        self.progress(f"{self.label}: {phase}")
        # Not every phase has packages to count; the line has the time that it takes.
        self.progress(StatusLine(f"{self.label}: working"))

    def _remark(self, said: str) -> None:
        for words, phase in PHASES.items():
            if said.startswith(words):
                self.enter(phase)

    def _count(self, step: str, package: str) -> None:
        self._done[step] += 1
        count = f"{min(self._done[step], self._total)} of {self._total} {step}"
        self.progress(StatusLine(f"{self.label}: {self._phase}, {count}: {package}"))
