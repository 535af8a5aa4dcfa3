"""Tell commands from sentences and from output, by their words alone.

The result is a likelihood between 0 and 1. Lists of program names help, but a program in no
list is recognised by the form of its command line: options, paths, a hyphen in the name.
"""

from __future__ import annotations

import functools
import re
from typing import Final

from runbook.console.clues.formulas import is_expression, is_setting_of_known_file
from runbook.console.clues.wordlists import words
from runbook.shelltext.pattern import any_of

KNOWN: Final = 0.95
"""Likelihood of a line that starts with a well-known program."""

PROBABLE: Final = 0.8
"""Likelihood of a line that has the form of a command, whatever its name."""

FORMED: Final = 0.7
"""Likelihood of a line that has little more than a first word that looks like a program name."""

LIKELY: Final = 0.6
"""From here on, a line may well be a command."""

POSSIBLE: Final = 0.3
"""Below this, a line is hardly a command."""

_EXAMINED: Final = 400
"""How many characters of a line are examined."""

_PREFIX: Final = re.compile(
    r"(?:(?:sudo|doas)(?:\s+-(?:[A-Za-tv-z]+|u\s+\S+|-[\w-]+(?:=\S+)?))*\s+"
    r"|(?:time|nohup|exec|env|command|setsid)\s+(?=[^\s-])"
    r"|[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|\$\([^)]*\)|[^\s'\"]*)\s+(?=\S))*"
)
"""What may precede the name of a program: `sudo`, `env`, assignments."""

_SETS: Final = re.compile(r"[A-Za-z_]\w*=")
"""A variable that is set for a command; lines of files look like that as well."""

_KEYWORD: Final = any_of(
    r"for \w+ in ",
    r"for \(\(",
    r"while (?:\[|true|read |!|:|\w+ )",
    r"until (?:\[|\w)",
    r"if (?:\[|!|\w+ -|test )",
    r"(?:if|while|until|for) [^;]{1,200};\s*(?:then|do)\b",
    r"case \S+ in",
    r"function \w+(?: *\(\))? *\{",
    r"[A-Za-z_][\w-]*\(\)\s*\{?",
    r"\[ -[a-z] \S.* \]",
    r"\[\[ \S.* \]\]",
    r"\{ ",
    r"\( ?(?:cd|echo|set|umask) ",
    r"set [-+]\w",
    r"(?:exit|logout)(?: \d+)?\Z",
    r"[A-Za-z_]\w*\+?=\([^()|<>;&]*\)\s*\Z",
)
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=(?:\"[^\"]*\"|'[^']*'|\$\(.*\)|`[^`]*`|\S*)\Z")
_RUNNABLE: Final = any_of(
    r"(?:\./|\.\./|~/|\$\{?\w+\}?/|/)(?:[^\s/]+/)*[^\s/]+\Z",
    r"[\w.-]+\.(?:sh|py|pl|rb|bin|run|jar)\Z",
)
_DATA: Final = re.compile(
    r"/(?:var|srv|dev|mnt|home|run|sys|proc|tmp|boot|etc/(?!init\.d/|rc\.d/))|/.*[<*]"
    r"|/(?:etc|usr|opt|root|media|s?bin|lib\d*)\Z"
)
"""Paths of files that are not programs."""

_RUNS: Final = any_of(
    r"/s?bin/",
    r"\A\.\.?/",
    r"/init\.d/",
    r"\A(?!/usr/(?:share|lib|src|include)/).*\.(?:sh|py|pl|rb|bin|run|jar)\Z",
)
"""Paths of programs."""

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
    r"\S+: |\S+:\Z|\S+ (?:=|:|=>|->) |[A-Za-z]\w* \w+: ",  # a name and its value
    r"\S+\.(?:service|socket|timer|mount|target|path|slice)(?: - |\Z)",  # a unit's status
)
_OPERATOR: Final = re.compile(r"\s(?:\||>>?|<|&&|\|\|)\s")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_DOMAIN: Final = re.compile(r"(?:[\w-]+\.){2,}\Z")
_FILE_NAME: Final = re.compile(r".*\.(?:so|conf|cfg|ini|json|ya?ml|xml|log|txt)\Z")
_TABLE: Final = re.compile(r"\S {2,}\S+ {2,}\S")
_PRINTERS: Final = frozenset({"echo", "printf", "logger"})
"""Programs whose arguments are sentences."""


def is_known_program(name: str) -> bool:
    """Return whether `name`, with or without a directory, is a well-known program."""
    base = name.rpartition("/")[2] if name.startswith(("/", "./")) else name
    return base in words("commands")


def program_name(text: str) -> str:
    """Return the name of the program that the command `text` runs, after `sudo` and the like."""
    rest = text[_prefix(text) :]
    return rest.split(maxsplit=1)[0] if rest.strip() else ""


def _prefix(text: str) -> int:
    found = _PREFIX.match(text)
    return found.end() if found else 0


@functools.lru_cache(4096)
def is_sentence(text: str) -> bool:
    """Return whether `text` is addressed to a reader rather than to a shell."""
    first, *others = text[:_EXAMINED].split() or [""]
    if not first:
        return False
    if not first[0].isascii() or text.endswith(("\u3002", "\uff1a", "\uff0c")):
        return True
    english = words("english")
    plain = sum(word.strip(",.:;()").lower() in english for word in (first, *others))
    ends = bool(others) and _ends(others[-1])
    options = bool(_OPTION.search(text, 0, _EXAMINED))
    if others and first[0].isupper() and not is_known_program(first):
        return bool(plain) or ends or not (options or _ARGUMENT.search(text, 0, _EXAMINED))
    if options:
        return plain > 2
    long = len(others) > 2
    return plain >= 2 or (bool(plain) and (ends or long)) or (ends and long)


def _ends(last: str) -> bool:
    """Return whether the word `last` ends a sentence; `.` and `example.org.` do not."""
    if last.endswith((":", "!", "?", ",", "...")):
        return True
    return last.endswith(".") and last.strip("./") != "" and not _DOMAIN.match(last)


@functools.lru_cache(4096)
def command_likelihood(text: str) -> float:
    """Return how likely it is that the line `text`, without prompt, is a shell command."""
    text = text[:_EXAMINED].strip()
    if not text or not text[0].isascii() or text[0] in "#|}])>,;*":
        return 0.0
    if _KEYWORD.match(text):
        return KNOWN
    if is_setting_of_known_file(text) or is_expression(text):
        return 0.0
    begin = _prefix(text)
    rest = text[begin:]
    if not rest:
        return LIKELY
    first = rest.split(maxsplit=1)[0]
    arguments = rest[len(first) :]
    bare = first.rstrip(";")
    prefixed = begin > 0
    runs = bare in words("commands") or (bare.startswith("/") and is_known_program(bare))
    if runs or bare in words("words"):
        return _known(bare, arguments, rest, prefixed=prefixed)
    if bare == "." and arguments.strip() and not arguments.startswith("  "):
        return KNOWN
    if _ASSIGNMENT.match(rest):
        return PROBABLE if "$(" in rest or "`" in rest else 0.5
    if _OUTPUT.match(rest) or _is_row(rest):
        return 0.9 if prefixed and not _SETS.match(text) else 0.0
    if prefixed and text.startswith(("sudo", "doas")):
        return 0.9
    if prefixed and bare.startswith("/") and not _RUNS.search(bare):
        return 0.2  # a line of a file, such as `UUID=5c3a /srv xfs`
    return _unknown(bare, arguments, rest)


def _is_row(text: str) -> bool:
    return bool(_TABLE.search(text)) and not _OPTION.search(text)


def _known(name: str, arguments: str, rest: str, *, prefixed: bool) -> float:
    """Return the likelihood of a line that starts with a name from the lists."""
    if arguments.lstrip().startswith(("= ", ": ", "=> ")) or arguments.startswith(":"):
        return 0.1
    if prefixed:
        return KNOWN
    word = name in words("words")
    option = _OPTION.search(arguments)
    of_shell = option or _OPERATOR.search(arguments) or name in _PRINTERS
    if not of_shell and is_sentence(_QUOTED.sub("", rest)):
        return 0.2 if word else 0.5
    if not word or option:
        return KNOWN
    if _is_row(rest) or arguments.startswith("   "):
        return 0.2
    if not arguments:
        return 0.4
    return KNOWN if _ARGUMENT.search(arguments) else PROBABLE


def _unknown(name: str, arguments: str, rest: str) -> float:
    """Return the likelihood of a line that starts with a name in no list."""
    option = bool(_OPTION.search(arguments))
    if is_sentence(rest) and not name.startswith("./"):
        return POSSIBLE if option else 0.1
    if _DATA.match(name):
        return 0.2
    if _RUNNABLE.match(name):
        if _RUNS.search(name):
            return 0.85
        return FORMED if arguments else 0.4
    if not _NAME.match(name) or _FILE_NAME.match(name):
        return POSSIBLE if option else 0.1
    if option:
        return PROBABLE
    if "-" in name and not name.startswith(("add-", "set-")):
        return FORMED if arguments else 0.5
    if _ARGUMENT.search(arguments):
        return LIKELY if arguments else 0.5
    return 0.35
