"""How long `runbook plan` takes with nothing changed, and after an edit of one document.

Run it as `python -m benchmarks.plan [GUIDE]`. The measure is Sphinx itself: a program that does
nothing but import it, start it with its own extensions, and read the edited document. All programs
run in turns on a copy of the guide. Each figure is the best of several rounds, in seconds of
processor time: nothing here waits, so that is how long it takes on a quiet machine.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 9
LIMIT_UNCHANGED = 0.3
LIMIT_HELP = 0.3
LIMIT_EDIT = 1.3
"""As a multiple of Sphinx's own time for that document."""

_LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "runbook", "tests", "__pycache__")

SPHINX = """
import sys
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

class AnyOption(dict):
    def __getitem__(self, name):
        return str
    def __contains__(self, name):
        return True

class Container(Directive):
    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = AnyOption()
    def run(self):
        container = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, container)
        return [container]

def setup(app):
    # The guide's directives, so that their content is read as well.
    for name in (
        "step", "check", "file", "answers", "manual", "platform", "choice", "proven",
        "harness-reference",
    ):
        app.add_directive(name, Container)
    app.add_role("secret", lambda name, raw, text, *rest: ([nodes.literal(raw, text)], []))

guide, output, root, first = sys.argv[1:]
settings = {
    "setup": setup,
    "root_doc": root,
    "exclude_patterns": ["build", "**/adr/template*"],
    "highlight_language": "none",
    "smartquotes": False,
}
with patch_docutils(), docutils_namespace():
    app = Sphinx(
        guide, None, output, output, "dummy", settings, status=None, warning=None, freshenv=False
    )
    if first == "first":
        app.build()
    else:
        assert len(app.builder.read()) == 1
"""


def seconds(*words: str) -> float:
    """Return the seconds of processor time that a Python program takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def best(programs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Return the best seconds of each program; they take turns, so that all meet the same load."""
    rounds = [{name: program() for name, program in programs.items()} for _ in range(ROUNDS)]
    return {name: min(one[name] for one in rounds) for name in programs}


def main(given: Path) -> bool:
    """Print the table; return whether every limit is kept."""
    with tempfile.TemporaryDirectory() as directory:
        guide = Path(directory) / "guide"
        shutil.copytree(given, guide, ignore=_LEFT_OUT)
        found = measure(guide, Path(directory) / "sphinx")
    edited, alone = found["runbook plan, one edit"], found["sphinx, one document"]
    print(f"{'seconds':26} {'best':>7} {'x python':>9} {'x sphinx':>9} {'limit':>12}")
    kept = True
    for name, limit in (
        ("python -c pass", None),
        ("sphinx, one document", None),
        ("runbook plan, no change", LIMIT_UNCHANGED),
        ("runbook plan, one edit", LIMIT_EDIT * alone),
        ("runbook --help", LIMIT_HELP),
    ):
        taken = found[name]
        kept = kept and (limit is None or taken <= limit)
        wanted = "" if limit is None else f"{limit:.2f} {'ok' if taken <= limit else 'MISSED'}"
        ratios = f"{taken / found['python -c pass']:9.1f} {taken / alone:9.2f}"
        print(f"{name:26} {taken:7.3f} {ratios} {wanted:>12}".rstrip())
    print(f"an edit takes {edited / alone:.2f} x Sphinx's own time; the limit is {LIMIT_EDIT}")
    return kept


def measure(guide: Path, output: Path) -> dict[str, float]:
    """Return the best times of all programs on a guide, which is edited for it."""
    documents = sorted((guide / "docs").rglob("*.rst"), key=lambda path: path.stat().st_size)
    document = documents[len(documents) // 2]
    sphinx = ("-c", SPHINX, str(guide), str(output), "docs/index")
    plan = ("-m", "runbook", "plan", str(guide))
    # The first runs read the whole guide, and are not counted.
    seconds(*sphinx, "first")
    seconds(*plan)

    def edit(*words: str) -> float:
        with document.open("a") as file:
            file.write(f"\n.. {time.time_ns()}\n")
        return seconds(*words)

    return best(
        {
            "python -c pass": lambda: seconds("-c", "pass"),
            "runbook --help": lambda: seconds("-m", "runbook", "--help"),
            "sphinx, one document": lambda: edit(*sphinx, "again"),
            "runbook plan, one edit": lambda: edit(*plan),
            "runbook plan, no change": lambda: seconds(*plan),
        }
    )


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1] if sys.argv[1:] else ".")) else 1)
