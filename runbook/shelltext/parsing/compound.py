"""Compound commands: loops, conditions, groups, tests, arithmetic.

`parsing.grammar` adds the lists, pipelines and simple commands that they are made of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from typing import Final

from attrs import define

from runbook.shelltext.parsing.lines import Span, UnexpectedTextError, Waiting
from runbook.shelltext.parsing.quoting import WordReader

AFTER: Final = r"(?=[ \t;&|()<>]|\Z)"
RESERVED_WORDS: Final = frozenset(
    {"if", "then", "elif", "else", "fi", "while", "until", "for", "select", "do", "done", "case"}
    | {"in", "esac", "function", "coproc", "time", "{", "}", "!", "[[", "]]"}
)
RESERVED: Final = re.compile(rf"({'|'.join(map(re.escape, sorted(RESERVED_WORDS)))}){AFTER}")
_RESERVED_BEGINS: Final = frozenset("itefwusdc{}![]")
PARAMETERS: Final = re.compile(r"[ \t]*\([ \t]*\)")
_CLAUSE_ENDS: Final = (";;&", ";;", ";&")
_NAMED_COPROC: Final = re.compile(
    rf"[A-Za-z_]\w*[ \t]+(?=\(|(?:if|while|until|for|select|case|\{{|\[\[){AFTER})"
)
_TEST_OPERATOR: Final = re.compile(r"&&|\|\||[()<>;&|]")
_REGEX: Final = re.compile(r"=~(?=[ \t])[ \t]*")


@define
class CompoundReader(WordReader):
    """Reads compound commands."""

    def _list(self, *ends: str) -> Generator[None, None, str]:
        """Read commands up to one of `ends`, which is returned, or to the end of a line."""
        raise NotImplementedError

    def _command(self) -> Waiting:
        raise NotImplementedError

    def _body(self, name: Span) -> Waiting:
        """Read the body of the function that is called as in `name`."""
        raise NotImplementedError

    def _at(self, *words: str) -> str:
        """Return which of the `words` is next, or an empty string."""
        char = self.line[self.column : self.column + 1]
        if char in _RESERVED_BEGINS:
            found = RESERVED.match(self.line, self.column)
            return found[1] if found and found[1] in words else ""
        if char in ";)":
            return next((word for word in words if self._is_next(word)), "")
        return ""

    def _is_next(self, sign: str) -> bool:
        return self.line.startswith(sign, self.column)

    def _take(self, *words: str) -> str:
        """Read on after the one of `words` that is next, which is returned."""
        if found := self._at(*words):
            self.column += len(found)
        return found

    def _unexpected(self) -> UnexpectedTextError:
        found = self.line[self.column :].split(maxsplit=1)[:1] or ["end of the line"]
        return UnexpectedTextError(f"unexpected {found[0]!r}")

    def compound(self, word: str) -> Waiting:
        """Read on after `word`, which starts a compound command."""
        self.column += len(word)
        yield from _COMPOUND[word](self, word)

    def _parenthesis(self) -> Waiting:
        """Read `((...))`, or a subshell: bash finds out at the end which one it is."""
        if self._is_next("(("):
            place = (self.row, self.line, self.column, self._base, self._number)
            substitutions, quoted = len(self.scope.substitutions), len(self.quoted)
            self.column += 1
            yield from self._nested("((", ")")
            if self._is_next(")"):
                self.column += 1
                return
            self.row, self.line, self.column, self._base, self._number = place
            del self.scope.substitutions[substitutions:], self.quoted[quoted:]
        self.column += 1
        self._push("(", ")")
        yield from self._list(")")
        self._pop()

    def _group(self, word: str) -> Waiting:
        self._push(word, "}")
        yield from self._list("}")
        self._pop()

    def _if(self, word: str) -> Waiting:
        self._push(word, "fi")
        end = "elif"
        while end != "fi":
            if end == "elif":
                yield from self._list("then")
            end = yield from self._list("elif", "else", "fi")
        self._pop()

    def _while(self, word: str) -> Waiting:
        self._push(word, "done")
        yield from self._list("do")
        yield from self._list("done")
        self._pop()

    def _for(self, word: str) -> Waiting:
        self._push(word, "done")
        yield from self._blanks()
        if self._is_next("((") and word == "for":
            self.column += 1
            yield from self._nested("((", ")", opened=2)
            yield from self._blanks()
        else:
            start = self.offset
            yield from self._word()
            name, words = (start, self.offset), list[Span]()
            yield from self._newlines()
            if self._take("in"):
                yield from self._words(words)
            self.scope.loops.append((name, words))
        if self._is_next(";"):
            self.column += 1
        yield from self._newlines()
        start_word = self._take("do", "{")
        if not start_word:
            raise self._unexpected()
        yield from self._list("done" if start_word == "do" else "}")
        self._pop()

    def _words(self, words: list[Span]) -> Waiting:
        """Read words to the end of the line or of the command."""
        while True:
            yield from self._blanks()
            start, place = self.offset, (self.column, self._number)
            yield from self._word()
            if place == (self.column, self._number):
                return
            words.append((start, self.offset))

    def _case(self, word: str) -> Waiting:
        self._push(word, "esac")
        yield from self._blanks()
        yield from self._word()
        yield from self._newlines()
        if not self._take("in"):
            raise self._unexpected()
        while True:
            yield from self._newlines()
            if self._take("esac"):
                break
            if self._is_next("("):
                self.column += 1
            yield from self._patterns()
            if (yield from self._list(*_CLAUSE_ENDS, "esac")) == "esac":
                break
        self._pop()

    def _patterns(self) -> Waiting:
        while True:
            yield from self._blanks()
            yield from self._word()
            yield from self._blanks()
            if self._is_next(")"):
                self.column += 1
                return
            if not self._is_next("|"):
                raise self._unexpected()
            self.column += 1

    def _function(self, _: str) -> Waiting:
        yield from self._blanks()
        start = self.offset
        yield from self._word()
        name = start, self.offset
        if found := PARAMETERS.match(self.line, self.column):
            self.column = found.end()
        yield from self._body(name)

    def _coproc(self, _: str) -> Waiting:
        yield from self._blanks()
        if found := _NAMED_COPROC.match(self.line, self.column):
            self.column = found.end()
        yield from self._command()

    def _test(self, word: str) -> Waiting:
        self._push(word, "]]")
        while True:
            yield from self._newlines()
            if self._take("]]"):
                break
            if found := _REGEX.match(self.line, self.column):
                self.column = found.end()
                yield from self._word(regex=True)
            elif found := _TEST_OPERATOR.match(self.line, self.column):
                self.column = found.end()
            else:
                yield from self._word()
        self._pop()


_COMPOUND: Final[dict[str, Callable[[CompoundReader, str], Waiting]]] = {
    "{": CompoundReader._group,
    "if": CompoundReader._if,
    "while": CompoundReader._while,
    "until": CompoundReader._while,
    "for": CompoundReader._for,
    "select": CompoundReader._for,
    "case": CompoundReader._case,
    "function": CompoundReader._function,
    "coproc": CompoundReader._coproc,
    "[[": CompoundReader._test,
}
COMPOUND: Final = frozenset(_COMPOUND)
"""The words that start a compound command."""
