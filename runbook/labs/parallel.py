"""Do the same for several hosts at the same time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from runbook.labs import LabError

T = TypeVar("T")


def in_parallel(act: Callable[[T], object], items: Collection[T]) -> None:
    """Call `act` for all `items` at once, and wait for every call to end.

    Raises:
        LabError: some calls failed; the message joins theirs.

    """
    with ThreadPoolExecutor(max_workers=max(1, len(items))) as pool:
        calls = [pool.submit(act, item) for item in items]
    errors = [str(error) for call in calls if (error := call.exception())]
    if errors:
        raise LabError("; ".join(errors))
