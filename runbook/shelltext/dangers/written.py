"""Files that commands write and then run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from attrs import define, field

from runbook.shelltext.program import SHELLS, Program
from runbook.shelltext.variables import Variables, said

_NO_FILE: Final = re.compile(r"/dev/.*|/proc/.*|&?\d|-")
_COPIES: Final = frozenset({"cp", "mv", "ln", "install"})
_FETCHERS: Final = frozenset({"curl", "wget"})
_WRITERS: Final = _COPIES | _FETCHERS | {"tee", "sponge"}


@define
class Written:
    """The texts of files by their names without directories; `None` if one cannot be told."""

    _files: dict[str, dict[str | None, None]] = field(factory=dict)
    _found_by_name: set[str] = field(factory=set)
    _downloads: set[str] = field(factory=set)
    _copies: dict[str, str] = field(factory=dict)

    def add(self, path: str, text: str | None) -> None:
        """Note that the file `path` is written with `text`."""
        if path and not _NO_FILE.fullmatch(path):
            if "/" not in path or posixpath.dirname(path).endswith("bin"):
                self._found_by_name.add(posixpath.basename(path))
            self._files.setdefault(posixpath.basename(path), {})[text] = None

    def note(self, program: Program, variables: Variables) -> None:
        """Note what `program` writes."""
        if not program.redirects and program.name not in _WRITERS:
            return
        if program.name in _FETCHERS:
            self._downloads |= set(map(posixpath.basename, _fetched(program)))
        for redirect in program.redirects:
            if ">" in redirect.operator and redirect.target.known:
                self.add(redirect.target.text, self._content(program, variables))
        if program.name in ("tee", "sponge"):
            for path in program.operands:
                self.add(path, self._content(program, variables))
        elif program.name in _COPIES and len(program.operands) > 1:
            *sources, last = program.operands
            for source in sources:
                if "/" in source or self._copies:
                    name = posixpath.basename(source)
                    self._copies[posixpath.basename(last)] = self._copies.get(name, name)
                for text in self._files.get(posixpath.basename(source), {}):
                    self.add(last, text)
                    self.add(source, text)

    def _content(self, program: Program, variables: Variables) -> str | None:
        if program.name in ("cat", "tee", "sponge"):
            if program.documents:
                return variables.text(program.documents[-1]) or program.inputs[-1]
            source = program.piped_from
            return None if source is None else self._content(source, variables)
        if program.name in ("echo", "printf"):
            return said(program.words)
        return None

    def run_by(self, program: Program) -> Iterator[str | None]:
        """Yield the texts of the files that `program` runs."""
        if not (self._files or self._downloads):
            return
        reads = program.name in SHELLS or program.name in ("source", ".")
        by_path = "/" in program.words[0].text or program.name in self._found_by_name
        names = [program.name] if by_path else []
        if reads:
            paths = [*program.operands[:1], *(r.target.text for r in program.redirects)]
            names = [posixpath.basename(path) for path in paths]
        for name in names:
            yield from self._files.get(name, ())
            if name in self._downloads and (reads or name.endswith(".sh")):
                yield None

    @property
    def has_copies(self) -> bool:
        """Whether a program may have got another name."""
        return bool(self._copies)

    def original(self, name: str) -> str | None:
        """Return the name of the program that was copied or linked to `name`, if any."""
        found = self._copies.get(name)
        return found if found != name else None


def _fetched(program: Program) -> Iterator[str]:
    """Yield the names of the files that `program` downloads."""
    given = program.arguments
    for option, value in pairwise(given):
        if re.fullmatch(r"-[A-Za-z]*[oO]|--output|--output-document", option):
            yield value
    if program.name == "wget" or any(re.fullmatch(r"-[A-Za-z]*O[A-Za-z]*", w) for w in given):
        yield from (word.partition("?")[0] for word in given if "://" in word)
