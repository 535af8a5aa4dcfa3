"""A finding, and the kinds of findings."""

from __future__ import annotations

import enum

from attrs import field, frozen

from runbook.model import Location


class FindingKind(enum.Enum):
    """The kind of a finding: a warning named `runbook.KIND`, and `runbook lint --only KIND`."""

    DASH = "dash"
    """A typographic dash where a program expects `-`."""
    QUOTE = "quote"
    """A typographic quotation mark, which quotes nothing."""
    SPACE = "space"
    """A space character that does not separate words, or an invisible character."""
    WIDTH = "width"
    """A full-width character instead of an ASCII one."""
    URL = "url"
    """An unquoted URL with `&` or `?`."""
    PLACEHOLDER = "placeholder"
    """A placeholder that the shell reads as a redirection, or an elision."""
    PROMPT = "prompt"
    """A prompt that became part of a command."""
    OPEN = "open"
    """An unterminated quote, here-document or compound command."""
    EXPANDED = "expanded"
    """A variable in a here-document that the shell expands to nothing."""
    SHEBANG = "shebang"
    """A script that is made executable but has no shebang line."""
    TYPO = "typo"
    """A command whose name is one letter away from a known one."""
    PATH = "path"
    """A path that is nearly that of a file which the guide writes."""
    COPIED = "copied-id"
    """An id from the output of an earlier command, typed in a later one."""
    HOST = "host"
    """A host that resembles one of the cluster file, or a group that resembles one of the steps."""
    ASKS = "asks"
    """A command outside a step that waits for input."""
    UNSOURCED = "unsourced"
    """A step for a platform that nobody has run, without a source note."""
    UNUSED_SOURCE = "unused-source"
    """A source note that neither a step nor prose names."""
    USES = "uses-before-makes"
    """A thing that a step uses and that no earlier step on its own path makes."""
    WEAK_CHECK = "weak-check"
    """A check that holds on a host where its sentence is not true."""
    TRANSLATION = "translation"
    """A translation that changes a literal, a value, a name, a number, or where a link leads."""
    UNTRANSLATED = "untranslated"
    """A message without a translation."""
    OUTDATED = "outdated-translation"
    """A translation of a text that has changed since."""
    OBSOLETE = "obsolete-translation"
    """A translation of a text that the guide has no more."""
    TRANSLATION_STYLE = "translation-style"
    """A translation that is not written as its language asks."""
    TRANSLATION_TERM = "translation-term"
    """A term that is translated otherwise than the language's `terms.yaml` says."""
    TEMPLATE = "template"
    """A chapter that lacks a section of the template, or has it elsewhere."""
    TERM = "term"
    """A word in prose for which the guide has another term."""
    PASSWORD = "password"  # noqa: S105  # the name of a finding
    """A password in a command line, where everyone can read it."""


@frozen(order=True)
class Finding:
    """A finding about one line; `suggestion` is what to write instead, or empty."""

    location: Location
    kind: FindingKind = field(order=lambda kind: kind.value)
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        return f"{self.location}: {self.text} [{self.kind.value}]"

    @property
    def text(self) -> str:
        """The message and the suggestion, in one line."""
        return f"{self.message}; write {self.suggestion}" if self.suggestion else self.message
