"""What in a command stands for something that only its reader knows."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

from attrs import define, field

from runbook.console.pattern import any_of

_KINDS: Final = (
    r"PASS\w*|DBPASS|SECRET|TOKEN|KEY|ID|UUID|NAME|HOST\w*|ADDRESS|IP\w*|URL|PORT|DOMAIN"
    r"|INTERFACE\w*|NETWORK\w*|DEVICE|USER\w*|DIR|PATH|FILE|VERSION"
)
"""What the names of placeholders in capitals end with."""

_PLACEHOLDER: Final = any_of(
    r"<[A-Za-z][\w ./:@#|'-]*>",  # <id>
    r"(?<![$\w{%])\{[A-Za-z][\w /.:-]*\}(?!\})",  # {host}, but neither ${host} nor {{ host }}
    rf"(?<![\w$-])(?:(?:[A-Z][A-Z0-9]*_)+(?:{_KINDS})|(?:YOUR|MY)_[A-Z_]+)(?![\w=])",  # NAME_PASS
    r"%[a-z][\w.-]*%",
    r"(?<![\w.:/-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.-])",  # an address
)
_VARIABLE: Final = re.compile(
    r"(?<![\\$])\$(?:(?P<name>[A-Z][A-Z0-9_]+)\b|\{(?P<braced>[A-Z]\w+)\})"
)
_SET: Final = any_of(
    r"(?<![\w$-])(?P<assigned>[A-Za-z_]\w*)\+?=",
    r"\bread (?:-\w+ )*(?P<read>[A-Za-z_]\w*)",
    r"\bfor (?P<loop>[A-Za-z_]\w*) in\b",
)
_ENVIRONMENT: Final = frozenset(
    {
        "DISPLAY", "EDITOR", "EUID", "HOME", "HOSTNAME", "IFS", "LANG", "LC_ALL", "LD_LIBRARY_PATH",
        "LOGNAME", "OLDPWD", "PATH", "PPID", "PWD", "PYTHONPATH", "RANDOM", "SECONDS", "SHELL",
        "SHLVL", "TERM", "TMPDIR", "UID", "USER", "VIRTUAL_ENV",
    }
)  # fmt: skip
"""Variables that a shell has by itself."""


@define
class Placeholders:
    """Finds the placeholders of one document, whose commands may set some of its variables."""

    _set: set[str] = field(factory=set)

    def of(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the placeholders of `texts` in order, each once.

        An address that is set aside for private networks or for documents is one as well, and
        so is a variable that nothing in the document sets.
        """
        found: dict[str, None] = {}
        for text in texts:
            found |= dict.fromkeys(_literal(text))
            found |= dict.fromkeys(self._variables(text))
        return tuple(found)

    def _variables(self, text: str) -> list[str]:
        if "=" in text or "read " in text or "for " in text:
            self._set |= {m[m.lastgroup or 0] for m in _SET.finditer(text)}
        if "$" not in text:
            return []
        known = self._set | _ENVIRONMENT
        return [m[0] for m in _VARIABLE.finditer(text) if (m["name"] or m["braced"]) not in known]


def _literal(text: str) -> list[str]:
    return [m[0] for m in _PLACEHOLDER.finditer(text) if _stands_for_something(m, text)]


def _stands_for_something(found: re.Match[str], text: str) -> bool:
    shown = found[0]
    if shown[0] == "<":
        # A tag of XML is closed again.
        return f"</{shown[1:]}" not in text
    if shown[0] == "{":
        return "{{" not in text[max(0, found.start() - 1) : found.end()]
    return not shown[0].isdigit() or _is_example(shown)


def _is_example(address: str) -> bool:
    """Tell whether `address` is some host's, in a network that everybody may use."""
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    nowhere = found.is_loopback or found.is_unspecified or found.is_multicast
    return found.is_private and not nowhere and not address.startswith("255.")
