"""How long the attacks go on, and with which seed: a moment in the tests, an hour by `make attack`.

`ATTACK_SECONDS` is the time for each attack, `ATTACK_SEED` the number that all chances follow from.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from typing import Final

SECONDS: Final = float(os.environ.get("ATTACK_SECONDS", "1"))
SEED: Final = int(os.environ.get("ATTACK_SEED", "17"))


def attempts(name: str) -> Iterator[random.Random]:
    """Yield a new source of chances for each attempt, until the time is over; at least three."""
    end = time.monotonic() + SECONDS
    number = 0
    while number < 3 or time.monotonic() < end:
        yield random.Random(f"{SEED} {name} {number}")
        number += 1
