"""What a step is for, in the words of the guide: the prose around its commands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from runbook.model import Step
from runbook.results import artefact

_OPTION: Final = re.compile(r"\s*:[\w-]+:")
_UNDERLINE: Final = re.compile(r"\s*([=\-~^\"'`#*+.:_])\1{2,}\s*\Z")
_ROLE: Final = re.compile(r":[\w:-]+:`([^`<]*?)(?:\s*<[^`>]*>)?`")
_LITERAL: Final = re.compile(r"``([^`]+)``|\*\*?([^*\n]+)\*\*?")
_VALUE: Final = re.compile(r"\|([^\s|][^|\n]*)\|")


def purpose(guide: Path, step: Step, values: Mapping[str, str]) -> str:
    """Return the paragraph before `step` and those in it, as plain text; empty if there are none.

    `values` are what stands for `|name|`. A document that cannot be read says nothing.
    """
    try:
        lines = artefact.read(guide / step.location.document).splitlines()
    except (artefact.ArtefactError, OSError):
        return ""
    start = step.location.line - 1
    if not 0 <= start < len(lines) or not step.marked:
        return ""
    found = [_before(lines, start), *_inside(lines, start)]
    return _plain("\n\n".join(filter(None, found)), values)


def _before(lines: Sequence[str], start: int) -> str:
    """Return the paragraph that stands before the directive."""
    margin = _margin(lines[start])
    end = start
    while end and not lines[end - 1].strip():
        end -= 1
    begin = end
    while begin and lines[begin - 1].strip() and _margin(lines[begin - 1]) == margin:
        begin -= 1
    paragraph = lines[begin:end]
    if begin and lines[begin - 1].strip():
        return ""  # the end of a list, or of a table
    return _prose(paragraph)


def _inside(lines: Sequence[str], start: int) -> list[str]:
    """Return the paragraphs in the directive, without those of directives in it."""
    margin = _margin(lines[start])
    body: list[str] = []
    for line in lines[start + 1 :]:
        if line.strip() and _margin(line) <= margin:
            break
        body.append(line)
    while body and (_OPTION.match(body[0]) or body[0].strip()):
        body.pop(0)
    found: list[str] = []
    inner = min((_margin(line) for line in body if line.strip()), default=0)
    paragraph: list[str] = []
    for line in [*body, ""]:
        if line.strip() and (_margin(line) == inner or paragraph):
            paragraph.append(line)
        elif paragraph:
            found.append(_prose(paragraph))
            paragraph = []
    return [one for one in found if one]


def _prose(paragraph: Sequence[str]) -> str:
    """Return a paragraph in one line; empty if it is none that people read as a text."""
    first = paragraph[0].lstrip() if paragraph else ""
    if not first or first.startswith(".. ") or _OPTION.match(first):
        return ""
    if any(_UNDERLINE.match(line) for line in paragraph):
        return ""
    return " ".join(line.strip() for line in paragraph)


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())


def _plain(text: str, values: Mapping[str, str]) -> str:
    text = _ROLE.sub(r"\1", text)
    text = _LITERAL.sub(lambda found: found[1] or found[2], text)
    text = _VALUE.sub(lambda found: values.get(found[1], found[0]), text)
    return re.sub(r"::$", ":", text, flags=re.MULTILINE)
