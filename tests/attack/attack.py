"""What an attack is, and how its tries are counted."""

from __future__ import annotations

import importlib
import pkgutil
import random
import time
from collections.abc import Callable
from pathlib import Path

from attrs import define, field, frozen

import tests.attack


@frozen
class Attack:
    """One kind of attack.

    `what` is done, and what is `promised`, are each the middle of a sentence. `attempt` tries once,
    by the random numbers it is given and in a new directory; it returns what went wrong, or an
    empty text. `lacking` returns why it cannot be tried on this machine, or an empty text.
    """

    name: str
    what: str
    promised: str
    attempt: Callable[[random.Random, Path], str]
    lacking: Callable[[], str] = lambda: ""


@define
class Tally:
    """How often an attack was tried from a seed, for how long, and what went wrong."""

    name: str
    what: str
    promised: str
    seed: int
    tried: int = 0
    seconds: float = 0.0
    broken: list[str] = field(factory=list)


def attacks() -> list[Attack]:
    """Return all attacks, by name."""
    modules = pkgutil.iter_modules(tests.attack.__path__, "tests.attack.")
    found = (importlib.import_module(one.name) for one in modules if ".test_" not in one.name)
    return sorted((one.ATTACK for one in found if hasattr(one, "ATTACK")), key=lambda one: one.name)


def carry_out(attack: Attack, seed: int, seconds: float, directory: Path) -> Tally:
    """Try `attack` for as long as that, but at least once."""
    tally = Tally(attack.name, attack.what, attack.promised, seed)
    began = time.monotonic()
    while not tally.tried or time.monotonic() - began < seconds:
        place = directory / str(tally.tried)
        place.mkdir()
        # Each try can be repeated by itself.
        wrong = attack.attempt(random.Random(f"{seed} {tally.tried}"), place)
        if wrong:
            tally.broken.append(f"seed {seed}, try {tally.tried}: {wrong}")
        tally.tried += 1
    tally.seconds = round(time.monotonic() - began, 1)
    return tally
