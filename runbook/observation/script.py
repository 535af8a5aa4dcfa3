"""The shell scripts of a look: what a host is asked, by programs of any release of a distribution.

Each section is `NUL RS name RS`, what a program printed, and `NUL RS = RS status`. No name of a
file has a NUL, so that nothing on the host can look like the end of a section.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from typing import Final

MARK: Final = b"\0\x1e"
"""What a section begins with."""

ROOTS: Final = ("/etc", "/usr/local", "/srv")
"""Directories below which every file is looked at, however deep."""

_HOMES: Final = ("/root", "/home")
_DEPTH: Final = 3
"""How deep files are looked at below homes and what steps name."""

_FORMAT: Final = r"%y %m %u:%g %s %i %T@ %C@ %p\0%l\0"

_FUNCTIONS: Final = r"""
part() { # NAME PROGRAM [ARGUMENT...]
    printf '\0\036%s\036' "$1"; shift
    if ! command -v "$1" >/dev/null; then printf '\0\036=\036%s is not installed' "$1"; return; fi
    timeout 10 "$@" 2>/dev/null
    printf '\0\036=\036%s' $?
}
settings() { find /proc/sys -type f -perm -200 -print0 | xargs -0 grep -sH ''; true; }
export -f settings
"""

_PARTS: Final = r"""
if command -v dpkg-query >/dev/null; then
    part dpkg dpkg-query -W -f '${Package}\t${Version}\t${db:Status-Abbrev}\n'
    [ ! -r /var/lib/apt/extended_states ] || part auto cat /var/lib/apt/extended_states
else
    part rpm rpm -qa --qf '%{NAME}\t%{VERSION}-%{RELEASE}\n'
fi
part units systemctl list-units --all --plain --no-legend --type=service,socket,timer,path
part ports ss -ltunp
part users getent passwd
part passwords getent shadow
part groups getent group
part mounts cat /proc/self/mounts
if command -v nft >/dev/null || ! command -v iptables-save >/dev/null; then
    part nft nft list ruleset
fi
if [ -s /proc/net/ip_tables_names ] || ! command -v nft >/dev/null; then
    ! command -v iptables-save >/dev/null || part iptables iptables-save
    ! command -v ip6tables-save >/dev/null || part ip6tables ip6tables-save
fi
part sysctl bash -c settings
"""

_OWNED: Final = r"^$|^/etc/|^(/usr)?/lib/systemd/system/[^/]+$|^(/usr)?/s?bin/[^/]+$"
"""Files of a package that say what came with it: configuration, units and programs."""


def look_script(places: Iterable[str]) -> str:
    """Return the script of a look, which also looks at `places` beside the usual ones."""
    near = " ".join(shlex.quote(path) for path in (*_HOMES, *places))
    return (
        f"{_FUNCTIONS}\n"
        f"part files find {' '.join(ROOTS)} -xdev -printf '{_FORMAT}'\n"
        f"part more find {near} -maxdepth {_DEPTH} -xdev -printf '{_FORMAT}'\n"
        f"{_PARTS}"
    )


def content_script(paths: Sequence[str]) -> str:
    """Return the script that prints a tar archive with the files at `paths`."""
    named = " ".join(shlex.quote(path) for path in paths)
    return f"printf '%s\\0' {named} | tar -C / --null --no-recursion -T - -cf - 2>/dev/null; true"


def owned_script(packages: Sequence[str], names: Sequence[str], targets: Sequence[str]) -> str:
    """Return the script that says what `packages` of one host brought.

    `targets` are paths to which new links lead: which package do they belong to?
    `names` are of users, groups and files that are new: which package's scripts make them?
    """
    listed = " ".join(shlex.quote(one) for one in packages)
    words = shlex.quote("\n".join(names))
    led_to = " ".join(shlex.quote(one) for one in targets) or "/nowhere"
    scripts = " ".join(
        f"/var/lib/dpkg/info/{shlex.quote(one)}{{,:*}}.{{preinst,postinst}}" for one in packages
    )
    mine = r"\t(/etc/|(/usr)?/lib/systemd/system/|(/usr)?/s?bin/)"
    rpm_format = r"[%{=NAME}\t%{FILENAMES}\t%{FILEDIGESTS}\n]"
    return f"""{_FUNCTIONS}
listed() {{ dpkg-query -L {listed} | grep -E '{_OWNED}'; }}
makers() {{ shopt -s nullglob; set -- {scripts}
    [ $# = 0 ] || [ -z {words} ] || grep -oHwF -e {words} -- "$@"; }}
filed() {{ rpm -q --qf '{rpm_format}' {listed} | grep -P '{mine}'; }}
export -f listed makers filed
if command -v dpkg-query >/dev/null; then
    part listed bash -c listed
    part conffiles dpkg-query -W -f '${{Conffiles}}\\n' {listed}
    part makers bash -c makers
    part targets dpkg-query -S {led_to}
else
    part filed bash -c filed
fi
"""
