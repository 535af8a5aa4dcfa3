"""Where something stands in the sources of a guide."""

from __future__ import annotations

from attrs import frozen


@frozen(order=True)
class Location:
    """A line of a source document."""

    document: str
    line: int

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"
