"""Unknown names, and the known ones that were probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from typing import Final

_ALIKE: Final = 0.6
"""How alike two names are of which one is proposed for the other, from 0 to 1."""

_MISTYPED: Final = 0.8
"""How alike two values are of which one is a mistyped other one."""
_NUMBER: Final = re.compile(r"\d+")

DISTRIBUTIONS: Final = (
    "alpine", "amzn", "arch", "debian", "el", "fedora", "gentoo", "linuxmint", "nixos",
    "ol", "opensuse-leap", "opensuse-tumbleweed", "raspbian", "sles", "ubuntu", "void",
)  # fmt: skip
"""What platforms that hosts report begin with, before the number of the release."""

_OTHERWISE: Final = {
    "almalinux": "el", "alma": "el", "centos": "el", "redhat": "el", "rhel": "el", "rocky": "el",
    "oracle": "ol", "oraclelinux": "ol", "amazon": "amzn", "suse": "sles", "mint": "linuxmint",
}  # fmt: skip
"""Names of distributions that their hosts do not report."""


def nearest(name: str, known: Iterable[str], alike: float = _ALIKE) -> str:
    """Return the name of `known` ones that `name` resembles most; empty if none does."""
    found = ""
    for one in known:
        ratio = difflib.SequenceMatcher(None, one.lower(), name.lower()).ratio()
        # Of several that are as near, the first counts.
        if ratio >= alike and (ratio > alike or not found):
            found, alike = one, ratio
    return found


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a message about the unknown `name`: what was probably meant, or nothing."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near else ""


def meant_value(value: str, known: Collection[str]) -> str:
    """Return the one of `known` values that was certainly meant by `value`; empty if it may be one.

    Another number is another value, such as another release.
    """
    if value in known:
        return ""
    near = nearest(value, known, _MISTYPED)
    return "" if _NUMBER.sub("", near) == _NUMBER.sub("", value) else near


def meant_platform(platform: str, known: Iterable[str] = ()) -> str:
    """Return the platform that was meant by one that no host is of; empty if one may be.

    `known` are other platforms than those that distributions have.
    """
    name, release = _split(platform)
    if meant := _OTHERWISE.get(name):
        return f"{meant}{release}"
    names = {*DISTRIBUTIONS, *(_split(one)[0] for one in known)}
    near = "" if name in names else nearest(name, names, 0.75)
    return f"{near}{release}" if near else ""


def _split(platform: str) -> tuple[str, str]:
    name = platform.rstrip("0123456789.")
    return name, platform[len(name) :]
