"""Words of a command that stand for something which the operator has to fill in."""

from __future__ import annotations

import re
from typing import Final

from runbook.simple import bare

_ANGLE: Final = re.compile(r"(?<![<>\w\\])<(?=[^\W\d])[^<>\n|&;$]*[\w.…](?:\(s\))?>(?![\w(>])")
_BRACE: Final = re.compile(r"(?<![${%}])\{[a-z][a-z0-9_-]*\}(?![}\w])")
_CAPITALS: Final = re.compile(
    r"(?<![\w${.%-])(?:[A-Z][A-Z0-9]*_)+"
    r"(?:PASS|DBPASS|PASSWORD|SECRET|TOKEN|KEY|IP|IPADDR|ADDRESS|ADDR|HOST|HOSTNAME|FQDN|DOMAIN"
    r"|NAME|ID|UUID|USER|USERNAME|URL|INTERFACE|NIC|DEVICE|DISK|PORT|PATH|CIDR|SUBNET|VLAN)"
    r"(?![\w=/.(}-])"
)
_YOURS: Final = re.compile(r"(?<![\w${.%-])YOUR[_-][A-Z][A-Z_-]*[A-Z](?![\w=(}])")
_WORDS: Final = re.compile(r"(?<=://)[^\s/:'\"@]*[^\x00-\x7f][^\s/:'\"@]*")
"""Words of another script where an address has its host."""


def blanks(text: str) -> tuple[str, ...]:
    """Return what shell `text` leaves open, in order: `<id>`, `{host}`, `ADMIN_PASS`.

    Redirections, brace expansions, variables and the names of variables are not among it.
    """
    shown = bare(text)
    found: dict[int, str] = {}
    for match in _ANGLE.finditer(text):
        # Quoted, `<a>` may be markup that is meant: a tag has an end.
        quoted = shown[match.start()] != "<"
        if not (quoted and (f"</{match[0][1:]}" in text or " " in match[0])):
            found[match.start()] = match[0]
    for pattern in (_WORDS, _CAPITALS, _YOURS, _BRACE):
        for match in pattern.finditer(text):
            if pattern is _BRACE and shown[match.start()] != "{":
                continue
            found.setdefault(match.start(), match[0])
    return tuple(dict.fromkeys(found[start] for start in sorted(found)))
