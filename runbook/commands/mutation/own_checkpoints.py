"""Which checkpoints the labs of mutants have taken, and which of these labs need them."""

from __future__ import annotations

import threading
from collections import Counter

from attrs import define, field

from runbook.labs import SupportsCheckpoints


@define
class OwnCheckpoints:
    """The checkpoints that labs of mutants have taken: how many of these labs need each.

    Labs that have come to the same step have one of the same name. It stays until none needs it.
    """

    _needed: Counter[str] = field(factory=Counter)
    _lock: threading.Lock = field(factory=threading.Lock)

    def __contains__(self, name: object) -> bool:
        return self._needed[str(name)] > 0

    def need(self, name: str, lab: SupportsCheckpoints) -> bool:
        """Note that one more lab needs a checkpoint, unless the guide's runs have it anyway."""
        with self._lock:
            ours = name in self or name not in {one.name for one in lab.checkpoints()}
            self._needed[name] += ours
        return ours

    def release(self, name: str, lab: SupportsCheckpoints) -> None:
        """Note that a lab does not need a checkpoint any more, and delete it if no other does."""
        with self._lock:
            self._needed[name] -= 1
            if name not in self:
                lab.delete_checkpoint(name)
