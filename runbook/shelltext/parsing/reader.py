"""Tell line by line where a shell command ends, as bash does when it chooses PS1 or PS2."""

from __future__ import annotations

from contextlib import suppress

from attrs import define, field

from runbook.shelltext.parsing.found import Scope
from runbook.shelltext.parsing.grammar import GrammarReader
from runbook.shelltext.parsing.lines import Construct, UnexpectedTextError, Waiting


@define
class Reader(GrammarReader):
    """Reads commands line by line; tells after each line whether the command is complete.

    Text that bash would refuse ends with its line, as it does at a prompt; `errors` are why.
    `whole` is what is in the text, but not in the substitutions in it.
    """

    errors: list[str] = field(factory=list)
    whole: Scope = field(init=False)
    _waiting: Waiting = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.whole = self.scope
        self._waiting = self._commands()
        next(self._waiting)

    @property
    def awaits(self) -> Construct | None:
        """The construct that is still open, or `None` if the command is complete."""
        if self._continued:
            return Construct("\\", "another line", self.row)
        if self._here_documents and not self._open_quote():
            first = self._here_documents[0]
            return Construct("here-document", first.delimiter, first.row)
        return self._open[-1] if self._open else None

    @property
    def in_heredoc(self) -> bool:
        """Whether the next line belongs to a here-document."""
        return bool(self._here_documents) and not self._continued and not self._open_quote()

    @property
    def in_text(self) -> bool:
        """Whether spaces in the next line matter: in a here-document or quotes."""
        return bool(self._here_documents) or self._open_quote()

    def _open_quote(self) -> bool:
        return bool(self._open) and self._open[-1].opener in ("'", '"')

    def feed(self, line: str) -> None:
        """Read the next `line`, without its newline."""
        self.rows.append(line)
        next(self._waiting)

    def read(self, text: str) -> None:
        """Read the whole `text` at once."""
        self.rows = text.split("\n")
        next(self._waiting)

    def read_here_document(self, text: str) -> None:
        """Read the lines of a here-document whose delimiter is not quoted, instead of commands."""
        self.rows = text.split("\n")
        reading = self._here_document()
        with suppress(UnexpectedTextError):
            next(reading)

    def _here_document(self) -> Waiting:
        yield from self._next_line()
        yield from self.here_text()

    def _commands(self) -> Waiting:
        """Read line by line, forever."""
        while True:
            yield from self._next_line()
            try:
                yield from self._list()
            except UnexpectedTextError as refused:
                self.errors.append(str(refused))
                self.column = len(self.line)
                self._functions_around = 0
                self._source = None
                self.scope = self.whole
                self._open.clear()
                self._here_documents.clear()


def explain(awaited: Construct) -> str:
    """Describe what an incomplete command has left open."""
    match awaited.opener:
        case "here-document":
            return f"the here-document is not terminated by {awaited.end!r}"
        case "'" | '"':
            return f"the quote {awaited.opener} is not closed"
        case "\\":
            return "the line ends with a backslash, but nothing follows"
        case "&&" | "||" | "|" | "|&":
            return f"the line ends with {awaited.opener!r}, but no command follows"
        case "a function":
            return "a function has no body"
        case _:
            return f"{awaited.opener!r} is not closed: {awaited.end!r} is missing"
