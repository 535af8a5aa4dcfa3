"""The nouns of a runbook: frozen values without behaviour that touches the world.

Every noun has one class here, under the name that the glossary gives it. Paths in a
`Location` are relative to the guide's directory, lines count from 1, and all durations
are seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from runbook.model.actions import Action, FileContent
from runbook.model.alternative import Alternative
from runbook.model.location import Location
from runbook.model.reading import Reading
from runbook.model.remark import Remark
from runbook.model.source_notes import Citation, SourceNote

SCHEMA: Final = 2
"""Number of the plan's format; it changes when a reader would break."""


@frozen
class Check:
    """A sentence about a host and the testinfra assertions that decide whether it is true.

    `source` is Python text in which `host` is the testinfra host of the step and `hosts`
    maps every host's name to its own. After the actions the assertions may take up to
    `within` seconds to become true. They are true up to the end of the guide, or `until` a
    step of one of those ids makes them false.

    A check of a `file` has no source: it is true if the file is as that says. The plan has none
    of these; they are made from the steps when their checks are evaluated.
    """

    sentence: str
    source: str
    location: Location
    within: float = 0.0
    until: tuple[str, ...] = ()
    file: FileContent | None = None


@frozen
class Capture:
    """A value to take out of the output of a step's last command, for later steps.

    A later `<name>` in a marked block, with `-` for `_`, stands for the value; `<host:name>`
    for the one that was captured on that host. Without a
    `pattern` the value is the whole output, stripped; with one it is the first group of
    the first match, or the whole match if there is no group. The value of a `secret` is written
    nowhere, and neither is what else the step prints before it is known.
    """

    name: str
    pattern: str | None = None
    secret: bool = False


@frozen
class Retry:
    """How often a step is tried in all, and the seconds between two tries."""

    tries: int
    every: float = 0.0


@frozen
class Background:
    """The last command of a step keeps running. It is ready when it has printed `until_output`.

    Without `until_output` it is ready when the checks of its step hold.
    """

    until_output: str | None = None


@frozen
class Step:
    """What the operator does on which hosts, and how to tell that it worked.

    `on` names hosts and groups. `platforms` is empty for any platform. `requires` names
    capabilities; one that begins with `!` must be absent. `needs` is `None` if the step
    depends on every step before it, otherwise the ids of the steps it depends on. A step
    that was read from an unmarked code block has `marked` false, and the `confidence` of
    that reading. `choices` are what the operator must have chosen, as `engine=hosted`. All
    `alternatives` must be taken. One that undoes what others did says `undo`. `tags` are words to
    select steps by. A step that is not `repeatable` must not be typed twice on the same machine
    without a word of the operator. `sources` are the ids of source notes. `provides` are things
    that are there from this step on although its commands do not show it. `unchecked` are patterns
    of what it changes and no check need look at. None of these changes what is done.
    """

    id: str
    title: str
    location: Location
    on: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    checks: tuple[Check, ...] = ()
    platforms: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    needs: tuple[str, ...] | None = None
    timeout: float = 300.0
    readonly: bool = False
    serial: bool = False
    user: str = "root"
    statuses: tuple[int, ...] = (0,)
    capture: Capture | None = None
    marked: bool = True
    confidence: float = 1.0
    choices: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    undo: bool = False
    tags: tuple[str, ...] = ()
    retry: Retry | None = None
    background: Background | None = None
    repeatable: bool = True
    sources: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


@frozen
class Chapter:
    """One document of the guide, with its steps and its code blocks in reading order."""

    document: str
    title: str
    steps: tuple[Step, ...] = ()
    blocks: tuple[Reading, ...] = ()


@frozen
class Runbook:
    """The chapters of a guide in toctree order; what `plan.json` holds.

    `sources` are all of its source notes, `cited` where its prose relies on them, and `remarks`
    what was noticed in the prose. `unchecked` are patterns of what steps change and no check need
    look at.
    """

    title: str
    chapters: tuple[Chapter, ...] = ()
    sources: tuple[SourceNote, ...] = ()
    remarks: tuple[Remark, ...] = ()
    cited: tuple[Citation, ...] = ()
    unchecked: tuple[str, ...] = ()
    schema: int = SCHEMA

    def steps(self) -> Iterator[Step]:
        """Yield every step in the order in which an operator meets it."""
        for chapter in self.chapters:
            yield from chapter.steps
