"""What `${name##*/}` and the like make of a value."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Final

_PART: Final = re.compile(r"(\d+)(?::(\d+))?")
_PATTERN: Final = re.compile(r"[*?\[\\]")


def changed(value: str, operator: str, argument: str) -> str | None:
    """Return what a shell makes of `value`, or `None` if that is not told here.

    `operator` follows the name of the variable, and `argument` follows it.
    """
    match operator:
        case "#" | "##":
            ends = range(len(value) + 1)
            found = [n for n in ends if fnmatchcase(value[:n], argument)]
            return value[(found[0] if operator == "#" else found[-1]) :] if found else value
        case "%" | "%%":
            starts = range(len(value), -1, -1)
            found = [n for n in starts if fnmatchcase(value[n:], argument)]
            return value[: (found[0] if operator == "%" else found[-1])] if found else value
        case ",," | "^^" if not argument:
            return value.lower() if operator == ",," else value.upper()
        case "," | "^" if not argument:
            first = value[:1].lower() if operator == "," else value[:1].upper()
            return first + value[1:]
        case "/" | "//":
            old, _, new = argument.partition("/")
            if not old or _PATTERN.search(old) or old[0] in "#%":
                return None
            return value.replace(old, new, 1 if operator == "/" else -1)
        case ":" if found_part := _PART.fullmatch(argument):
            start = int(found_part[1])
            end = start + int(found_part[2]) if found_part[2] else None
            return value[start:end]
    return None
