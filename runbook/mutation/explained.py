"""Mutants that may survive, and why: what the author says in a file beside the guide's lab.

```yaml
survive:
  "* option * --no-install-recommends": apt installs more without it, and all that is needed
  "storage/nfs/* line * Protocols = 4;": that is the default of this version
```

A key is a shell pattern of the names of mutants, of whole names.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

from attrs import field, frozen

from runbook.model import Location
from runbook.model.structure import Form, structure
from runbook.model.yamlfile import read

PLACE: Final = Path("lab/mutants.yaml")
"""Where a guide has it, relative to the directory of its conf.py."""

_Text = Annotated[str, Form(r"\S|\S[\s\S]*\S", "a text that begins and ends with a word")]


@frozen
class MutantsFile:
    """The keys of the file."""

    survive: dict[_Text, _Text] = field(factory=dict)


@frozen
class Explanation:
    """Why the mutants whose names match `pattern` may survive, and where that is said."""

    pattern: str
    reason: str
    location: Location | None

    def fits(self, mutant: str) -> bool:
        """Return whether it is for the mutant of that name."""
        return fnmatch.fnmatchcase(mutant, self.pattern)


def load(guide: Path) -> tuple[Explanation, ...]:
    """Return the explanations of a guide.

    Raises:
        YamlError: the file cannot be read, or a line of it is wrong.

    """
    path = guide / PLACE
    if not path.exists():
        return ()
    root = read(path)
    described = structure(root, MutantsFile)
    if not described.survive:
        return ()
    entries = root.at("survive").entries
    return tuple(
        Explanation(pattern, reason, entries[pattern].location)
        for pattern, reason in described.survive.items()
    )


def reason_of(mutant: str, known: Iterable[Explanation]) -> str:
    """Return why the mutant of that name may survive; empty if nobody says so."""
    return next((one.reason for one in known if one.fits(mutant)), "")
