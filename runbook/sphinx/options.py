"""What authors may write in the options of directives; a wrong value raises `ValueError`.

The message of the error is shown to the author behind file and line of the directive.
"""

from __future__ import annotations

import re
from typing import Final

_DURATION: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h))+\Z")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def words(argument: str | None) -> list[str]:
    """Return the words of the option, which blanks or commas part."""
    found = (argument or "").replace(",", " ").split()
    if not found:
        raise ValueError("at least one word is needed")
    return found


def words_or_nothing(argument: str | None) -> list[str]:
    """Return the words of the option; the word `nothing` alone stands for none."""
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
    text = (argument or "").strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    if not _DURATION.match(text):
        raise ValueError(f"{text!r} is not a duration, such as 30s, 5m or 1h30m")
    return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))


def chosen(argument: str | None) -> str:
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
    """Return a permanent id; one with a `/` is whole, another stands behind the document."""
    text = (argument or "").strip()
    if not re.fullmatch(r"[\w.-]+(?:/[\w.-]+)*", text):
        raise ValueError(f"{text!r} is not an id: letters, digits and '.', '-', '_', '/' only")
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
    return text


def owner(argument: str | None) -> str:
    """Return `user` or `user:group`, as names or numbers."""
    text = (argument or "").strip()
    if not re.fullmatch(r"[\w.-]+\$?(?::[\w.-]+)?", text):
        raise ValueError(f"{text!r} is not an owner, such as root or vdsm:kvm")
    return text


def capture(argument: str | None) -> list[str]:
    """Return a name and, if there is one, the regular expression behind it."""
    parts = (argument or "").strip().split(maxsplit=1)
    if not parts or not re.fullmatch(r"[a-z][a-z0-9_]*", parts[0]):
        raise ValueError("a name in lower case is needed, such as vm_id, then maybe a pattern")
    if len(parts) == 2:
        try:
            re.compile(parts[1])
        except re.error as error:
            raise ValueError(f"{parts[1]!r} is not a regular expression: {error}") from error
    return parts


def alternatives(argument: str | None) -> list[str]:
    """Return what has to be chosen, each such as `engine=hosted`."""
    return [chosen(word) for word in words(argument)]


def choice(*values: str) -> _Choice:
    """Return a converter that accepts one of `values`."""
    return _Choice(values)


class _Choice:
    def __init__(self, values: tuple[str, ...]) -> None:
        self.values = values

    def __call__(self, argument: str | None) -> str:
        text = (argument or "").strip()
        if text not in self.values:
            raise ValueError(f"{text!r} is not one of {', '.join(self.values)}")
        return text
