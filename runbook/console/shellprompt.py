"""Prompts of shells as guides show them: whole, shortened, and damaged."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

_ENVIRONMENT: Final = r"(?:\([\w.() -]{1,40}\) ?)*"
"""Names in front of a prompt, as of a virtual environment."""

_FULL: Final = re.compile(
    _ENVIRONMENT + r"(?:"
    # [root@host ~]#   [root@host:/etc]$   root@host ~]#   [root@host]$
    r"\[?(?:\w+: ?)?(?P<user>[A-Za-z_][\w.-]*)@(?P<host>[\w.<>{}-]+)(?:(?:[ :]|(?=[~/]))(?P<directory>[^\]\[#$%>]*))?\] ?(?P<sign>[#$%>])"
    # root@host:~#   user@host:~/src$   user@host ~ $   user@host#
    r"|(?P<user2>[A-Za-z_][\w.-]*)@(?P<host2>[\w.-]+)(?::(?P<directory2>[^\s#$%>]*)|(?P<directory3> [~/][^\s#$]*))? ?(?P<sign2>[#$%>])"
    # [host ~]#   [host /etc]$   [host]#
    r"|\[(?P<host3>[A-Za-z][\w.-]*)(?: (?P<directory4>[~/][^\]]*))?\] ?(?P<sign3>[#$])"
    # host:~ #   host:/etc$
    r"|(?P<host4>[A-Za-z][\w.-]*):(?P<directory5>[~/][^\s#$%<>]*) ?(?P<sign4>[#$%>])"
    # -bash-4.1#   sh-5.1$   bash$
    r"|-?(?:ba|z|k|da|c|tc)?sh(?:-[\d.]+\w?)?(?P<sign5>[#$%])"
    # ~(keystone_admin)]$   ~]#   ~$   /etc#
    r"|[~/][\w./-]*(?:\([\w.-]+\))?\]?(?P<sign6>[#$])"
    # (keystone_admin)$   (venv) [dir]$
    r"|\[?\([\w.-]+\)[^#$\s]*\]?(?P<sign8>[#$])"
    # root #   root$
    r"|(?P<user3>root|user|localhost|admin) ?(?P<sign7>[#$])"
    r")(?P<blank> +|\Z|(?=[a-z./]))"
)
_HOST: Final = re.compile(r"(?P<host>[A-Za-z][\w.-]*) {0,6}(?P<sign>[#$%])(?: +(?=\S)|\Z)")
_SHORT: Final = re.compile(_ENVIRONMENT + r"(?P<sign>[$#%>❯➜])(?: +|\Z)")
_DAMAGED: Final = re.compile(r"(?P<sign>[$#])(?=[a-z./])")


@frozen
class ShellPrompt:
    """A prompt: where it ends in its line, its sign, and what it shows of the shell.

    `full` is false for a prompt that is hardly more than its sign.
    """

    end: int
    sign: str
    full: bool = False
    user: str | None = None
    host: str | None = None
    directory: str | None = None


def full(line: str) -> ShellPrompt | None:
    """Return the prompt at the beginning of `line` that can be nothing else."""
    if (
        not line
        or line[0] in " \t"
        or not ("#" in line or "$" in line or "%" in line or ">" in line)
    ):
        return None
    found = _FULL.match(line)
    if not found:
        return None
    if (
        not found["blank"]
        and found.end() < len(line)
        and "]" not in found[0]
        and "@" not in found[0]
    ):
        return None
    parts = found.groupdict()

    def first(name: str) -> str | None:
        values = (parts.get(name + n) for n in ("", "2", "3", "4", "5", "6", "7", "8"))
        return next((v.strip() for v in values if v and v.strip()), None)

    return ShellPrompt(
        found.end(), first("sign") or "$", True, first("user"), first("host"), first("directory")
    )


def short(line: str) -> ShellPrompt | None:
    """Return the prompt at the beginning of `line` that is a mere sign, as `$ `."""
    found = _SHORT.match(line)
    if not found:
        return None
    sign = "$" if found["sign"] in "❯➜" else found["sign"]
    return ShellPrompt(found.end(), sign, full=line[0] == "(")


def named(line: str) -> ShellPrompt | None:
    """Return the prompt that is a host's name and a sign, as `gs1# `; output may look like it."""
    found = _HOST.match(line)
    return ShellPrompt(found.end(), found["sign"], host=found["host"]) if found else None


def damaged(line: str) -> ShellPrompt | None:
    """Return the prompt without the blank behind it, as `#yum install`."""
    found = _DAMAGED.match(line)
    return ShellPrompt(found.end(), found["sign"]) if found else None
