"""What a translation has to leave as it is: literals, roles, values, paths, options, numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

_LITERAL: Final = re.compile(r"``(?P<text>.+?)``(?!`)", re.DOTALL)
_ROLE: Final = re.compile(r":(?P<name>[a-zA-Z][\w:+.-]*):`(?P<text>[^`]*)`")
_TARGET: Final = re.compile(r"<(?P<target>[^<>]+)>\s*\Z")
_VALUE: Final = re.compile(r"\|(?P<name>[^\s|](?:[^|\n]*[^\s|])?)\|")
_NAMED: Final = re.compile(r"`(?P<text>[^`]+)`(?P<kind>__?)")
_FOOTNOTE: Final = re.compile(r"\[(?P<name>#[\w-]*|\*|\d+)\]_")
_ADDRESS: Final = re.compile(r"\b[a-z][a-z+]*://[^\s<>`，。；：、（）]+")  # noqa: RUF001

_FREE_TEXT: Final = frozenset({"abbr"})
"""Roles whose text is for readers only."""

_TECHNICAL: Final = re.compile(
    r"""
    (?<![\w/.-]) (?:
        --?[A-Za-z][\w-]*(?:=[\w./-]+)?       # an option
      | (?:/[\w.+@-]+)+/?                     # a path
      | [A-Za-z0-9_.+-]+@[A-Za-z0-9.-]+       # an address, a user at a host
      | (?=[\d._:-]*[A-Za-z])(?:[A-Za-z0-9_-]+[._:])+[A-Za-z0-9_-]+   # a file, a full name
      | [A-Za-z]+[-]?\d[\w-]*                 # a host with a number, a release
      | \d+[A-Za-z][\w-]*                     # 8K
    )
    """,
    re.VERBOSE | re.ASCII,
)
_NO_NAMES: Final = re.compile(r"(?i)\A(?:e\.g|i\.e|a\.m|p\.m)\Z")
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(?:[.,:]\d+)*(?![A-Za-z_]\w)", re.ASCII)
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    word: (str(number),)
    for number, words in (
        (0, "zero"), (1, "one a an once first single"), (2, "two twice second"),
        (3, "three third"), (4, "four fourth"), (5, "five fifth"), (6, "six"), (7, "seven"),
        (8, "eight"), (9, "nine"), (10, "ten"), (11, "eleven"), (12, "twelve dozen"),
        (13, "thirteen"), (14, "fourteen"), (15, "fifteen"), (16, "sixteen"), (20, "twenty"),
        (30, "thirty"), (40, "forty"), (50, "fifty"), (60, "sixty"), (100, "hundred"),
        (1000, "thousand"),
    )
    for word in words.split()
} | {"half": ("0.5", "30"), "quarter": ("0.25", "15")}  # fmt: skip
"""Words for which a translation may have digits."""


def changes(original: str, translated: str) -> Iterator[str]:
    """Yield what `translated` changes that a translation has to leave as it is."""
    before, after = _parts(original), _parts(translated)
    for kind in _KINDS:
        lost, found = before[kind] - after[kind], after[kind] - before[kind]
        if kind in (_NAMES, _NUMBERS):
            # What a program says is often quoted, and then told with the same names.
            found = Counter(
                {part: n for part, n in found.items() if not _stands_in(part, original)}
            )
        if kind == _NUMBERS:
            found -= Counter(
                number
                for word in re.findall(r"[a-z]+", original.lower())
                for number in _WORDS.get(word, ())
            )
        if message := _difference(kind, lost, found):
            yield message


def _stands_in(part: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(part)}(?!\w)", text, re.ASCII) is not None


_LITERALS: Final = "literal"
_ROLES: Final = "role"
_VALUES: Final = "value"
_LINKS: Final = "link"
_NAMES: Final = "name"
_NUMBERS: Final = "number"
_KINDS: Final = (_LITERALS, _ROLES, _VALUES, _LINKS, _NAMES, _NUMBERS)


def _difference(kind: str, lost: Counter[str], found: Counter[str]) -> str:
    gone, new = (", ".join(_listed(one)) for one in (lost, found))
    if gone and new:
        return f"it has the {kind} {new} in place of {gone}"
    if gone:
        return f"it lacks the {kind} {gone}"
    return f"it has the {kind} {new}, which the original has not" if new else ""


def _listed(parts: Counter[str]) -> Iterator[str]:
    for part, count in sorted(parts.items()):
        yield f"{part} ({count} times)" if count > 1 else part


def _parts(text: str) -> dict[str, Counter[str]]:
    """Return what is in `text`, by kind."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in _KINDS}
    rest = _taken(_LITERAL, text, found[_LITERALS], lambda m: f"``{_one_line(m['text'])}``")
    rest = _taken(_ROLE, rest, found[_ROLES], _role)
    rest = _taken(_VALUE, rest, found[_VALUES], lambda m: f"|{m['name']}|")
    rest = _taken(_NAMED, rest, found[_LINKS], _link)
    rest = _taken(_FOOTNOTE, rest, found[_LINKS], lambda m: f"[{m['name']}]_")
    rest = _taken(_ADDRESS, rest, found[_LINKS], lambda m: m[0].rstrip(".,;:)"))
    rest = rest.replace("\\:", ":")
    rest = _taken(_TECHNICAL, rest, found[_NAMES], lambda m: m[0].rstrip(".:"))
    found[_NAMES] = Counter(
        {name: n for name, n in found[_NAMES].items() if not _NO_NAMES.match(name)}
    )
    _taken(_NUMBER, rest, found[_NUMBERS], lambda m: m[0].rstrip(".,:"))
    return found


def _taken(
    pattern: re.Pattern[str],
    text: str,
    into: Counter[str],
    name: Callable[[re.Match[str]], str],
) -> str:
    """Count the parts that match by their names, and return `text` without them."""
    for found in pattern.finditer(text):
        into[name(found)] += 1
    return pattern.sub(" ", text)


def _role(found: re.Match[str]) -> str:
    name, text = found["name"], found["text"]
    if name in _FREE_TEXT:
        return f":{name}:"
    target = _TARGET.search(text)
    return f":{name}:`{_one_line(target['target'] if target else text)}`"


def _link(found: re.Match[str]) -> str:
    """Return where a link leads; one by the title of a section says it in the language."""
    target = _TARGET.search(found["text"])
    return f"<{_one_line(target['target'])}>" if target else f"`...`{found['kind']}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """Return the words of `text`: without literals, targets and what else is not prose."""
    text = _LITERAL.sub(" ", text)
    text = _ROLE.sub(lambda m: _shown(m["text"]) if _TARGET.search(m["text"]) else " ", text)
    text = _NAMED.sub(lambda m: _shown(m["text"]), text)
    return _ADDRESS.sub(" ", _VALUE.sub(" ", text))


def _shown(text: str) -> str:
    return " " + _TARGET.sub("", text).strip() + " "
