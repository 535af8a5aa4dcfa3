"""A translated README, compared with the original block by block.

`README.zh-CN.md` is the translation of `README.md` into `zh_CN`. It has the same blocks in the same
order. Below each of its headings a comment has the digest of the section that was translated.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.lint.finding import Finding, FindingKind
from runbook.lint.translations.parts import changes
from runbook.lint.translations.style import style_problems
from runbook.lint.translations.terms import Terms, term_problems
from runbook.model import Location

_FENCE: Final = re.compile(r"\s*(```+|~~~+)")
_HEADING: Final = re.compile(r"(#+) +(.*)")
_MARK: Final = re.compile(r"<!-- translated: ([0-9a-f]{12}) -->")
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#+ .*|<!--.*-->")
_LINK: Final = re.compile(r"!?\[([^\]]*)\]\(([^)\s]*)\)")
_LITERAL: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_README: Final = re.compile(r"README(?:\.[\w-]+)?\.md\Z")
_ROW: Final = re.compile(r"\|[\s|:-]*\|\Z")


@frozen
class Block:
    """A heading, a paragraph, a row of a table, an item of a list, or code, with its first line."""

    kind: str
    text: str
    line: int


def readme_findings(guide: Path, language: str, terms: Terms) -> Iterator[Finding]:
    """Yield where the README in `language` differs from the original, if there is one."""
    name = f"README.{language.replace('_', '-')}.md"
    if not (guide / name).is_file() or not (guide / "README.md").is_file():
        return
    original = list(blocks((guide / "README.md").read_text(encoding="utf-8")))
    shown = list(blocks((guide / name).read_text(encoding="utf-8")))
    digests = _digests(original)
    section = -1
    marks = [one for one in shown if one.kind == "mark"]
    shown = [one for one in shown if one.kind != "mark"]
    for before, after in zip(original, shown, strict=False):
        where = Location(name, after.line)
        if before.kind != after.kind:
            yield Finding(
                where,
                FindingKind.TRANSLATION,
                f"here is a {after.kind}, and in README.md:{before.line} a {before.kind}",
            )
            return
        if before.kind.startswith("heading"):
            section += 1
            yield from _mark(name, after, before, digests[section], marks)
        yield from _of_block(where, before, after, language, terms)
    if len(original) != len(shown):
        more = original[len(shown)] if len(original) > len(shown) else shown[len(original)]
        place = "README.md" if len(original) > len(shown) else name
        yield Finding(
            Location(name, shown[-1].line if shown else 1),
            FindingKind.TRANSLATION,
            f"only one of the two has the {more.kind} at {place}:{more.line}",
        )


def _mark(
    name: str, heading: Block, original: Block, digest: str, marks: list[Block]
) -> Iterator[Finding]:
    mark = next((one for one in marks if heading.line < one.line <= heading.line + 2), None)
    if mark is None or mark.text != digest:
        said = "has changed since it was translated" if mark else "has no digest here"
        yield Finding(
            Location(name, mark.line if mark else heading.line),
            FindingKind.OUTDATED,
            f"the section at README.md:{original.line} {said}; when it is translated, write "
            f"below the heading: <!-- translated: {digest} -->",
        )


def _of_block(
    where: Location, before: Block, after: Block, language: str, terms: Terms
) -> Iterator[Finding]:
    if before.kind == "code":
        if _code(before.text) != _code(after.text):
            yield Finding(where, FindingKind.TRANSLATION, "the code differs, not only its remarks")
        return
    original, translated = _as_rst(before.text), _as_rst(after.text)
    for problem in changes(original, translated):
        yield Finding(where, FindingKind.TRANSLATION, f"{problem} (README.md:{before.line})")
    for problem in style_problems(language, translated):
        yield Finding(where, FindingKind.TRANSLATION_STYLE, problem)
    for problem in term_problems(terms, original, translated):
        yield Finding(where, FindingKind.TRANSLATION_TERM, problem)


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a text in Markdown; comments with digests are blocks of their own."""
    lines, number = text.splitlines(), 0
    while number < len(lines):
        start, line = number, lines[number]
        number += 1
        if fence := _FENCE.match(line):
            while number < len(lines) and not lines[number].lstrip().startswith(fence[1]):
                number += 1
            number += 1
            yield Block("code", "\n".join(lines[start:number]), start + 1)
        elif mark := _MARK.match(line):
            yield Block("mark", mark[1], start + 1)
        elif heading := _HEADING.match(line):
            yield Block(f"heading of level {len(heading[1])}", heading[2], start + 1)
        elif line.startswith("|"):
            if not _ROW.match(line):
                yield Block("row of a table", line, start + 1)
        elif line.strip():
            while number < len(lines) and lines[number].strip() and not _begins(lines[number]):
                number += 1
            yield Block("paragraph", "\n".join(lines[start:number]), start + 1)


def _begins(line: str) -> bool:
    return bool(_FENCE.match(line) or _HEADING.match(line) or line.startswith(("|", "* ", "- ")))


def _digests(found: list[Block]) -> list[str]:
    """Return the digest of each section, which begins with a heading."""
    texts: list[list[str]] = []
    for block in found:
        if block.kind.startswith("heading"):
            texts.append([])
        if texts:
            texts[-1].append(block.text)
    return [hashlib.sha256("\n\n".join(text).encode()).hexdigest()[:12] for text in texts]


def _code(text: str) -> list[str]:
    return [_COMMENT.sub("", line).rstrip() for line in text.splitlines()]


def _as_rst(text: str) -> str:
    """Return the words of a block with the markup that catalogues have."""
    text = _LITERAL.sub(lambda m: f"``{m[2]}``", text)
    return _LINK.sub(lambda m: m[1] if _README.match(m[2]) else f"`{m[1]} <{m[2]}>`__", text)
