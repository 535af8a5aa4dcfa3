"""Bars and angle brackets in the texts of a step that mean something else than a name.

Each function prefers taking a name for something else to the reverse: a mistake that is not told
can be seen on the page, one that is told wrongly keeps a guide from being planned.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.console.clues.words import is_known_program
from runbook.lint.known_commands import KNOWN_COMMANDS
from runbook.sphinx.planning.step_texts import StepText, TextKind

_MARKUP_FILE: Final = re.compile(
    r"\.(?:xml|x?html?|svg|xs[dl]t?|rng|plist|jsp|php|vue|wsdl|md|rst|adoc)\Z", re.IGNORECASE
)
_UNCLOSED: Final = frozenset(
    {
        "area", "br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p",
        "source", "td", "th", "tr", "wbr",
    }
)  # fmt: skip
"""Elements of HTML whose end need not be written."""

_WORDS: Final = frozenset(
    {
        "all-in", "and", "default", "defunct", "empty", "in", "invalid", "is", "missing", "nil",
        "none", "null", "or", "pending", "stderr", "stdin", "stdout", "unknown", "unlimited",
        "unset",
    }
)  # fmt: skip
"""Words in angle brackets that programs print where there is no value, or read as operators."""

_SUBSTITUTE: Final = re.compile(r"(?<!\w)s\|[^|\n]*\|[^|\n]*\|")
_IN_PARENTHESES: Final = re.compile(r"[^\s;()]*\)")
_BEFORE_ALTERNATIVE: Final = ")]*+?$\\}."
_AFTER_ALTERNATIVE: Final = "([^\\*"
_COMMENT: Final = re.compile(r"\s*(?:#|;|//|--|/?\*)")
_USAGE: Final = re.compile(r"\busage\b", re.IGNORECASE)
_IN_PATTERN: Final = ("<", "\\", "?", "?P", "\\k", "\\g")
"""What stands before `<name>` in a regular expression, a here-document or a here-string."""


def is_alternative(text: StepText, start: int, end: int) -> bool:
    """Tell whether the bars from `start` to `end` are pipes to a program, or alternatives.

    The second bar stands at `end`.
    """
    if text.kind is TextKind.PATH:
        return False
    name = text.text[start + 1 : end]
    if is_known_program(name) or name in KNOWN_COMMANDS:
        return True
    if text.is_bare(start):
        # The patterns of a `case`, as in `start|stop|status)`.
        return _IN_PARENTHESES.match(text.text, end) is not None
    if _MARKUP_FILE.search(text.path):
        return True
    if any(m.start() < start < m.end() for m in _SUBSTITUTE.finditer(text.text)):
        return True
    before, after = text.text[start - 1 : start], text.text[end + 1 : end + 2]
    return (
        _is_word(before)
        or _is_word(after)
        or (before != "" and before in _BEFORE_ALTERNATIVE)
        or (after != "" and after in _AFTER_ALTERNATIVE)
    )


def is_redirection(text: StepText, start: int, end: int) -> bool:
    """Tell whether `<name>` from `start` to `end` is two redirections, as in `sort <in>out`."""
    before, after = text.text[start - 1 : start], text.text[end : end + 1]
    if text.kind in (TextKind.ANSWER, TextKind.PATH):
        return False
    if not text.is_bare(start):
        # In a script, or for another host; `list<int>` is the type of a template.
        return _is_word(before) or (before.isspace() and _is_word(after))
    if before and not (before.isspace() or _is_word(before) or before in ";|&("):
        return False
    return _is_word(after) or (after != "" and after in "/.$&>\"'~{-")


def is_markup(text: StepText, tag: str, whole: str) -> bool:
    """Tell whether `tag`, such as `<name>`, is an element of XML or HTML.

    `whole` are all texts of the step, of which one may have the element with its end or with
    attributes.
    """
    if _MARKUP_FILE.search(text.path):
        return True
    name = tag[1:-1]
    if re.search(rf"</{name}>|<{name}(?:\s[^<>]*)?/>|<{name}\s+[\w:.-]+\s*=", whole):
        return True
    # A check may look for a part of an element.
    if text.kind is TextKind.CHECK and "</" in text.line(text.text.find(tag)):
        return True
    return name in _UNCLOSED and "</" in text.text


def is_text(text: StepText, start: int, end: int) -> bool:
    """Tell whether `<name>` from `start` to `end` is written for people or part of a pattern."""
    if text.text[:start].endswith(_IN_PATTERN) or text.text[start + 1 : end - 1] in _WORDS:
        return True
    if text.is_bare(start) or text.kind in (TextKind.ANSWER, TextKind.PATH):
        return False
    if _COMMENT.match(text.line(start)) and text.kind is not TextKind.CHECK:
        return True
    paragraph = text.text.rfind("\n\n", 0, start) + 1
    line_end = text.text.find("\n", end)
    return (
        _USAGE.search(text.text, paragraph, len(text.text) if line_end < 0 else line_end)
        is not None
    )


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
