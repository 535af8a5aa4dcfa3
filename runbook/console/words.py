"""Tell a command from a sentence and from output, by its words alone.

The answer is a likeness between 0 and 1, never certain. Lists of names help, but a program
that is in no list is recognised by its form: options, paths, a hyphen in its name.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Final

KNOWN: Final = 0.95
"""Likeness of a line that begins with a well-known program."""

LIKELY: Final = 0.6
"""From here on a line may well have been typed."""

_PREFIX: Final = re.compile(
    r"(?:(?:sudo|doas)(?:\s+-(?:[A-Za-tv-z]+|u\s+\S+|-[\w-]+(?:=\S+)?))*\s+"
    r"|(?:time|nohup|exec|env|command|setsid)\s+(?=[^\s-])"
    r"|[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|\$\([^)]*\)|[^\s'\"]*)\s+(?=\S))*"
)
_KEYWORD: Final = re.compile(
    r"for \w+ in |for \(\(|while (?:\[|true|read |!|:|\w+ )|until (?:\[|\w)|if (?:\[|!|\w+ -|test )"
    r"|case \S+ in|function \w+(?: *\(\))? *\{|[A-Za-z_][\w-]*\(\)\s*\{?|\[ -[a-z] \S.* \]|\[\[ \S.* \]\]|\{ |\(cd |set [-+]\w"
)
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=(?:\"[^\"]*\"|'[^']*'|\$\(.*\)|`[^`]*`|\S*)\Z")
_RUNNABLE: Final = re.compile(
    r"(?:\./|\.\./|~/|\$\{?\w+\}?/|/)(?:[^\s/]+/)*[^\s/]+\Z|[\w.-]+\.(?:sh|py|pl|rb|bin|run|jar)\Z"
)
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_.+][a-z0-9]+)*\Z|[a-z]\w*\Z")
_OPTION: Final = re.compile(r"(?:^|\s)--?[A-Za-z][\w-]*")
_ARGUMENT: Final = re.compile(
    r"(?:^|\s)(?:/|~/|\./|\$|\S+=|[<>|&]|[\w.-]+/|\"|'|\S+@\S|\S+:\d+\b)|<\w"
)
_ENGLISH: Final = frozenset(
    "a an the this that these those is are was were be been has have had will would should can could may"
    " might must you your we our it its their they of to for from with without by as and or but if then when"
    " while which who there here not only also into about any some each all following please see note using"
    " such example same first second next because before after both between".split()
)
_OUTPUT: Final = re.compile(
    r"[|+][-=+\s]{3}|\|.*\|\s*\Z|[-=~*_.#]{3,}\s*\Z|\[\s*(?:[A-Z]+|ok|info|warn\w*|error|\d[\d.:]*)\s*\]"
    r"|\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [ \d]\d|\d\d:\d\d|[-dlcbps][rwxsStT-]{9}|[{}<>\]\"(]|\[(?![\[ ])|\d+[\s.:,)%]"
    r"|(?:INFO|WARN|WARNING|ERROR|DEBUG|NOTICE|TASK|PLAY|HEALTH_\w+)\b|\S+: |\S+:\Z|\S+ (?:=|:|=>|->) "
)
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_TABLE: Final = re.compile(r"\S {2,}\S+ {2,}\S")


@functools.cache
def _listed(name: str) -> frozenset[str]:
    text = resources.files("runbook.console").joinpath(name).read_text(encoding="utf-8")
    return frozenset(
        word for line in text.splitlines() if not line.startswith("#") for word in line.split()
    )


def known(name: str) -> bool:
    """Tell whether `name`, maybe with a directory, is that of a well-known program."""
    base = name.rpartition("/")[2] if name.startswith(("/", "./")) else name
    return base in _listed("commands.txt")


def program(text: str) -> str:
    """Return the name of the program that the command `text` runs, behind `sudo` and the like."""
    behind = text[_prefix(text) :]
    return behind.split(maxsplit=1)[0] if behind.strip() else ""


def _prefix(text: str) -> int:
    found = _PREFIX.match(text)
    return found.end() if found else 0


def sentence(text: str) -> bool:
    """Tell whether `text` is written for a reader rather than for a shell."""
    words = text.split()
    if not words:
        return False
    if not words[0][0].isascii() or text.endswith(("。", "\uff1a", "，")):
        return True
    plain = sum(word.strip(",.:;()").lower() in _ENGLISH for word in words)
    ends = text.endswith((".", ":", "!", "?", ",", "...")) and len(words) > 1
    if words[0][:1].isupper() and not known(words[0]) and len(words) > 1:
        return bool(plain) or ends or not (_OPTION.search(text) or _ARGUMENT.search(text))
    if _OPTION.search(text):
        return plain > 2
    return plain >= 2 or (plain and (ends or len(words) > 3)) or (ends and len(words) > 3)


def typed(text: str) -> float:
    """Return how much the line `text`, without prompt, looks like something typed at a shell."""
    text = text.strip()
    if not text or not text[0].isascii() or text[0] in "#|}])>,;*":
        return 0.0
    if _KEYWORD.match(text):
        return KNOWN
    begin = _prefix(text)
    rest = text[begin:]
    if not rest:
        return LIKELY
    first = rest.split(maxsplit=1)[0]
    behind = rest[len(first) :]
    bare = first.rstrip(";")
    prefixed = begin > 0
    if bare in _listed("commands.txt") or (bare.startswith("/") and known(bare)):
        return _known(bare, behind, rest, prefixed=prefixed)
    if bare in _listed("words.txt"):
        return _known(bare, behind, rest, prefixed=prefixed)
    if bare == "." and behind.strip():
        return KNOWN
    if _ASSIGNMENT.match(rest):
        return LIKELY if "$(" in rest or "`" in rest else 0.5
    if _OUTPUT.match(rest) or (_TABLE.search(rest) and not _OPTION.search(rest)):
        return 0.9 if prefixed else 0.0
    if prefixed and begin > 3 and text.startswith(("sudo", "doas")):
        return 0.9
    return _unknown(bare, behind, rest)


def _known(name: str, behind: str, rest: str, *, prefixed: bool) -> float:
    if behind.lstrip().startswith(("= ", ": ", "=> ")) or behind.startswith(":"):
        return 0.1
    if prefixed:
        return KNOWN
    if (
        name not in ("echo", "printf", "logger")
        and sentence(_QUOTED.sub("", rest))
        and not _OPTION.search(behind)
    ):
        return 0.2 if name in _listed("words.txt") else 0.5
    if name in _listed("words.txt"):
        if _TABLE.search(rest) and not _OPTION.search(rest):
            return 0.2
        if not behind:
            return 0.4
        if not _OPTION.search(behind) and not _ARGUMENT.search(behind):
            return 0.8
    return KNOWN


def _unknown(name: str, behind: str, rest: str) -> float:
    options, arguments = _OPTION.search(behind), _ARGUMENT.search(behind)
    if sentence(rest):
        return 0.3 if options else 0.1
    if _RUNNABLE.match(name):
        if "/bin/" in name or "/sbin/" in name or name.startswith("./") or "." in name[-4:]:
            return 0.85
        return 0.7 if behind else 0.4
    if not _NAME.match(name):
        return 0.3 if options else 0.1
    if options:
        return 0.8
    if arguments or "-" in name:
        return 0.6 if behind else 0.5
    return 0.35
