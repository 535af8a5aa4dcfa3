"""Recognise a synopsis: the general form of a command, which cannot be typed as it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbook.console.clues.words import is_known_program
from runbook.shelltext.pattern import any_of, numbered, unnumbered

_EXAMINED: Final = 2000
"""How many characters of a command are examined."""

_QUOTED: Final = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")
_OPTIONAL: Final = any_of(
    r"(?:^|\s)\[(?:-{1,2}[A-Za-z]|<|\{)",  # [-v]   [<name>]   [{one}]
    r"(?:^|\s)\[[a-z]+(?:[-_ ][\w-]+)*(?:\s*\.\.\.)?\]",  # [name ...]
    r"(?:^|\s)\[(?: ?[A-Z][A-Z_-]+ ?\]|OPTIONS|\.\.\.)",  # [NAME]
    r"(?:^|\s)\[(?:[A-Z]+ )?(?:options|arguments|parameters|flags)\]",  # [EAL options]
    r"(?:^|\s)<(?:options?|commands?|args?|arguments?|flags?)>",
    r"[\w>]\[ ?<|\{<[^>]+>\}",  # name[<size>]
    r"\w\[[-,:/@=](?:<|\{|\w)[^\]\d]*\]",  # name[=value]
    r"\]\s*\[",
    r"(?:^|\s)\[[^\]|]*\|[^\]]*\]",  # [one|two]
)
_MORE: Final = re.compile(r"\s*\[-")
_REPEATED: Final = re.compile(r"[\]>}\w]\s*\.\.\.\s*(?:\Z|[-\[<{])")
_ONE: Final = r"[a-z][\w-]*|-{1,2}[\w-]+|<[^>]+>"
_EITHER: Final = re.compile(
    numbered(
        rf"(?:^|[\s={{(])[({{]?(?:{_ONE})(?: ?\| ?|\|)(?P<other>{_ONE})",  # {start|stop}
        r"(?:^|[\s=])[A-Z][A-Z_]+\|(?P<other>[A-Z][A-Z_]+)",  # ON|OFF
    )
)
_VERB: Final = r"(?:add|create|modify|change|set|delete|remove|start|stop|enable|disable|on|off)"
_VERBS: Final = re.compile(rf"\S+ {_VERB}/{_VERB}(?![\w/])")
"""Alternative verbs, as in `tool add/modify`."""

_TEST: Final = re.compile(r"(?:^|[;&|(]\s*|\b(?:if|while|until|!) )\[\[? ")
_COMPOUNDS: Final = ("for ", "while ", "if ", "case ")


def _without_quoted(text: str) -> str:
    """Return `text` with empty quotes in place of quoted text."""
    return _QUOTED.sub("''", text)


def is_synopsis(command: str, following: Sequence[str] = ()) -> bool:
    """Return whether `command` is a synopsis rather than a command to type.

    The lines `following` it may continue it with more optional parts.
    """
    if following and _MORE.match(following[0]):
        return True
    text = _without_quoted(command.partition("\n")[0] if "<<" in command else command)[:_EXAMINED]
    if text.startswith(_COMPOUNDS) or _TEST.search(text):
        return False
    if text.startswith("-") or _VERBS.match(text):
        return True
    if ("[" in text or "<" in text) and _OPTIONAL.search(text):
        return True
    if "..." in text and _REPEATED.search(text):
        return True
    return "|" in text and any(
        "| " not in found[0]
        and " |" not in found[0]
        and not is_known_program(unnumbered(found)["other"])
        for found in _EITHER.finditer(text)
    )
