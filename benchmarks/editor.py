"""How long an editor waits for the findings of a document after a key was pressed.

Run it as `python -m benchmarks.editor [GUIDE]`. The measure is Sphinx itself: reading the same
document once more in an application that stays open, and nothing else. Both take turns on a copy
of the guide. The editor's time is that from the change of the text to the findings, over the
protocol, with the processes that an editor has. It is the median of several changes, in seconds of
wall time, because the processes wait for each other; run it on a machine that has nothing else to
do. The document is the one whose length is nearest to 500 lines.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.plan import _LEFT_OUT
from tests.support.editor import Editor

ROUNDS = 15
LIMIT = 3.0
"""As a multiple of the time that Sphinx takes to read the document."""

LINES = 500

SPHINX = """
import sys, time, statistics
from pathlib import Path
from sphinx.util.docutils import docutils_namespace, patch_docutils
from runbook.sphinx.planning.application import PlanningApp

guide, output, path, rounds = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
with patch_docutils(guide), docutils_namespace():
    app = PlanningApp(
        guide, output, lenient=False, excluded=(), loaded=[], status=None, warning=None
    )
    app.build()
    name = app.env.path2doc(guide / path)
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        app.emit("env-purge-doc", app.env, name)
        app.env.clear_doc(name)
        app.builder.read_doc(name)
        taken.append(time.perf_counter() - begun)
print(statistics.median(taken))
"""


def sphinx(guide: Path, output: Path, path: str) -> float:
    """Return the seconds that Sphinx takes to read a document again."""
    argv = [sys.executable, "-c", SPHINX, str(guide), str(output), path, str(ROUNDS)]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return float(said.split()[-1])


def editor(guide: Path, path: str) -> float:
    """Return the seconds from a change to its findings."""
    taken = []
    with Editor(guide) as one:
        one.open(path)
        page = one.texts[path]
        for number in range(ROUNDS + 1):
            text = page.replace("\n\n", f"\n\n.. no-such-thing-{number}::\n\n", 1)
            begun = time.perf_counter()
            one.write(path, text)
            one.until_said(path, f"no-such-thing-{number}")
            taken.append(time.perf_counter() - begun)
            # What takes long begins when the typing pauses, and must not slow down the next key.
            if number % 2:
                time.sleep(0.5)
    return statistics.median(taken[1:])


def main(given: Path) -> bool:
    """Print the figures; return whether the limit is kept."""
    with tempfile.TemporaryDirectory() as directory:
        guide = Path(directory).resolve() / "guide"
        shutil.copytree(given, guide, ignore=_LEFT_OUT)
        lengths = {
            path: len(path.read_text(encoding="utf-8").splitlines())
            for path in (guide / "docs").rglob("*.rst")
        }
        document = min(lengths, key=lambda path: abs(lengths[path] - LINES))
        path = document.relative_to(guide).as_posix()
        found = [
            (sphinx(guide, Path(directory) / "sphinx", path), editor(guide, path)) for _ in range(3)
        ]
    alone = min(one for one, _ in found)
    shown = min(one for _, one in found)
    print(f"{path}, {lengths[document]} lines")
    print(f"{'sphinx reads it again':26} {alone * 1000:6.0f} ms")
    print(f"{'findings after a key':26} {shown * 1000:6.0f} ms  {shown / alone:.2f} x sphinx")
    print(f"the limit is {LIMIT} x sphinx")
    return shown <= LIMIT * alone


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1] if sys.argv[1:] else ".")) else 1)
