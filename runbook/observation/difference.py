"""What is different between two looks at a host."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from runbook.observation.change import Change
from runbook.observation.look import File, Look

LARGEST = 256 * 1024
"""Bytes of a file whose content is compared; of a larger one, size and times are."""

_SHOWN = 3
"""Lines that a change of a file shows at most."""
_LONGEST = 200
"""Characters of such a line."""


@frozen
class Content:
    """What a file held. `lines` are those of a text, and kept in memory only."""

    digest: str
    lines: tuple[str, ...] | None = None

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Return the content that is `data`."""
        try:
            lines = tuple(data.decode().splitlines()) if b"\0" not in data else None
        except UnicodeDecodeError:
            lines = None
        return cls(hashlib.sha256(data).hexdigest(), lines)


def to_read(files: Mapping[str, File], known: Look | None = None) -> list[str]:
    """Return the paths of the files whose content may not be that of the look `known`."""
    before = known.files if known is not None else {}
    return [
        path
        for path, file in files.items()
        if file.type == "file"
        and 0 < file.size <= LARGEST
        and (path not in before or before[path].stamp != file.stamp)
    ]


def differences(
    before: Look,
    after: Look,
    old: Mapping[str, Content],
    new: Mapping[str, Content],
    redact: Callable[[str], str] = str,
) -> tuple[tuple[Change, ...], dict[str, str]]:
    """Return what changed, and by kind why it is not known whether something did.

    `old` and `new` are the contents of files at the two looks, of which lines are shown as `redact`
    leaves the whole text.
    """
    unknown = {**before.missing, **after.missing}
    changes = [] if "file" in unknown else list(_files(before, after, old, new, redact))
    for kind in ("package", "unit", "port", "user", "group", "mount", "firewall", "sysctl"):
        if kind not in unknown:
            changes += _things(kind, before, after)
    return tuple(changes), unknown


def _things(kind: str, before: Look, after: Look) -> Iterator[Change]:
    was, now = before.things.get(kind, {}), after.things.get(kind, {})
    for name in sorted(was.keys() | now.keys()):
        one, other = was.get(name, ""), now.get(name, "")
        if kind == "user" and one and one == other:
            if before.hidden.get(name) != after.hidden.get(name):
                yield Change(kind, name, one, f"{other}, another password")
        elif (name in was, one) != (name in now, other):
            yield Change(kind, name, _said(name in was, one), _said(name in now, other))


def _said(there: bool, value: str) -> str:
    """Return in words what something is; what is there is never empty."""
    return value or ("(empty)" if there else "")


def _files(
    before: Look,
    after: Look,
    old: Mapping[str, Content],
    new: Mapping[str, Content],
    redact: Callable[[str], str],
) -> Iterator[Change]:
    for path in sorted(before.files.keys() | after.files.keys()):
        was, now = before.files.get(path), after.files.get(path)
        if was is not None and now is not None and was.stamp == now.stamp and was == now:
            continue
        one = was.words if was else ""
        other = now.words if now else ""
        changed = _content_changed(was, now, old.get(path), new.get(path))
        if was is None or now is None or one != other or changed:
            if changed and one == other:
                other += ", other content"
            lines = _lines(now, old.get(path), new.get(path), redact)
            yield Change("file", path, one, other, lines=lines)


def _content_changed(
    was: File | None, now: File | None, old: Content | None, new: Content | None
) -> bool:
    if was is None or now is None or was.type != "file" or now.type != "file":
        return False
    if was.size != now.size:
        return True
    if old is not None and new is not None:
        return old.digest != new.digest
    # The time of a change of the inode alone says nothing of the content.
    return now.size > 0 and was.stamp.split()[:3] != now.stamp.split()[:3]


def _lines(
    now: File | None, old: Content | None, new: Content | None, redact: Callable[[str], str]
) -> tuple[str, ...]:
    """Return some of the lines that a file has got, if anyone on the host may read it."""
    if now is None or not now.public or new is None or new.lines is None:
        return ()
    # As one text: a secret may have several lines, or be encoded in them.
    known = set(redact("\n".join((old and old.lines) or ())).split("\n"))
    shown = redact("\n".join(new.lines)).split("\n")
    news = [line for line in shown if line.strip() and line not in known]
    # A comment says nothing of what the file does.
    told = [line for line in news if not line.lstrip().startswith(("#", ";", "//"))] or news
    return tuple(line for line in dict.fromkeys(told) if len(line) <= _LONGEST)[:_SHOWN]
