"""The values that variables may have, as far as the text itself assigns them.

Nothing is run, and the order of commands is not followed: each value that is assigned anywhere
is a possible one. So a program that is named by a variable is found whatever happens before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product
from math import prod
from typing import Final

from attrs import define, field

from runbook.shelltext.changes import changed
from runbook.shelltext.parsing.commands import Assignment, ShellText, SimpleCommand
from runbook.shelltext.parsing.words import MASK, PARTS, Literal, Output, Part, Variable, Word
from runbook.shelltext.wrappers import wrapper_names

_SPACE: Final = re.compile(r"[ \t\n]+")
_NUMBER: Final = re.compile(r"\$(?:\(\(|\[|[#?$!]\Z|\{#)")
_NAMED: Final = re.compile(r"\$\{([A-Za-z_]\w*)(?!\[)")
_FORMAT: Final = re.compile(r"%(.)|\\(.)", re.DOTALL)
_MOST: Final = 32
"""A command with more possible forms than this is left as it is written."""

_MOST_VALUES: Final = 8


@define
class Variables:
    """Variables with the values that they may have; `None` is one that cannot be told."""

    _values: dict[str, dict[Word | None, None]] = field(factory=dict)
    _told: dict[str, tuple[str | None, ...]] = field(factory=dict)
    _hidden: dict[str, bool] = field(factory=dict)
    _asked: set[str] = field(factory=set)
    _used: set[str] = field(factory=set)
    stale: bool = False
    """Whether a variable got another value after somebody has asked for its values."""

    def add(self, assignments: Iterable[Assignment]) -> None:
        """Note further values."""
        for one in assignments:
            values = self._values.setdefault(one.name, {})
            if one.value not in values:
                values[one.value] = None
                self.stale = self.stale or one.name in self._used or one.name == "IFS"
                self._told.clear()
                self._hidden.clear()

    def assigns(self, name: str) -> bool:
        """Return whether the text assigns the variable `name`."""
        return name in self._values

    def forms(self, words: Sequence[Word]) -> list[tuple[Word, ...]]:
        """Return what `words` may be once their variables are replaced.

        Words whose values cannot be told are in there as they are written.
        """
        if not any(map(PARTS, words)):
            return [tuple(words)]
        choices = [self._word(word) for word in words]
        if prod(map(len, choices)) > _MOST:
            return [tuple(words)]
        found = [
            tuple(word for several in chosen for word in several) for chosen in product(*choices)
        ]
        if not (words[0].parts or words[0].text in wrapper_names()):
            return found
        alone = [_is_alone(word) for word in words]
        if alone[0] or any(alone[1:]):
            # A variable may be used before it has a value, and leave another program in its place.
            rest = (() if gone else one[0] for gone, one in zip(alone, choices, strict=True))
            found.append(tuple(word for several in rest for word in several))
        return found

    def hides(self, word: Word) -> bool:
        """Return whether a part of `word` is put together in a way that hides what it is."""
        return any(self._hides(part) for part in word.parts)

    def _hides(self, part: Part) -> bool:
        if isinstance(part, Output):
            return part.written[0] in "$`" and self._disguises(part.shell)
        if isinstance(part, Variable):
            if part.name not in self._hidden:
                self._hidden[part.name] = False
                values = self._values.get(part.name, ())
                hidden = any(value is None or self.hides(value) for value in values)
                self._hidden[part.name] = hidden
            return self._hidden[part.name]
        if isinstance(part, Literal) or _NUMBER.match(part.written):
            return False
        named = _NAMED.match(part.written)
        return part.written[:1] == "$" and not (named and not self.assigns(named[1]))

    def _disguises(self, shell: ShellText) -> bool:
        """Return whether `shell` makes something else of a text that it contains."""
        if not shell.own or self.printed(shell) is not None:
            return False
        first = shell.own[0]
        if any(word.known for word in first.inputs):
            return True
        words = self.forms(first.words)[0]
        if not all(word.known for word in words) or words[0].text not in ("echo", "printf"):
            return False
        return len(shell.own) > 1 or any("\\" in word.text for word in words)

    def texts(self, word: Word) -> list[str]:
        """Return the texts that `word` may be, in which unknown parts are as they are written."""
        return ["".join(part.written for part in parts) for parts in self._replaced(word)]

    def text(self, word: Word) -> str | None:
        """Return the only text that `word` can be, or `None`."""
        if word.known:
            return word.text
        found = self._replaced(word)
        if len(found) != 1 or not all(isinstance(part, Literal) for part in found[0]):
            return None
        return "".join(part.written for part in found[0])

    def _replaced(self, word: Word) -> list[tuple[Part, ...]]:
        """Return the parts of `word` with possible values in place of variables."""
        if word.known:
            return [(Literal(word.text, quoted=True),)]
        parts = word.parts
        choices = [self._part(part) for part in parts]
        shown = sum(1 for part in parts if part.written)
        if shown > 1 and not any("/" in part.written for part in parts):
            # A variable without a value leaves the rest of the word.
            choices = [
                [*choice, Literal("", part.quoted)] if isinstance(part, Variable) else choice
                for part, choice in zip(parts, choices, strict=True)
            ]
        elif all(choice[0] is part for part, choice in zip(parts, choices, strict=True)) and (
            max(map(len, choices)) == 1
        ):
            return [parts]
        if prod(map(len, choices)) > _MOST:
            return [word.parts]
        return list(product(*choices))

    def _part(self, part: Part) -> Sequence[Part]:
        """Return what may take the place of `part`; `part` itself if that cannot be told."""
        if isinstance(part, Variable):
            return self._variable(part)
        if isinstance(part, Output) and part.written[0] in "$`":
            printed = self.printed(part.shell)
            return [part if printed is None else Literal(printed.rstrip("\n"), part.quoted)]
        return [part]

    def _variable(self, part: Variable) -> Sequence[Part]:
        found: list[Part] = []
        for value in self._of(part.name):
            text = value
            if text is not None and part.operator:
                text = changed(text, part.operator, part.argument)
            found.append(part if text is None else Literal(text, part.quoted))
        if part.default is not None:
            found.append(Literal(part.default, part.quoted))
        return found

    def _of(self, name: str) -> tuple[str | None, ...]:
        """Return the values that the variable `name` may have."""
        self._used.add(name)
        if name not in self._values or name in self._asked:
            return (None,)
        if name not in self._told:
            self._asked.add(name)
            found: dict[str | None, None] = {}
            for value in self._values[name]:
                for parts in [()] if value is None else self._replaced(value):
                    known = value is not None and all(isinstance(p, Literal) for p in parts)
                    found["".join(p.written for p in parts) if known else None] = None
            self._asked.discard(name)
            self._told[name] = tuple(found) if len(found) <= _MOST_VALUES else (None,)
        return self._told[name]

    def _word(self, word: Word) -> list[tuple[Word, ...]]:
        """Return the words that one word may become: unquoted values are split."""
        if word.known:
            return [(word,)]
        replaced = self._replaced(word)
        if "IFS" in self._values or replaced[0] is word.parts:
            return [(word,)]
        return [tuple(_split(parts, word)) for parts in replaced]

    def printed(self, shell: ShellText) -> str | None:
        """Return what `shell` prints, if that can be told."""
        return self.output(shell.own[-1]) if _is_pipeline(shell) else None

    def output(self, command: SimpleCommand) -> str | None:
        """Return what one command prints, if that can be told."""
        if any(">" in r.operator and r.target.text != "/dev/null" for r in command.redirects):
            return None
        forms = self.forms(command.words)
        if len(forms) != 1:
            return None
        if (text := said(forms[0])) is not None:
            return text
        name, *given = [word.text for word in forms[0]] or [""]
        if name == "cat" and (not given or given == ["-"]) and not command.fed:
            if command.inputs:
                return self.text(command.inputs[-1])
            if command.source is not None:
                return self.output(command.source)
        return None


def _is_pipeline(shell: ShellText) -> bool:
    """Return whether `shell` is a single pipeline of simple commands."""
    own = shell.own
    return bool(own) and all(later.source is former for former, later in pairwise(own))


def _is_alone(word: Word) -> bool:
    """Return whether `word` is nothing but variables that are not quoted."""
    parts = word.parts
    return bool(parts) and all(isinstance(p, Variable) and not p.quoted for p in parts)


def said(words: Sequence[Word]) -> str | None:
    """Return what `echo`, `printf` or `true` prints, if that can be told."""
    if not words or not all(word.known and not word.is_pattern for word in words):
        return None
    name, *given = [word.text for word in words]
    if name == "echo":
        return _echoed(given)
    if name in ("true", ":"):
        return ""
    return _formatted(given) if name == "printf" else None


def _split(parts: Sequence[Part], word: Word) -> Iterator[Word]:
    """Yield the words that `parts` make, of which some have replaced those of `word`."""
    current: list[Part] = []
    for part, before in zip(parts, word.parts, strict=True):
        if part is before or part.quoted or not isinstance(part, Literal):
            current.append(part)
            continue
        first, *others = _SPACE.split(part.written)
        current.append(Literal(first, quoted=False))
        for other in others:
            yield from _made(current, word)
            current = [Literal(other, quoted=False)]
    yield from _made(current, word)


def _made(parts: Sequence[Part], word: Word) -> Iterator[Word]:
    text = "".join(part.written for part in parts)
    if not text and not any(part.quoted for part in parts):
        return
    masked = "".join(
        MASK * len(p.written) if isinstance(p, Literal) and p.quoted else p.written for p in parts
    )
    known = all(isinstance(part, Literal) for part in parts)
    yield Word(text, masked, word.offset, () if known else tuple(parts))


def _echoed(given: Sequence[str]) -> str | None:
    """Return what `echo` prints; with a backslash, that depends on the shell."""
    newline = "\n"
    while given and given[0] in ("-n", "-E"):
        newline = "" if given[0] == "-n" else newline
        given = given[1:]
    text = " ".join(given)
    return None if "\\" in text or text.startswith("-e") else text + newline


def _formatted(given: Sequence[str]) -> str | None:
    """Return what `printf` prints, if its format has nothing but `%s` and line breaks."""
    if given[:1] == ["--"]:
        given = given[1:]
    if not given or given[0].startswith("-"):
        return None
    kinds = {found[0] for found in _FORMAT.finditer(given[0])}
    if not kinds <= {"%s", "\\n", "%%"} or (len(given) > 1 and "%s" not in kinds):
        return None
    text, rest = _filled(given[0], given[1:])
    while rest:
        more, rest = _filled(given[0], rest)
        text += more
    return text


def _filled(format_: str, values: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return `format_` with the first of `values`, and the others."""
    left = list(values)

    def shown(found: re.Match[str]) -> str:
        if found[0] == "%s":
            return left.pop(0) if left else ""
        return {"%%": "%", "\\n": "\n"}[found[0]]

    return _FORMAT.sub(shown, format_), left
