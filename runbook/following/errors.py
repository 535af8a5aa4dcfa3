"""What may keep somebody from doing something while they follow a guide."""

from __future__ import annotations

from collections.abc import Sequence

from runbook.errors import RunbookError


class FollowError(RunbookError):
    """An operation is not possible now; the message says why, and what is."""


class Busy(FollowError):  # noqa: N818  # it names what is the case
    """A step is running, and only one thing is done at a time."""

    def __init__(self) -> None:
        super().__init__("a step is running; wait until it has ended, or interrupt it")


class SecretsNeeded(FollowError):  # noqa: N818  # it names what is the case
    """A step types secrets that nobody has given; `names` are theirs."""

    def __init__(self, step: str, names: Sequence[str]) -> None:
        super().__init__(f"{step}: it needs the secrets {', '.join(names)}, and nobody gave them")
        self.names = tuple(names)
