"""Shapes of lines that nobody types: settings of files, and output of programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.shelltext.pattern import any_of

_SETTING: Final = re.compile(
    r"\s*(?:"
    r"[\w.\-/ ]{1,60}\s*[=:](?:\s|\Z)"  # a name and its value
    r"|[\w.-]+=\S"
    r"|\[[^\]]+\]\s*\Z"  # a section heading
    r"|</?[\w!?]"
    r"|[{}\[\]],?\s*\Z"
    r"|\"[\w.-]+\"\s*:"
    r"|- [\w{'\"]"
    r"|[#;!]"
    r"|\w[\w.-]*\s+\{\s*\Z"  # a block of settings
    r")"
)
_OUTPUT: Final = re.compile(
    r"\s*(?:"
    r"[|+]|[-=~*_]{3,}|[{}\[\]<>\"]"
    r"|\d+[\s.:,)%/]"
    r"|\S+:(?:\s|\Z)"
    r"|\[\s*\w+\s*\]"
    r"|(?:INFO|WARN|ERROR|DEBUG|HEALTH_)\w*\b"
    r"|[-dlcbps][rwxsStT-]{9}"  # a line of `ls -l`
    r")"
)
_PRINTS: Final = any_of(
    r"(?:sudo )?(?:cat|less|more|head|tail|zcat|curl|man|crontab -l)\b",
    r"(?:sudo )?(?:grep|egrep|sed|awk|diff|echo|printf|git (?:diff|show|status))\b",
)
"""Commands that print files, in which `# ` starts comments."""

_SHEBANG: Final = re.compile(r"#!\s*/")
_WINDOWS: Final = any_of(
    r"\A(?:PS )?[A-Z]:\\[^>\n]*>",
    r"^(?:[^\n]*[|=] )?\$\w+ = ",
    r"^(?:[A-Z][a-z]+){1,2}-[A-Z]\w+ -[A-Z]",
    flags=re.MULTILINE,
)
_ASSIGNMENT: Final = re.compile(r"(?:export )?[A-Za-z_]\w*=\S*\Z")
_PATH: Final = re.compile(r"(?!\./)(?:~|\.\.)?(?:[\w.+-]+)?(?:/[\w.+*-]+)+/?\s*\Z")
"""A path and nothing else; `./install.sh` is a command."""

_ERROR: Final = re.compile(
    r"\b(?:errors?|fail(?:s|ed|ure)?|cannot|denied|refused|not|unable|invalid|exception|conflict)\b",
    re.IGNORECASE,
)
_TABLE: Final = re.compile(r"\s*[|+]")
_USAGE: Final = re.compile(r"usage:", re.IGNORECASE)
_FATAL: Final = re.compile(r"(?:\S+: )?(?:error|fatal):", re.IGNORECASE)


def is_setting(line: str) -> bool:
    """Return whether `line` looks like a line of a configuration file."""
    return bool(_SETTING.match(line))


def is_output(line: str) -> bool:
    """Return whether `line` looks like output of a program."""
    return bool(_OUTPUT.match(line))


def prints_files(command: str) -> bool:
    """Return whether `command` prints files, or its arguments."""
    return bool(_PRINTS.match(command))


def is_script_file(text: str) -> bool:
    """Return whether `text` starts with a shebang line."""
    return bool(_SHEBANG.match(text.lstrip()))


def is_windows(text: str) -> bool:
    """Return whether `text` is input for cmd.exe or PowerShell."""
    return bool(_WINDOWS.search(text.lstrip()))


def is_assignment(command: str) -> bool:
    """Return whether `command` only sets a variable."""
    return bool(_ASSIGNMENT.match(command))


def is_error(output: Sequence[str]) -> bool:
    """Return whether `output` contains an error message."""
    return any(_ERROR.search(line) and not _TABLE.match(line) for line in output)


def is_usage_error(output: Sequence[str]) -> bool:
    """Return whether `output` is a usage message with an error."""
    return bool(output) and bool(_USAGE.match(output[0])) and any(map(_FATAL.match, output))


def are_paths(lines: Sequence[str]) -> bool:
    """Return whether there is nothing but paths."""
    shown = [line for line in lines if line.strip()]
    paths = bool(shown) and all(_PATH.match(line.lstrip(".")) for line in shown)
    return paths and any(map(_PATH.match, shown))
