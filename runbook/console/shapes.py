"""What lines look like that nobody types: settings of files, and what programs print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.pattern import any_of

_SETTING: Final = re.compile(
    r"\s*(?:"
    r"[\w.\-/ ]{1,60}\s*[=:](?:\s|\Z)"  # a name and its value
    r"|[\w.-]+=\S"
    r"|\[[^\]]+\]\s*\Z"  # a section's name
    r"|</?[\w!?]"
    r"|[{}\[\]],?\s*\Z"
    r"|\"[\w.-]+\"\s*:"
    r"|- [\w{'\"]"
    r"|[#;!]"
    r"|\w[\w.-]*\s+\{\s*\Z"  # a block of settings
    r")"
)
_PRINTED: Final = re.compile(
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
"""Commands that print files, in which `# ` begins remarks."""

_SHEBANG: Final = re.compile(r"#!\s*/")
_WINDOWS: Final = any_of(
    r"\A(?:PS )?[A-Z]:\\[^>\n]*>",
    r"^(?:[^\n]*[|=] )?\$\w+ = ",
    r"^(?:[A-Z][a-z]+){1,2}-[A-Z]\w+ -[A-Z]",
    flags=re.MULTILINE,
)
_ASSIGNMENT: Final = re.compile(r"(?:export )?[A-Za-z_]\w*=\S*\Z")
_ERROR: Final = re.compile(
    r"\b(?:errors?|fail(?:s|ed|ure)?|cannot|denied|refused|not|unable|invalid|exception|conflict)\b",
    re.IGNORECASE,
)
_TABLE: Final = re.compile(r"\s*[|+]")
_USAGE: Final = re.compile(r"usage:", re.IGNORECASE)
_COMPLAINT: Final = re.compile(r"(?:\S+: )?(?:error|fatal):", re.IGNORECASE)


def is_setting(line: str) -> bool:
    """Tell whether `line` looks like one of a configuration file."""
    return bool(_SETTING.match(line))


def is_printed(line: str) -> bool:
    """Tell whether `line` looks like what a program prints."""
    return bool(_PRINTED.match(line))


def is_printing(command: str) -> bool:
    """Tell whether `command` prints what files have, or what it is told."""
    return bool(_PRINTS.match(command))


def is_script_file(text: str) -> bool:
    """Tell whether `text` begins as a script does that is a file."""
    return bool(_SHEBANG.match(text.lstrip()))


def is_of_windows(text: str) -> bool:
    """Tell whether `text` is typed at the shells of Windows."""
    return bool(_WINDOWS.search(text.lstrip()))


def is_assignment(command: str) -> bool:
    """Tell whether `command` does nothing but set a variable."""
    return bool(_ASSIGNMENT.match(command))


def is_error(output: Sequence[str]) -> bool:
    """Tell whether `output` complains."""
    return any(_ERROR.search(line) and not _TABLE.match(line) for line in output)


def is_complaint_of_usage(output: Sequence[str]) -> bool:
    """Tell whether `output` says how a command is used that was used in a wrong way."""
    return bool(output) and bool(_USAGE.match(output[0])) and any(map(_COMPLAINT.match, output))
