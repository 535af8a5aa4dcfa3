"""The terms of a guide: which words its prose must not use, and which it uses instead.

```yaml
terms:
  network cards?:
    right: NIC
    why: it is what the Administration Portal calls it
  programming interface:
    right: API
```

A key is a regular expression that is searched as whole words, without regard to case; `(?-i:...)`
regards it. A blank in it matches an end of line as well. `why` may be left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final

from attrs import frozen

from runbook.model.node import Node
from runbook.model.structure import Form, structure
from runbook.model.yamlfile import read

_Text = Annotated[str, Form(r"\S|\S.*\S", "a text that begins and ends with a word")]
_BLANK: Final = r"\s+"


@frozen
class Term:
    """A pattern of words that the prose must not have, what to write instead, and why."""

    pattern: re.Pattern[str]
    right: str
    why: str = ""


@frozen
class _Term:
    right: _Text
    why: _Text = ""


@frozen
class TermsFile:
    """The keys of the file."""

    terms: dict[_Text, _Term]


def load(path: Path) -> tuple[Term, ...]:
    """Return the terms of the YAML file at `path`.

    Raises:
        YamlError: the file cannot be read, or a line of it is wrong.

    """
    root = read(path)
    described = structure(root, TermsFile)
    entries = root.at("terms").entries
    return tuple(
        Term(_pattern(text, entries[text]), term.right, term.why)
        for text, term in described.terms.items()
    )


def _pattern(text: str, node: Node) -> re.Pattern[str]:
    try:
        pattern = re.compile(rf"(?<!\w)(?:{text.replace(' ', _BLANK)})(?!\w)", re.IGNORECASE)
    except re.error as error:
        raise node.error(f"this is not a regular expression: {error}") from error
    if pattern.search(""):
        raise node.error("it matches nothing at all, so it would match everywhere")
    return pattern
