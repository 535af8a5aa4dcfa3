"""Converters for the options of directives; a wrong value raises `ValueError`.

docutils shows the message of the error after file and line of the directive.
"""

from __future__ import annotations

import re

from runbook.lint.things import KINDS
from runbook.model.duration import seconds
from runbook.observation.unchecked import problem


def words(argument: str | None) -> list[str]:
    """Return words separated by spaces or commas."""
    found = (argument or "").replace(",", " ").split()
    if not found:
        raise ValueError("at least one word is needed")
    return found


def source_notes(argument: str | None) -> list[str]:
    """Return the ids of source notes, each such as `ovirt-engine-4.5.7/application-mode`."""
    found = list(dict.fromkeys(words(argument)))
    for word in found:
        if not re.fullmatch(r"[^/]+/[^/]+", word):
            raise ValueError(f"{word!r} is not the id of a source note, such as engine-4.5.7/mode")
    return found


def things(argument: str | None) -> list[str]:
    """Return things such as `/root/ca.pem` or `vm:guest1`, or on another host `vm:guest1@gs2`."""
    found = words(argument)
    for word in found:
        if not re.fullmatch(rf"(?:/[^@]*|(?:{'|'.join(KINDS)}):[^@]+)(?:@[\w.-]+)?", word):
            raise ValueError(
                f"{word!r} is no thing: a path, or a name behind one of {', '.join(KINDS)}"
            )
    return found


def unchecked(argument: str | None) -> list[str]:
    """Return patterns of what a step changes, such as `/etc/foo/**` or `unit:man-db.timer`."""
    found = words(argument)
    for word in found:
        if wrong := problem(word):
            raise ValueError(wrong)
    return found


def words_or_nothing(argument: str | None) -> list[str]:
    """Return words separated by spaces or commas; `nothing` alone stands for none."""
    found = words(argument)
    return [] if found == ["nothing"] else found


def capabilities(argument: str | None) -> list[str]:
    """Return names of capabilities, each of which may begin with `!`."""
    found = words(argument)
    for word in found:
        if not re.fullmatch(r"!?[a-z][a-z0-9_-]*", word):
            raise ValueError(f"{word!r} is not a capability, such as nfsd or !nfsd")
    return found


def duration(argument: str | None) -> float:
    """Return the seconds of a duration such as `90`, `30s`, `5m` or `1h30m`."""
    return seconds(argument or "")


def retry(argument: str | None) -> list[float]:
    """Return how often a step is tried, and the seconds between two tries: `3 every 10s`."""
    found = re.fullmatch(r"(\d+)(?:\s+every\s+(\S+))?", (argument or "").strip())
    if found is None or int(found[1]) < 1:
        raise ValueError("a number of tries is needed, such as 3, or 3 every 10s")
    return [int(found[1]), duration(found[2]) if found[2] else 0.0]


def alternative(argument: str | None) -> str:
    """Return an alternative as `name=value`."""
    text = (argument or "").strip()
    if not re.fullmatch(r"[a-z][a-z0-9-]*=[a-z][a-z0-9-]*", text):
        raise ValueError(f"{text!r} is not an alternative, such as engine=hosted")
    return text


def statuses(argument: str | None) -> list[int]:
    """Return exit statuses, each from 0 to 255."""
    found = []
    for word in words(argument):
        if not re.fullmatch(r"\d{1,3}", word) or int(word) > 255:
            raise ValueError(f"{word!r} is not an exit status from 0 to 255")
        found.append(int(word))
    return found


def name(argument: str | None) -> str:
    """Return a permanent id; without a `/`, the document's name is put before it."""
    text = (argument or "").strip()
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", text):
        raise ValueError(f"{text!r} is not an id: letters, digits and '.', '-', '_', '/' only")
    return text


def later_steps(argument: str | None) -> list[str]:
    """Return the full ids of the later steps that make this false, such as `storage/remove-it`."""
    ids = [name(word) for word in (argument or "").split() or [""]]
    for text in ids:
        if "/" not in text:
            raise ValueError(f"{text!r} is not the full id of a step, such as storage/remove-it")
    return ids


def output_text(argument: str | None) -> str:
    """Return text in the output that shows that the command in the background is ready."""
    text = (argument or "").strip()
    if not text:
        raise ValueError("text is needed, such as 'listening on port 80'")
    return text


def user(argument: str | None) -> str:
    """Return the name of a user on the host."""
    text = (argument or "").strip()
    if not re.fullmatch(r"[A-Za-z_][\w.-]*\$?", text):
        raise ValueError(f"{text!r} is not the name of a user")
    return text


def mode(argument: str | None) -> str:
    """Return an octal mode such as `0644`."""
    text = (argument or "").strip()
    if not re.fullmatch(r"[0-7]{3,4}", text):
        raise ValueError(f"{text!r} is not a mode in octal digits, such as 0644")
    return text.zfill(4)


def owner(argument: str | None) -> str:
    """Return `user` or `user:group`, as names or numbers."""
    text = (argument or "").strip()
    if not re.fullmatch(r"[\w.-]+\$?(?::[\w.-]+)?", text):
        raise ValueError(f"{text!r} is not an owner, such as root or vdsm:kvm")
    return text


def capture(argument: str | None) -> list[str | bool | None]:
    """Return a name, a regular expression or `None`, and whether `secret` stands between them."""
    parts: list[str] = (argument or "").strip().split(maxsplit=1)
    secret = len(parts) == 2 and re.match(r"secret(?:\s|\Z)", parts[1]) is not None
    if secret:
        parts = [parts[0], *parts[1].split(maxsplit=1)[1:]]
    if not parts or not re.fullmatch(r"[a-z][a-z0-9_]*", parts[0]):
        raise ValueError(
            "a lower-case name is needed, such as vm_id, optionally followed by 'secret', and by a "
            "pattern"
        )
    if len(parts) == 2:
        try:
            re.compile(parts[1])
        except re.error as error:
            raise ValueError(f"{parts[1]!r} is not a regular expression: {error}") from error
    return [parts[0], parts[1] if len(parts) == 2 else None, secret]


def alternatives(argument: str | None) -> list[str]:
    """Return alternatives that have to be chosen, each such as `engine=hosted`."""
    return [alternative(word) for word in words(argument)]


def one_of(*values: str) -> _OneOf:
    """Return a converter that accepts one of `values`."""
    return _OneOf(values)


class _OneOf:
    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values

    def __call__(self, argument: str | None) -> str:
        text = (argument or "").strip()
        if text not in self.values:
            raise ValueError(f"{text!r} is not one of {', '.join(self.values)}")
        return text
