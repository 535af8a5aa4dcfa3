"""How long it takes to find the dangers in shell text, beside what `bash -n` takes to parse it.

Run it as `python -m benchmarks.shelltext`. It reads the everyday commands of the tests one by
one, and scripts that are installed on this machine, each as a whole; and one of them many times
over, to show that the time grows with the text and not faster. Figures are milliseconds of
processor time a kilobyte, the best of several rounds.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from runbook.shelltext import programs
from runbook.shelltext.dangers import dangers
from runbook.shelltext.parsing import lexer
from tests.shelltext.test_dangers_by_meaning import SAMPLES, lines
from tests.support.bash import scripts_of_this_machine

ROUNDS = 7
LIMIT = 1.0
SCRIPTS = 60
TIMES = 8


def forget() -> None:
    """Empty the caches, so that each round reads anew."""
    for cached in (lexer.read, lexer._read, lexer.masked, programs._as_written):
        cached.cache_clear()


def best(texts: Sequence[str], action: Callable[[str], object]) -> float:
    """Return the milliseconds a kilobyte that `action` takes for all `texts`."""
    times = []
    for _ in range(ROUNDS):
        forget()
        began = time.process_time()
        for text in texts:
            action(text)
        times.append(time.process_time() - began)
    return min(times) * 1e6 / sum(map(len, texts))


def bash(texts: Sequence[str]) -> float:
    """Return the milliseconds a kilobyte that bash takes to parse `texts`, with its start."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for text in texts:
        subprocess.run(
            ["bash", "-n"],
            input=text.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent * 1e6 / sum(map(len, texts))


def main() -> bool:
    """Print the table; return whether the limit is kept."""
    found = sorted(scripts_of_this_machine(everywhere=False))
    step = max(1, len(found) // SCRIPTS)
    scripts = [path.read_text(encoding="utf-8", errors="replace") for path in found[::step]]
    everyday = lines(SAMPLES / "everyday.txt")
    largest = max(scripts, key=len)
    samples = {
        "everyday commands": everyday,
        "the same as one script": ["\n".join(everyday)],
        f"{len(scripts)} scripts": scripts,
        "the largest of them": [largest],
        f"{TIMES} times that": [f"{largest}\n" * TIMES],
    }
    kept = True
    print(f"{'ms/kB':24} {'kB':>6} {'read':>6} {'programs':>9} {'dangers':>8} {'bash -n':>8}")
    for name, texts in samples.items():
        figures = [best(texts, one) for one in (lexer.read, programs.programs, dangers)]
        good = figures[-1] <= LIMIT
        kept &= good
        size = sum(map(len, texts)) / 1000
        shown = f"{figures[0]:6.2f} {figures[1]:9.2f} {figures[2]:8.2f} {bash(texts):8.2f}"
        print(f"{name:24} {size:6.1f} {shown} {'ok' if good else f'above {LIMIT}'}")
    return kept


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
