"""Tell a command from a sentence and from output, by its words alone.

The answer is a likeness between 0 and 1, never certain. Lists of names help, but a program
that is in no list is recognised by its form: options, paths, a hyphen in its name.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from runbook.console.pattern import any_of
from runbook.console.wordlists import words

KNOWN: Final = 0.95
"""Likeness of a line that begins with a well-known program."""

PROBABLE: Final = 0.8
"""Likeness of a line with the form of a command, whatever its name."""

FORMED: Final = 0.7
"""Likeness of a line whose first word has the form of a program's name, and little else."""

LIKELY: Final = 0.6
"""From here on a line may well have been typed."""

POSSIBLE: Final = 0.3
"""Below this nobody would take a line for a command."""

_TELLING: Final = 400
"""How much of a line tells what it is; the rest of a long one is not looked at."""

_PREFIX: Final = re.compile(
    r"(?:(?:sudo|doas)(?:\s+-(?:[A-Za-tv-z]+|u\s+\S+|-[\w-]+(?:=\S+)?))*\s+"
    r"|(?:time|nohup|exec|env|command|setsid)\s+(?=[^\s-])"
    r"|[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|\$\([^)]*\)|[^\s'\"]*)\s+(?=\S))*"
)
"""What may stand before the name of a program: `sudo`, `env`, assignments."""

_KEYWORD: Final = any_of(
    r"for \w+ in ",
    r"for \(\(",
    r"while (?:\[|true|read |!|:|\w+ )",
    r"until (?:\[|\w)",
    r"if (?:\[|!|\w+ -|test )",
    r"case \S+ in",
    r"function \w+(?: *\(\))? *\{",
    r"[A-Za-z_][\w-]*\(\)\s*\{?",
    r"\[ -[a-z] \S.* \]",
    r"\[\[ \S.* \]\]",
    r"\{ ",
    r"\( ?(?:cd|echo|set|umask) ",
    r"set [-+]\w",
)
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=(?:\"[^\"]*\"|'[^']*'|\$\(.*\)|`[^`]*`|\S*)\Z")
_RUNNABLE: Final = any_of(
    r"(?:\./|\.\./|~/|\$\{?\w+\}?/|/)(?:[^\s/]+/)*[^\s/]+\Z",
    r"[\w.-]+\.(?:sh|py|pl|rb|bin|run|jar)\Z",
)
_DATA: Final = re.compile(
    r"/(?:var|srv|dev|mnt|home|run|sys|proc|tmp|boot|etc/(?!init\.d/|rc\.d/))|/.*[<*]"
)
"""Paths of what is no program."""

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_.+][a-z0-9]+)*\Z|[a-z]\w*\Z")
_OPTION: Final = re.compile(r"(?:^|\s)--?[A-Za-z][\w-]*")
_ARGUMENT: Final = re.compile(
    r"(?:^|\s)(?:/|~/|\./|\$|\S+=|[<>|&]|[\w.-]+/|\"|'|\S+@\S|\S+:\d+\b)|<\w"
)
_OUTPUT: Final = any_of(
    r"[|+][-=+\s]{3}|\|.*\|\s*\Z",  # the rules and rows of a table
    r"[-=~*_.#]{3,}\s*\Z",
    r"\[\s*(?:[A-Z]+|ok|info|warn\w*|error|\d[\d.:]*)\s*\]",
    r"\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [ \d]\d|\d\d:\d\d",  # dates and times
    r"[-dlcbps][rwxsStT-]{9}",  # a line of `ls -l`
    r"[{}<>\]\"(]|\[(?![\[ ])",
    r"[a-z][a-z0-9+.-]*://",  # an address
    r":\w",  # a label
    r"\d+[\s.:,)%]",
    r"(?:INFO|WARN|WARNING|ERROR|DEBUG|NOTICE|TASK|PLAY|HEALTH_\w+)\b",
    r"\S+: |\S+:\Z|\S+ (?:=|:|=>|->) ",  # a name and its value
    r"\S+\.(?:service|socket|timer|mount|target|path|slice)(?: - |\Z)",  # a unit's status
)
_OPERATOR: Final = re.compile(r"\s(?:\||>>?|<|&&|\|\|)\s")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_DOMAIN: Final = re.compile(r"(?:[\w-]+\.){2,}\Z")
_FILE_NAME: Final = re.compile(r".*\.(?:so|conf|cfg|ini|json|ya?ml|xml|log|txt)\Z")
_TABLE: Final = re.compile(r"\S {2,}\S+ {2,}\S")
_PRINTERS: Final = frozenset({"echo", "printf", "logger"})
"""Programs whose arguments are sentences."""


def known(name: str) -> bool:
    """Tell whether `name`, maybe with a directory, is that of a well-known program."""
    base = name.rpartition("/")[2] if name.startswith(("/", "./")) else name
    return base in words("commands")


def program(text: str) -> str:
    """Return the name of the program that the command `text` runs, behind `sudo` and the like."""
    behind = text[_prefix(text) :]
    return behind.split(maxsplit=1)[0] if behind.strip() else ""


def _prefix(text: str) -> int:
    found = _PREFIX.match(text)
    return found.end() if found else 0


@functools.lru_cache(4096)
def sentence(text: str) -> bool:
    """Tell whether `text` is written for a reader rather than for a shell."""
    first, *others = text[:_TELLING].split() or [""]
    if not first:
        return False
    if not first[0].isascii() or text.endswith(("\u3002", "\uff1a", "\uff0c")):
        return True
    english = words("english")
    plain = sum(word.strip(",.:;()").lower() in english for word in (first, *others))
    ends = bool(others) and _ends(others[-1])
    options = bool(_OPTION.search(text, 0, _TELLING))
    if others and first[0].isupper() and not known(first):
        return bool(plain) or ends or not (options or _ARGUMENT.search(text, 0, _TELLING))
    if options:
        return plain > 2
    long = len(others) > 2
    return plain >= 2 or (bool(plain) and (ends or long)) or (ends and long)


def _ends(last: str) -> bool:
    """Tell whether a sentence ends with the word `last`: `.` and `example.org.` end none."""
    if last.endswith((":", "!", "?", ",", "...")):
        return True
    return last.endswith(".") and last.strip("./") != "" and not _DOMAIN.match(last)


@functools.lru_cache(4096)
def typed(text: str) -> float:
    """Return how much the line `text`, without prompt, looks like something typed at a shell."""
    text = text[:_TELLING].strip()
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
    runs = bare in words("commands") or (bare.startswith("/") and known(bare))
    if runs or bare in words("words"):
        return _known(bare, behind, rest, prefixed=prefixed)
    if bare == "." and behind.strip():
        return KNOWN
    if _ASSIGNMENT.match(rest):
        return PROBABLE if "$(" in rest or "`" in rest else 0.5
    if _OUTPUT.match(rest) or _is_row(rest):
        return 0.9 if prefixed else 0.0
    if prefixed and text.startswith(("sudo", "doas")):
        return 0.9
    return _unknown(bare, behind, rest)


def _is_row(text: str) -> bool:
    return bool(_TABLE.search(text)) and not _OPTION.search(text)


def _known(name: str, behind: str, rest: str, *, prefixed: bool) -> float:
    """Return the likeness of what begins with a name from the lists."""
    if behind.lstrip().startswith(("= ", ": ", "=> ")) or behind.startswith(":"):
        return 0.1
    if prefixed:
        return KNOWN
    word = name in words("words")
    option = _OPTION.search(behind)
    of_shell = option or _OPERATOR.search(behind) or name in _PRINTERS
    if not of_shell and sentence(_QUOTED.sub("", rest)):
        return 0.2 if word else 0.5
    if not word or option:
        return KNOWN
    if _is_row(rest) or behind.startswith("   "):
        return 0.2
    if not behind:
        return 0.4
    return KNOWN if _ARGUMENT.search(behind) else PROBABLE


def _unknown(name: str, behind: str, rest: str) -> float:
    """Return the likeness of what begins with a name that is in no list."""
    option = bool(_OPTION.search(behind))
    if sentence(rest):
        return POSSIBLE if option else 0.1
    if _DATA.match(name):
        return 0.2
    if _RUNNABLE.match(name):
        if "/bin/" in name or "/sbin/" in name or name.startswith("./") or "." in name[-4:]:
            return 0.85
        return FORMED if behind else 0.4
    if not _NAME.match(name) or _FILE_NAME.match(name):
        return POSSIBLE if option else 0.1
    if option:
        return PROBABLE
    if "-" in name and not name.startswith(("add-", "set-")):
        return FORMED if behind else 0.5
    if _ARGUMENT.search(behind):
        return LIKELY if behind else 0.5
    return 0.35
