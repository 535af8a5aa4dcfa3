"""The prompt of a shell, as a guide shows it."""

from __future__ import annotations

from typing import Literal

from attrs import frozen


@frozen
class Prompt:
    """What a shell's prompt shows: its sign, `#` for root, and the user, host and directory.

    What it does not show is `None`. Other signs of an ordinary user's shell, such as `%`, count
    as `$`.
    """

    sign: Literal["#", "$"]
    user: str | None = None
    host: str | None = None
    directory: str | None = None
