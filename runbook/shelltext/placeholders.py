"""Find placeholders: parts of a command that its reader has to replace.

`placeholders` finds those without which a command cannot be typed. `DocumentPlaceholders` also
finds what is complete but may differ for the reader: example addresses, unset variables.
"""

from __future__ import annotations

import enum
import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from attrs import define, field, frozen

from runbook.shelltext.parsing.lexer import masked
from runbook.shelltext.pattern import any_of


class PlaceholderKind(enum.Enum):
    """By what a placeholder is recognised."""

    BRACKETS = "brackets"
    """`<id>`"""
    BRACES = "braces"
    """`{host}`"""
    NAME = "name"
    """`ADMIN_PASS`: a name in capitals that says what belongs there."""
    EXAMPLE = "example"
    """`...`, `/path/to/file`, `/dev/sdX`: what nobody would call a real thing."""


@frozen(order=True)
class Placeholder:
    """A placeholder, and where it starts."""

    offset: int
    text: str
    kind: PlaceholderKind = field(order=False)


_ANGLE: Final = any_of(
    r"(?<![<>\w\\])<(?=[^\W\d])[^<>\n|&;$]*[\w.…](?:\(s\))?>(?![\w(>])",
    r"(?<![<>\w\\])</(?:path|your|some|my|full|absolute|dir|directory|file)\b[^<>\n|&;$ ]*>",
)
_BRACE: Final = re.compile(r"(?<![${%}])\{[a-z][a-z0-9_-]*\}(?![}\w])")
_NAME: Final = any_of(
    r"(?<![\w${.%-])(?:[A-Z][A-Z0-9]*_)+"
    r"(?:PASS|DBPASS|PASSWORD|SECRET|TOKEN|KEY|IP|IPADDR|ADDRESS|ADDR|HOST|HOSTNAME|FQDN|DOMAIN"
    r"|NAME|ID|UUID|USER|USERNAME|URL|INTERFACE|NIC|DEVICE|DISK|PARTITION|PORT|PATH|CIDR|SUBNET"
    r"|VLAN|NETMASK|GATEWAY)(?![\w=/.(}-])",
    r"(?<=://)[^\s/:'\"@]*[^\x00-\x7f][^\s/:'\"@]*",  # words instead of the host of a URL
)
_YOURS: Final = any_of(
    r"(?<![\w${.%])(?:YOUR|THAT|SOME)[_-][A-Z][A-Z_-]*[A-Z](?![\w=(}])",
    r"(?<![\w${.%])YOUR[A-Z]{2,}(?![\w=(}])",
    r"(?<![\w${.%])(?:USERNAME|IPADDRESS|MY(?:USER|PASS|HOST|DOMAIN|SERVER)[A-Z]*)(?![\w=(}])",
)
_ELISION: Final = any_of(
    r"(?<!\S)(?:\.{3,}|…|\[(?:\.\.\.|…)\])(?![^\s;|&)])",  # a word that leaves something out
    r"(?<=[=,:])(?:\.{3,}|…)(?![^\s;|&)])",  # the value of `name=.....`
    r"(?<!\S)/[\w./-]*/(?:\.{3,}|…)(?!\S)",
)
_EXAMPLE: Final = any_of(
    r"(?<![\w$}])/?(?:full/|absolute/)?(?:path/(?:to|of)|your/path|some/path)(?:/[\w.…-]*)*",
    r"/dev/(?:[a-z]+(?:\d+[a-z]+)?)?[XYN][\dXYN]*(?:[np][XYN\d]+)*(?!\w)",
    r"/dev/(?:[shv]d|xvd)x\d*(?!\w)",
    r"/dev/[A-Z][A-Z_]{2,}(?!\w)",
    r"(?<![\w$])(?:eth|en[ops]|bond|br|vnet)X(?!\w)",
    r"(?<![\w.$])(?:\d{1,3}\.){1,3}(?:[xXyYzZ]{1,3}\.)*[xXyYzZ]{1,3}(?![\w.])",
    r"(?<![\w.$])[xX]{1,3}(?:\.[xX]{1,3}){2,3}(?![\w.])",
    r"(?<![A-Za-z.$])[xX]\.[yY](?:\.[zZ])?(?!\w)",
    r"(?<![\w$.])[xX]{3,}(?:-[xX]{3,})*(?![\w])",
)
_HINT: Final = re.compile(r"[A-Z]{3}|[<{…]|\.\.\.|path|/dev/|[xX]|[^\x00-\x7f]")
"""What a text with a placeholder has; most have none of it."""

_TEMPLATE: Final = re.compile(r"\bmktemp\b[^;|&\n]*\Z")
_VARIABLE_NAMES: Final = re.compile(
    r"\b(?:unset|export|readonly|declare|typeset|local|read|printenv)\b[^;|&\n]*\Z"
)


@lru_cache(1024)
def found_placeholders(text: str) -> tuple[Placeholder, ...]:
    """Return the placeholders in shell `text` with their places, in order.

    Redirections, brace expansions, variables and their names are not placeholders.
    """
    if not _HINT.search(text):
        return ()
    shown = masked(text)
    found: dict[int, Placeholder] = {}

    def add(patterns: Iterable[re.Pattern[str]], kind: PlaceholderKind, *, bare: bool) -> None:
        for pattern in patterns:
            for match in pattern.finditer(text):
                start = match.start()
                if not (bare and shown[start] != text[start]):
                    found.setdefault(start, Placeholder(start, match[0], kind))

    for match in _ANGLE.finditer(text):
        # In quotes, `<a>` may be real markup, which has a closing tag.
        quoted = shown[match.start()] != "<"
        if not (quoted and (f"</{match[0][1:]}" in text or " " in match[0])):
            found[match.start()] = Placeholder(match.start(), match[0], PlaceholderKind.BRACKETS)
    add((_NAME,), PlaceholderKind.NAME, bare=False)
    add((_YOURS,), PlaceholderKind.EXAMPLE, bare=False)
    add((_BRACE,), PlaceholderKind.BRACES, bare=True)
    add((_ELISION,), PlaceholderKind.EXAMPLE, bare=True)
    add((_EXAMPLE,), PlaceholderKind.EXAMPLE, bare=False)
    return tuple(sorted(one for one in found.values() if not _is_other(one, text)))


def _is_other(found: Placeholder, text: str) -> bool:
    """Return whether a text that looks like a placeholder is something else where it stands."""
    before = text[: found.offset]
    if found.kind is PlaceholderKind.NAME:
        return _VARIABLE_NAMES.search(before) is not None
    if found.kind is not PlaceholderKind.EXAMPLE:
        return False
    if found.text[:1] in "xX" and _TEMPLATE.search(before):
        return True
    # The path of a URL is an example only if its host is one.
    return "path" in found.text and re.search(r"://\S*\Z", before) is not None


def placeholders(text: str) -> tuple[str, ...]:
    """Return the placeholders in shell `text`, in order: `<id>`, `{host}`, `ADMIN_PASS`, `...`."""
    return tuple(dict.fromkeys(one.text for one in found_placeholders(text)))


_ENDINGS: Final = (
    r"PASS\w*|DBPASS|SECRET|TOKEN|KEY|ID|UUID|NAME|HOST\w*|ADDRESS|IP\w*|URL|PORT|DOMAIN"
    r"|INTERFACE\w*|NETWORK\w*|DEVICE|USER\w*|DIR|PATH|FILE|VERSION"
)
"""Endings of placeholders in capital letters."""

_ALSO: Final = any_of(
    r"(?<![$\w{%])\{[A-Za-z][\w /.:-]*\}(?!\})",  # {host}, but neither ${host} nor {{ host }}
    rf"(?<![\w$-])(?:(?:[A-Z][A-Z0-9]*_)+(?:{_ENDINGS})|(?:YOUR|MY)_[A-Z_]+)(?![\w=])",  # NAME_PASS
    r"%[a-z][\w.-]*%",
    r"(?<![\w.:/-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.-])",  # an IPv4 address
)
_VARIABLE: Final = re.compile(
    r"(?<![\\$])\$(?:(?P<name>[A-Z][A-Z0-9_]+|(?:[a-z]+_)*(?:id|uuid))\b"
    r"|\{(?P<braced>[A-Z]\w+|(?:[a-z]+_)*(?:id|uuid))\})"
)
_SET: Final = any_of(
    r"(?<![\w$-])(?P<assigned>[A-Za-z_]\w*)\+?=",
    r"\bread (?:-\w+ )*(?P<read>[A-Za-z_]\w*)",
    r"\b(?:for|select) (?P<loop>[A-Za-z_]\w*) in\b",
)
_SETS_OTHERS: Final = re.compile(r"(?:\A|[;&|\n]\s*)(?:source|\.|eval)\s")
"""Commands that may set any variable."""

_MUST_BE_SET: Final = re.compile(
    rf"\$\{{?(?:(?:[A-Z][A-Z0-9]*_)*(?:{_ENDINGS})|(?:[a-z]+_)*(?:id|uuid))\}}?"
)
"""Variables whose values nobody can do without."""

_ENVIRONMENT: Final = frozenset(
    {
        "DISPLAY", "EDITOR", "EUID", "HOME", "HOSTNAME", "IFS", "LANG", "LC_ALL", "LD_LIBRARY_PATH",
        "LOGNAME", "OLDPWD", "PATH", "PPID", "PWD", "PYTHONPATH", "RANDOM", "SECONDS", "SHELL",
        "SHLVL", "TERM", "TMPDIR", "UID", "USER", "VIRTUAL_ENV",
    }
)  # fmt: skip
"""Variables that a shell sets itself."""


def must_be_filled_in(placeholder: str) -> bool:
    """Return whether a placeholder of a document makes a command impossible to type.

    Example addresses and most variables are placeholders too, but complete.
    """
    if placeholder.startswith("$"):
        return _MUST_BE_SET.fullmatch(placeholder) is not None
    return placeholder.startswith(("<", "{", "[")) or (
        placeholder.isupper() and placeholder.replace("_", "").isalnum()
    )


@define
class DocumentPlaceholders:
    """Finds the placeholders of one document, whose commands may set variables."""

    _set: set[str] = field(factory=set)
    _sets_others: bool = False

    def of(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the placeholders of `texts` in order, without duplicates.

        They include addresses from private or documentation networks, and variables that nothing
        before in the document sets.
        """
        found: dict[str, None] = {}
        for text in texts:
            found |= dict.fromkeys(_literal(text))
            found |= dict.fromkeys(self._variables(text))
        return tuple(found)

    def _variables(self, text: str) -> list[str]:
        if "=" in text or "read " in text or " in" in text:
            self._set |= {m[m.lastgroup or 0] for m in _SET.finditer(text)}
        if _SETS_OTHERS.search(text):
            self._sets_others = True
        if "$" not in text or self._sets_others:
            return []
        known = self._set | _ENVIRONMENT
        return [m[0] for m in _VARIABLE.finditer(text) if (m["name"] or m["braced"]) not in known]


def _literal(text: str) -> list[str]:
    found = {one.offset: one.text for one in found_placeholders(text)}
    for match in _ALSO.finditer(text):
        inside = any(start <= match.start() < start + len(one) for start, one in found.items())
        if not inside and _is_placeholder(match, text):
            found[match.start()] = match[0]
    return [found[start] for start in sorted(found)]


def _is_placeholder(found: re.Match[str], text: str) -> bool:
    shown = found[0]
    if shown[0] == "{":
        return "{{" not in text[max(0, found.start() - 1) : found.end()]
    if shown[0].isupper():
        return not _VARIABLE_NAMES.search(text, 0, found.start())
    return not shown[0].isdigit() or _is_example(shown)


def _is_example(address: str) -> bool:
    """Return whether `address` is a host address in a private or documentation network."""
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    nowhere = found.is_loopback or found.is_unspecified or found.is_multicast
    return found.is_private and not nowhere and not address.startswith("255.")
