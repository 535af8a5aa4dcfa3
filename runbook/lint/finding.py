"""What a finding is, and of which kinds there are some."""

from __future__ import annotations

import enum

from attrs import field, frozen

from runbook.model import Location


class Flaw(enum.Enum):
    """What is wrong: the name of a warning behind `runbook.`, and of `runbook lint --only`."""

    DASH = "dash"
    """A typographer's dash, where a program expects `-`."""
    QUOTE = "quote"
    """A typographer's quotation mark, which quotes nothing."""
    SPACE = "space"
    """A blank that parts no words, or that nobody sees."""
    WIDTH = "width"
    """A full-width character in the place of an ASCII one."""
    URL = "url"
    """An address with `&` or `?` that is not quoted."""
    PLACEHOLDER = "placeholder"
    """Something to fill in that the shell takes for a redirection, or an elision."""
    PROMPT = "prompt"
    """A prompt that became part of a command."""
    OPEN = "open"
    """A quotation, here-document or compound that nothing ends."""
    EXPANDED = "expanded"
    """A name in a here-document that the shell replaces by nothing."""
    SHEBANG = "shebang"
    """A script that is made executable and does not say what executes it."""
    TYPO = "typo"
    """A command whose name is one letter away from a known one."""
    PATH = "path"
    """A file that is written under one name and used under another."""
    COPIED = "copied-id"
    """An id that one run of a command has printed, typed in a later command."""
    HOST = "host"
    """A host that the cluster does not have, but others of that name."""
    ASKS = "asks"
    """A command outside of a step that waits for a person."""
    PASSWORD = "password"  # noqa: S105  # the name of a finding
    """A password that stands in a command line for all to read."""


@frozen(order=True)
class Finding:
    """A complaint about one line; `suggestion` is what to write instead, or empty."""

    location: Location
    flaw: Flaw = field(order=lambda flaw: flaw.value)
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        return f"{self.location}: {self.words} [{self.flaw.value}]"

    @property
    def words(self) -> str:
        """The complaint with the suggestion, in one line."""
        return f"{self.message}; write {self.suggestion}" if self.suggestion else self.message
