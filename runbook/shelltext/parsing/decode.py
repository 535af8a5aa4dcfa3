"""Make words of what a reader has found: quotes are undone, expansions kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from runbook.shelltext.parsing.braces import expanded
from runbook.shelltext.parsing.lines import Span
from runbook.shelltext.parsing.words import MASK, Computed, Literal, Output, Part, Variable, Word

if TYPE_CHECKING:
    from runbook.shelltext.parsing.commands import ShellText

_PLAIN: Final = re.compile(r"[\w./:=@%+,^#-]*")
_UNQUOTED: Final = re.compile(r"[^'\"\\$`<>]+|[<>](?!\()")
_IN_QUOTES: Final = re.compile(r'[^"\\$`]+')
_NAME: Final = re.compile(r"\$(?:([A-Za-z_]\w*)|[0-9@*#?$!-])")
_BRACED: Final = re.compile(r"\$\{([A-Za-z_]\w*)(?:(:?[-=])([^'\"\\$`{}]*))?\}")
_CHANGED: Final = re.compile(r"\$\{([A-Za-z_]\w*)(##?|%%?|,,?|\^\^?|//?|:(?=\d))([^'\"\\$`{}]*)\}")
_ANSI: Final = re.compile(
    r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c(.)|(.))",
    re.DOTALL,
)
_ESCAPES: Final = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))


@frozen
class WordSource:
    """The text that words are taken from, and what a reader has found in it."""

    text: str
    extents: Mapping[int, int]
    outputs: Mapping[int, ShellText]

    def words(self, span: Span) -> list[Word]:
        """Return the word in `span`, or several if braces are expanded."""
        found: list[Word] = []
        self.add_words(span, found)
        return found

    def add_words(self, span: Span, found: list[Word]) -> None:
        """Add what `words` returns to `found`."""
        start, end = span
        written = self.text[start:end]
        if _PLAIN.fullmatch(written):
            found.append(Word(written, written, start))
            return
        parts = tuple(self._parts(start, end))
        if "{" in written and any(
            not p.quoted and "{" in p.written for p in parts if isinstance(p, Literal)
        ):
            several = expanded(parts)
            if several is None:
                found.append(Word(written, written, start, (Computed(written, quoted=False),)))
                return
            found += (_word(one, start) for one in several)
            return
        found.append(_word(parts, start))

    def word(self, span: Span) -> Word:
        """Return the word in `span`, without expanding braces."""
        start, end = span
        written = self.text[start:end]
        if _PLAIN.fullmatch(written):
            return Word(written, written, start)
        return _word(tuple(self._parts(start, end)), start)

    def here_document(self, offset: int) -> Word:
        """Return the whole text as the lines of an unquoted here-document at `offset`."""
        return _word(tuple(self._quoted(0, len(self.text), here=True)), offset)

    def _parts(self, at: int, end: int) -> Iterator[Part]:
        text = self.text
        while at < end:
            char = text[at]
            if found := _UNQUOTED.match(text, at, end):
                yield Literal(found[0], quoted=False)
                at = found.end()
            elif char == "'":
                close = text.find("'", at + 1, end)
                close = end if close < 0 else close
                yield Literal(text[at + 1 : close], quoted=True)
                at = close + 1
            elif char == '"':
                close = self._double_end(at + 1, end)
                yield Literal("", quoted=True)
                yield from self._quoted(at + 1, close)
                at = close + 1
            elif char == "\\":
                if text[at + 1 : at + 2] != "\n":
                    yield Literal(text[at + 1 : min(at + 2, end)], quoted=True)
                at += 2
            elif text.startswith("$'", at):
                close = self.extents.get(at, end)
                yield Literal(_ansi(text[at + 2 : close - 1]), quoted=True)
                at = close
            elif text.startswith('$"', at):
                at += 1
            else:
                part = self._expansion(at, end, quoted=False)
                yield part
                at += len(part.written)

    def _double_end(self, at: int, end: int) -> int:
        """Return the offset of the quotation mark that closes the one before `at`."""
        while at < end:
            char = self.text[at]
            if char == '"':
                return at
            if char == "\\":
                at += 2
            elif char in "$`":
                at = max(self.extents.get(at, at + 1), at + 1)
            else:
                found = _IN_QUOTES.match(self.text, at, end)
                at = found.end() if found else at + 1
        return end

    def _quoted(self, at: int, end: int, *, here: bool = False) -> Iterator[Part]:
        """Yield the parts between double quotes, or of a here-document."""
        text = self.text
        while at < end:
            char = text[at]
            if char == "\\":
                escaped = text[at + 1 : at + 2]
                if escaped == "\n":
                    pass
                elif escaped in ("$", "`", "\\") or (escaped == '"' and not here):
                    yield Literal(escaped, quoted=True)
                else:
                    yield Literal("\\" + escaped, quoted=True)
                at += 2
            elif char in "$`":
                part = self._expansion(at, end, quoted=True)
                yield part
                at += len(part.written)
            elif found := _IN_QUOTES.match(text, at, end):
                yield Literal(found[0], quoted=True)
                at = found.end()
            else:
                yield Literal(char, quoted=True)
                at += 1

    def _expansion(self, at: int, end: int, *, quoted: bool) -> Part:
        text = self.text
        close = min(self.extents.get(at, at), end)
        if at in self.outputs and close > at:
            return Output(text[at:close], quoted, self.outputs[at])
        if found := _NAME.match(text, at, end):
            name = found[1]
            return Variable(found[0], quoted, name) if name else Computed(found[0], quoted)
        # A simple `${name}` has been read at once.
        if (found := _BRACED.match(text, at, end)) and close in (at, found.end()):
            return Variable(found[0], quoted, found[1], found[3])
        if close <= at + 1:
            return Literal(text[at], quoted)
        if (found := _CHANGED.match(text, at, end)) and found.end() == close:
            return Variable(found[0], quoted, found[1], None, found[2], found[3])
        return Computed(text[at:close], quoted)


def _word(parts: Sequence[Part], offset: int) -> Word:
    text = "".join([part.written for part in parts])
    literal = [isinstance(part, Literal) for part in parts]
    if not any(part.quoted for part in parts):
        masked = text
    else:
        masked = "".join(
            [
                MASK * len(part.written) if known and part.quoted else part.written
                for part, known in zip(parts, literal, strict=True)
            ]
        )
    return Word(text, masked, offset, () if all(literal) else tuple(parts))


def _ansi(text: str) -> str:
    """Undo the escapes of `$'...'`."""

    def character(found: re.Match[str]) -> str:
        octal, byte, short, long, control, other = found.groups()
        if octal:
            return chr(int(octal, 8) & 0xFF)
        if number := byte or short or long:
            code = int(number, 16)
            return chr(code) if code < 0x110000 else ""
        if control:
            return chr(ord(control) & 0x1F)
        return _ESCAPES.get(other, other if other in "\\'\"?" else "\\" + other)

    # What follows a null byte is lost.
    return _ANSI.sub(character, text).partition("\0")[0]
