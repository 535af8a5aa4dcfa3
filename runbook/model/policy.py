"""What agents may run without a person being asked, as the operator has written it.

```yaml
policy:
- steps: [storage/*, networks/logical/make-a-bridge]
  hosts: [gs1, gs2]
  destructive: [gs2]
  after: 2026-11-29T22:00:00+01:00
  before: 2026-11-30T04:00:00+01:00
```

A step is allowed by the first entry that fits it. `steps` are shell patterns of ids. Without
`hosts` it is allowed on all of its hosts. A step that may do damage is allowed on the `destructive`
hosts only. `clients` are names by which clients call themselves, which nobody proves.
"""

from __future__ import annotations

import datetime
import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from attrs import frozen

from runbook.model.node import Node
from runbook.model.structure import Form, structure
from runbook.model.yamlfile import read

_Text = Annotated[str, Form(r"\S(.*\S)?", "a text that begins and ends with a character")]
_ZONED: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)"
_Time = Annotated[str, Form(_ZONED, "a time with its zone, such as 2026-11-29T22:00:00+01:00")]


@frozen
class Permission:
    """One entry. An empty text for a time is no limit."""

    steps: tuple[_Text, ...]
    hosts: tuple[_Text, ...] = ()
    destructive: tuple[_Text, ...] = ()
    clients: tuple[_Text, ...] = ()
    after: _Time = ""
    before: _Time = ""

    def allows(
        self,
        step: str,
        hosts: Sequence[str],
        client: str,
        at: datetime.datetime,
        *,
        destructive: bool,
    ) -> bool:
        """Tell whether `client` may run `step` on `hosts` at a time; it may be `destructive`."""
        begin, end = _instant(self.after), _instant(self.before)
        return (
            any(fnmatch.fnmatchcase(step, pattern) for pattern in self.steps)
            and (not self.hosts or set(self.hosts).issuperset(hosts))
            and (not destructive or set(self.destructive).issuperset(hosts))
            and (not self.clients or client in self.clients)
            and (begin is None or at >= begin)
            and (end is None or at < end)
        )


@frozen
class PolicyFile:
    """The keys of the file."""

    policy: tuple[Permission, ...]


@frozen
class PlacedPermission:
    """A permission with the file and line where it stands."""

    place: str
    permission: Permission


def load(path: Path) -> tuple[PlacedPermission, ...]:
    """Return the permissions of the YAML file at `path`, in order.

    Raises:
        YamlError: the file cannot be read, or a line of it is wrong.

    """
    root = read(path)
    described = structure(root, PolicyFile)
    nodes = root.at("policy").value
    assert isinstance(nodes, tuple)  # noqa: S101  # or it had no structure
    for node, permission in zip(nodes, described.policy, strict=True):
        _refuse_nonsense(node, permission)
    return tuple(
        PlacedPermission(str(node.location), one)
        for node, one in zip(nodes, described.policy, strict=True)
    )


def _refuse_nonsense(node: Node, permission: Permission) -> None:
    if not permission.steps:
        raise node.at("steps").error("name at least one step, or a pattern such as storage/*")
    times = []
    for key in ("after", "before"):
        try:
            times.append(_instant(getattr(permission, key)))
        except ValueError as error:
            raise node.at(key).error(f"there is no such time: {error}") from error
    begin, end = times
    if begin and end and begin >= end:
        raise node.at("before").error("it is not later than 'after', so nothing is ever allowed")


def _instant(text: str) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(text) if text else None
