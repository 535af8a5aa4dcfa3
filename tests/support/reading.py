"""Samples of guides for reading blocks, with the expected readings.

A sample is a small page, `samples/reading/THEME/NAME.rst`. `samples/reading/THEME.yaml` has the
expected readings of its blocks under its name: only the fields listed are compared. `commands`
and `typed` default to empty. `reason` is one of the reasons; `content` has fields of the
`FileContent`, `contents` those of several; `actions` is their number.
"""

from __future__ import annotations

import enum
import functools
import re
from typing import Any, Final

import yaml
from attrs import define, field

from runbook.console.block import Block, BlockReading, Sentence
from runbook.console.reading import read_blocks
from runbook.model import FileContent, Location
from tests.support.paths import SAMPLES

SURE: Final = 0.8
"""From this confidence on, a reading may run."""

BLOCK_FILES: Final = SAMPLES / "reading"
_DIRECTIVE: Final = re.compile(r" *\.\. (?P<name>[\w-]+):: *(?P<argument>.*)")
_BLOCKS: Final = frozenset({"code", "code-block", "parsed-literal", "prompt"})
_TITLED: Final = frozenset({"tab", "note"})
_ITALIC: Final = re.compile(r"\*(/[^* ]+)\*")
_LITERAL: Final = re.compile(r"``([^`]+)``")


@define
class _Page:
    """Parses just enough markup to make the blocks that the Sphinx extension would."""

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
    found = yaml.safe_load((BLOCK_FILES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def expected(sample: str) -> list[dict[str, Any]]:
    """Return the expected readings of a sample, `THEME/NAME`."""
    theme, _, name = sample.partition("/")
    return [{"commands": [], "typed": [], **one} for one in _theme(theme)[name]]


def readings(sample: str) -> list[dict[str, Any]]:
    """Return the readings of a sample, reduced to the fields that are expected."""
    name = sample.rpartition("/")[2]
    text = (BLOCK_FILES / f"{sample}.rst").read_text(encoding="utf-8")
    block_readings = read_blocks(page(text, f"{name}.rst"))
    wanted = expected(sample)
    wanted += [{"kind": None}] * (len(block_readings) - len(wanted))
    return [_shown(p, one) for p, one in zip(block_readings, wanted, strict=False)]


def _shown(block_reading: BlockReading, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a reading that are `wanted`, as plain data."""
    shown: dict[str, Any] = {}
    for name, value in wanted.items():
        if name == "content":
            shown[name] = _content(block_reading, value or {})
        elif name == "contents":
            files = [one for one in block_reading.actions if isinstance(one, FileContent)]
            shown[name] = [
                {field_: _plain(getattr(file, field_)) for field_ in fields}
                for file, fields in zip(files, value, strict=True)
            ]
        elif name == "actions":
            shown[name] = len(block_reading.actions)
        elif name == "doubtful":
            shown[name] = block_reading.reading.confidence < SURE
        elif name == "reason":
            shown[name] = (
                value if value in block_reading.reading.reasons else block_reading.reading.reasons
            )
        else:
            shown[name] = _plain(getattr(block_reading.reading, name))
    return shown


def _content(block_reading: BlockReading, wanted: dict[str, Any]) -> dict[str, Any] | None:
    files = [action for action in block_reading.actions if isinstance(action, FileContent)]
    if not files:
        return None
    (file,) = files
    return {name: _plain(getattr(file, name)) for name in wanted or ("path", "text")}


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
