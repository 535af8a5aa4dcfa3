"""Shell prompts as guides show them: full, short, or malformed."""

from __future__ import annotations

import re
from typing import Final, Literal

from attrs import frozen

from runbook.model import Prompt
from runbook.shelltext.pattern import numbered
from runbook.shelltext.pattern import unnumbered as groups

_ENVIRONMENT: Final = r"(?:\([\w. -]{1,40}\) ?){0,3}"
"""Names in front of a prompt, such as those of virtual environments."""

_FORMS: Final = (
    # [root@host ~]#   [root@host:/etc]$   root@host ~]#   [root@host]$
    r"\[?(?:\w+: ?)?(?P<user>[A-Za-z_][\w.-]*)@(?P<host>[\w.<>{}-]+)"
    r"(?:(?:[ :]|(?=[~/]))(?P<directory>[^\]\[#$%>]*))?\] ?(?P<sign>[#$%>])",
    # root@host:~#   user@host:~/src$   user@host#
    r"(?P<user>[A-Za-z_][\w.-]*)@(?P<host>[\w.-]+)"
    r"(?::(?P<directory>[^\s#$%>]*))? ?(?P<sign>[#$%>])",
    # user@host ~ $
    r"(?P<user>[A-Za-z_][\w.-]*)@(?P<host>[\w.-]+) (?P<directory>[~/][^\s#$]*) ?(?P<sign>[#$%>])",
    # [host ~]#   [host /etc]$   [host]#
    r"\[(?P<host>[A-Za-z][\w.-]*)(?: (?P<directory>[~/][^\]]*))?\] ?(?P<sign>[#$])",
    # host:~ #   host:/etc$
    r"(?P<host>[A-Za-z][\w.-]*):(?P<directory>[~/][^\s#$%<>]*) ?(?P<sign>[#$%>])",
    # -bash-4.1#   sh-5.1$   bash$
    r"-?(?:ba|z|k|da|c|tc)?sh(?P<version>-[\d.]+\w?)?(?P<sign>[#$%])",
    # ~(keystone_admin)]$   ~]#   ~$   /etc#
    r"(?P<directory>[~/][\w./-]*)(?:\([\w.-]+\))?\]?(?P<sign>[#$])",
    # / #   ~ $   /app #
    r"(?P<directory>[~/]|/[a-z]+) (?P<sign>[#$])",
    # (keystone_admin)$   (venv) [dir]$
    r"\[?\([\w.-]+\)[^#$\s]*\]?(?P<sign>[#$])",
    # root #   root$
    r"(?P<user>root|user|localhost|admin) ?(?P<sign>[#$])",
)
_FULL: Final = re.compile(
    rf"{_ENVIRONMENT}(?:{numbered(*_FORMS)})(?P<blank_0> +|\Z|(?=[a-z./]))",
)
_ARROWS: Final = "\u276f\u279c"
"""Prompt characters of customised shells."""

_SIGNS: Final = frozenset("#$%>")
_HOST: Final = re.compile(r"(?P<host>[A-Za-z][\w.-]*) {0,6}(?P<sign>[#$%])(?: +(?=\S)|\Z)")
_SHORT: Final = re.compile(rf"{_ENVIRONMENT}(?P<sign>[$#%>{_ARROWS}])(?: +|\Z)")
_UNSPACED: Final = re.compile(r"(?P<sign>[$#])(?=[a-z./])(?!/(?:usr/)?bin/(?:env|\w*sh)\b)")


@frozen
class ShellPrompt:
    """A prompt: where it ends in its line, its sign, and what it shows of the shell.

    `full` is false for a prompt that is little more than its sign. `certain` is true for one that
    no program prints: with user and host, or with the version of the shell.
    """

    end: int
    sign: str
    full: bool = False
    user: str | None = None
    host: str | None = None
    directory: str | None = None
    certain: bool = False

    @property
    def shown(self) -> Prompt:
        """The prompt as a noun; all signs but `#` are those of an ordinary user's shell."""
        sign: Literal["#", "$"] = "#" if self.sign == "#" else "$"
        return Prompt(sign, self.user, self.host, self.directory)


def full(line: str) -> ShellPrompt | None:
    """Return the full prompt at the start of `line`."""
    if not line or line[0] in " \t" or _SIGNS.isdisjoint(line):
        return None
    found = _FULL.match(line)
    if not found:
        return None
    shown = groups(found)
    if shown["sign"] == ">" and "] >" in found[0]:
        return None  # a router's
    separated = shown["blank"] or found.end() == len(line)
    if not separated and "]" not in found[0] and "@" not in found[0]:
        return None
    user, host, directory = (
        shown.get(name, "").strip() or None for name in ("user", "host", "directory")
    )
    certain = bool(separated) and (bool(user and host) or "version" in shown)
    return ShellPrompt(found.end(), shown["sign"], True, user, host, directory, certain)


def short(line: str) -> ShellPrompt | None:
    """Return the prompt at the start of `line` that is just a sign, such as `$ `."""
    found = _SHORT.match(line)
    if not found:
        return None
    sign = "$" if found["sign"] in _ARROWS else found["sign"]
    return ShellPrompt(found.end(), sign, full=line[0] == "(")


def host_prompt(line: str) -> ShellPrompt | None:
    """Return the prompt that is a host name and a sign, such as `gs1# `; output may look alike."""
    found = _HOST.match(line)
    return ShellPrompt(found.end(), found["sign"], host=found["host"]) if found else None


def unspaced(line: str) -> ShellPrompt | None:
    """Return the prompt without a space after it, as in `#yum install`."""
    found = _UNSPACED.match(line)
    return ShellPrompt(found.end(), found["sign"]) if found else None
