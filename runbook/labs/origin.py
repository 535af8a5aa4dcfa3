"""What the hosts of a lab came from, recorded in a file that lives as long as the hosts do."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from pathlib import Path

from attrs import asdict, evolve, field, frozen

from runbook.labs.protocol import Origin


@frozen
class OriginRecord:
    """What `hosts`, the identifiers of all hosts, came from.

    `token` is another one whenever the hosts were made anew or brought back. `complete` is false
    while hosts are being made.
    """

    origin: Origin
    name: str = ""
    hosts: tuple[str, ...] = ()
    complete: bool = True
    token: str = field(factory=lambda: uuid.uuid4().hex[:16])

    @property
    def making(self) -> bool:
        """Whether the hosts are being made of their recipe, all of them."""
        return self.origin is Origin.FRESH and not self.complete


@frozen
class OriginFile:
    """The record of one lab, in the file `path`."""

    path: Path

    def read(self) -> OriginRecord | None:
        """Return the record, or `None` if there is none that can be read."""
        try:
            record = OriginRecord(**json.loads(self.path.read_text(encoding="utf-8")))
            return evolve(record, origin=Origin(record.origin), hosts=tuple(record.hosts))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, record: OriginRecord) -> None:
        """Replace the record, all at once."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        text = json.dumps({**asdict(record), "origin": record.origin.value})
        partial.write_text(text, encoding="utf-8")
        partial.replace(self.path)

    def delete(self) -> None:
        """Delete the record: there are no hosts any more."""
        self.path.unlink(missing_ok=True)

    def of(self, hosts: Sequence[str]) -> tuple[Origin, str]:
        """Return what `hosts` came from, given the identifiers of all present hosts."""
        record = self.read()
        if record is None or not record.complete or record.hosts != tuple(hosts):
            return Origin.MIXED, ""
        return record.origin, record.name

    @property
    def token(self) -> str:
        """The token of the record, or an empty text."""
        record = self.read()
        return record.token if record else ""
