"""How long it takes to tell output as a terminal shows it, beside what decoding it takes.

Run it as `python -m benchmarks.output`. Each text has 10 MB. The figures are ratios of processor
time, so that they hold on any machine: plain output is to stay below `LIMIT`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from runbook.terminal.output import plain

SIZE = 10_000_000
ROUNDS = 3
LIMIT = 20.0
LINE = b"Setting up package-name (1.2.3-4), and some more text that makes the line longer\r\n"


def best(action: Callable[[bytes], object], data: bytes) -> float:
    """Return the seconds that `action` takes."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        action(data)
        times.append(time.process_time() - began)
    return min(times)


def decoded(data: bytes) -> str:
    """Return the text, with the line breaks of plain text."""
    return data.decode().replace("\r\n", "\n")


def main() -> int:
    """Print the ratios; the exit status is 1 if plain output takes too long."""
    whole = LINE * (SIZE // len(LINE))
    spin = b"10%\r20%\r100%\r\n"
    texts = {
        "plain": whole,
        "a progress bar at the end": whole + spin,
        "colours in each line": whole.replace(b"package", b"\x1b[1mpack\x1b[0m"),
        "a progress bar in each line": (LINE + spin) * (SIZE // len(LINE + spin)),
    }
    ratios = {name: best(plain, text) / best(decoded, text) for name, text in texts.items()}
    for name, ratio in ratios.items():
        print(f"{name:30} {ratio:6.1f}")
    return int(ratios["plain"] > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
