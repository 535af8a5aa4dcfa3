"""Samples of guides for the reading of their blocks, and what is expected of it.

A sample is a small page, `samples/reading/THEME/NAME.rst`. What its blocks are taken for stands
in `samples/reading/THEME.yaml` under its name: fields of the readings in order, of which only
those named are compared. `commands` and `typed` are empty unless they are named. `reason` is
one of the reasons; `content` has fields of the `FileContent`; `actions` is their number.
"""

from __future__ import annotations

import enum
import functools
import re
from pathlib import Path
from typing import Any, Final

import yaml
from attrs import define, field

from runbook.console.block import Block, Proposal, Sentence
from runbook.console.reading import read_blocks
from runbook.model import FileContent, Location

SAMPLES: Final = Path(__file__).parent / "samples" / "reading"
_DIRECTIVE: Final = re.compile(r" *\.\. (?P<name>[\w-]+):: *(?P<argument>.*)")
_BLOCKS: Final = frozenset({"code", "code-block", "parsed-literal", "prompt"})
_TITLED: Final = frozenset({"tab", "note"})
_ITALIC: Final = re.compile(r"\*(/[^* ]+)\*")
_LITERAL: Final = re.compile(r"``([^`]+)``")


@define
class _Page:
    """Reads just enough of the markup to fill in blocks as the Sphinx side does."""

    name: str
    lines: list[str]
    found: list[Block | Sentence] = field(factory=list)
    headings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    before: str = ""
    position: int = 0

    def read(self) -> list[Block | Sentence]:
        while self.position < len(self.lines):
            line = self.lines[self.position]
            if line.strip() and not line.startswith(" "):
                self.labels = ()
            if not line.strip():
                self.position += 1
            elif directive := _DIRECTIVE.match(line):
                self._directive(line, directive["name"], directive["argument"].strip())
            elif self.lines[self.position + 1 : self.position + 2] == ["=" * len(line)]:
                self.headings = (line,)
                self.position += 2
            else:
                self._paragraph(line)
        return self.found

    def _directive(self, line: str, name: str, argument: str) -> None:
        self.position += 1
        if name in _TITLED:
            self.labels = (argument or name,)
            self.before = ""
            return
        assert name in _BLOCKS
        options = {}
        if name == "prompt":
            language, _, given = argument.partition(" ")
            prompts, _, modifiers = given.partition(" auto")
            options = {"language": language, "prompts": prompts}
            options |= {"modifiers": "auto"} if given.endswith("auto") else {}
            assert not modifiers
            argument = ""
        self._block(_indentation(line), name, argument or None, options)

    def _block(
        self, outside: int, directive: str, language: str | None, options: dict[str, str]
    ) -> None:
        while not self.lines[self.position].strip():
            self.position += 1
        start = self.position
        while self.position < len(self.lines) and (
            not self.lines[self.position].strip()
            or _indentation(self.lines[self.position]) > outside
        ):
            self.position += 1
        inside = self.lines[start : self.position]
        least = min(_indentation(line) for line in inside if line.strip())
        italic = _ITALIC.fullmatch(self.before)
        self.found.append(
            Block(
                "\n".join(line[least:] for line in inside).rstrip("\n"),
                Location(self.name, start + 1),
                directive,
                language,
                options=options,
                before=self.before,
                headings=self.headings,
                labels=self.labels,
                path=italic[1] if italic else None,
            )
        )
        self.before = ""

    def _paragraph(self, line: str) -> None:
        start = self.position
        outside = _indentation(line)
        while self.position < len(self.lines) and self.lines[self.position].strip():
            self.position += 1
        text = " ".join(part.strip() for part in self.lines[start : self.position])
        if text == "::":
            self._block(outside, "::", None, {})
            return
        literals = tuple(_LITERAL.findall(text))
        text = text.replace("``", "")
        if literals or text.startswith("# "):
            where = Location(self.name, start + 1)
            self.found.append(Sentence(text, where, literals, self.headings, self.labels))
        self.before = text


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def page(text: str, name: str = "page.rst") -> list[Block | Sentence]:
    """Return the blocks and sentences of the page `text`."""
    return _Page(name, text.splitlines()).read()


@functools.cache
def _theme(name: str) -> dict[str, list[dict[str, Any]]]:
    found = yaml.safe_load((SAMPLES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def expected(sample: str) -> list[dict[str, Any]]:
    """Return what the readings of a sample, `THEME/NAME`, have to be."""
    theme, _, name = sample.partition("/")
    return [{"commands": [], "typed": [], **one} for one in _theme(theme)[name]]


def readings(sample: str) -> list[dict[str, Any]]:
    """Return what the blocks of a sample are taken for, in the terms of what is expected."""
    name = sample.rpartition("/")[2]
    text = (SAMPLES / f"{sample}.rst").read_text(encoding="utf-8")
    proposals = read_blocks(page(text, f"{name}.rst"))
    wanted = expected(sample)
    wanted += [{"kind": None}] * (len(proposals) - len(wanted))
    return [_shown(p, one) for p, one in zip(proposals, wanted, strict=False)]


def _shown(proposal: Proposal, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return those fields of `proposal` that are `wanted`, as plain data."""
    shown: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "content":
            shown[name] = _content(proposal, value or {})
        elif name == "actions":
            shown[name] = len(proposal.actions)
        elif name == "reason":
            shown[name] = value if value in proposal.reading.reasons else proposal.reading.reasons
        else:
            shown[name] = _plain(getattr(proposal.reading, name))
    return shown


def _content(proposal: Proposal, wanted: dict[str, Any]) -> dict[str, Any] | None:
    files = [action for action in proposal.actions if isinstance(action, FileContent)]
    if not files:
        return None
    (file,) = files
    return {name: _plain(getattr(file, name)) for name in wanted or ("path", "text")}


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
