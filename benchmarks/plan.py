"""How long `runbook plan` takes when nothing has changed, and `runbook --help`.

Run it as `python -m benchmarks.plan [GUIDE]`. A Python that does nothing, and one that only
imports Sphinx, are the measure; each figure is the best of several rounds, in seconds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 7
LIMIT_PLAN = 1.2
LIMIT_HELP = 0.3


def best(*words: str) -> float:
    """Return the seconds that the best of several runs of a Python program takes."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return min(times)


def main(guide: Path) -> bool:
    """Print the table; return whether every limit is kept."""
    # The first run reads the guide, and is not counted.
    subprocess.run(
        [sys.executable, "-m", "runbook", "plan", guide], check=True, stdout=subprocess.DEVNULL
    )
    nothing = best("-c", "pass")
    sphinx = best("-c", "import sphinx.application")
    plan = best("-m", "runbook", "plan", str(guide))
    usage = best("-m", "runbook", "--help")
    print(f"{'seconds':24} {'best':>7} {'x python':>9} {'x sphinx':>9} {'limit':>7}")
    for name, seconds, limit in (
        ("python -c pass", nothing, None),
        ("import sphinx", sphinx, None),
        ("runbook plan, warm", plan, LIMIT_PLAN),
        ("runbook --help", usage, LIMIT_HELP),
    ):
        wanted = "" if limit is None else f"{limit:.1f} {'ok' if seconds <= limit else 'MISSED'}"
        ratios = f"{seconds / nothing:9.1f} {seconds / sphinx:9.2f}"
        print(f"{name:24} {seconds:7.3f} {ratios} {wanted:>9}".rstrip())
    return plan <= LIMIT_PLAN and usage <= LIMIT_HELP


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1] if sys.argv[1:] else ".")) else 1)
