"""The catalogue: pages with one step for each program, as an author would paste its transcript.

A step may have two comments, which Sphinx leaves out. `.. setup` has shell text that is run before
every try. `.. replies` has what an author writes in place of the words in capitals in the lines
that a message proposes, one for each try.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from tests.support.paths import SAMPLES

PAGES: Final = SAMPLES / "catalogue"
_STEP: Final = re.compile(r"(?m)^\.\. step:: (?P<title>.*)\n")
_COMMENT: Final = re.compile(r"(?m)^   \.\. (?P<name>setup|replies)\n(?P<text>(?:      .*\n|\n)+)")
_LINE: Final = re.compile(
    r"add this line (?:to the transcript(?: after the line (?P<after>'.*'|\".*\")|, in its place)"
    r"|(?P<below>below the command)):\n\n    (?P<line>.*)\n"
)
_TABLE: Final = re.compile(r"\n    \.\. answers::\n\n(?P<fields>(?:       :.*\n?)+)")
_ALTERNATIVE: Final = "or, if"
_PLACEHOLDER: Final = re.compile(r"\b(?:ANSWER|NAME|LABEL)\b")


@frozen
class Entry:
    """One step of a page, as text; `setup` is shell text, `replies` are an author's words."""

    page: str
    title: str
    text: str
    setup: str = ""
    replies: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the entry in the names of tests."""
        return f"{self.page}-{self.title}".replace(" ", "-")

    def amended(self, message: str) -> Entry:
        """Return the step with the lines that a message proposes, and the author's next reply.

        An AssertionError says that the message has none, or that no reply is left.
        """
        proposed = message.partition(_ALTERNATIVE)[0]
        line, table = _LINE.search(proposed), _TABLE.search(f"{proposed}\n")
        assert line or table, f"this proposes no lines:\n{message}"
        assert self.replies, f"the author did not foresee this:\n{message}"
        reply, text = self.replies[0], self.text
        if line:
            text = _with_line(text, line, _PLACEHOLDER.sub(lambda _: reply, line["line"]))
        if table:
            fields = _PLACEHOLDER.sub(lambda _: reply, table["fields"]).rstrip("\n")
            text = _with_table(text, fields)
        return evolve(self, text=text, replies=self.replies[1:])


def _with_line(text: str, proposal: re.Match[str], line: str) -> str:
    """Return a step with another line in its transcript, where the message says."""
    lines = text.splitlines()
    after = (proposal["after"] or "")[1:-1]
    places = [
        place
        for place, one in enumerate(lines)
        if (after and after in one) or (proposal["below"] and re.match(r"      [#$] ", one))
    ]
    assert places, f"there is no place for {line!r}"
    lines.insert(places[-1] + 1, f"      {line}")
    return "\n".join(lines) + "\n"


def _with_table(text: str, fields: str) -> str:
    """Return a step with further answers, in a table of its own above the check."""
    table = f"   .. answers::\n\n{fields}\n\n"
    before, check, after = text.partition("   .. check::")
    return f"{before}{table}{check}{after}"


def entries() -> list[Entry]:
    """Return the entries of all pages."""
    return [entry for page in sorted(PAGES.glob("*.rst")) for entry in entries_of(page)]


def entries_of(page: Path) -> list[Entry]:
    """Return the entries of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    steps = list(_STEP.finditer(text))
    ends = [step.start() for step in steps[1:]] + [len(text)]
    return [
        _entry(page.stem, step["title"], text[step.start() : end])
        for step, end in zip(steps, ends, strict=True)
    ]


def _entry(page: str, title: str, text: str) -> Entry:
    comments = {one["name"]: one["text"] for one in _COMMENT.finditer(f"{text}\n")}
    setup = "\n".join(line[6:] for line in comments.get("setup", "").splitlines())
    replies = tuple(line.strip() for line in comments.get("replies", "").splitlines() if line)
    return Entry(page, title, text, setup.strip(), replies)
