"""Source notes: what the source of a program says, which the guide relies on and cannot run.

A directory beside the guide has a YAML file for each release of a program:

```yaml
program: ovirt-engine
release: 4.5.7
repository: oVirt/ovirt-engine   # owner/name on GitHub, or a URL
tag: ovirt-engine-4.5.7          # of that release; without it, pages link no files
notes:
  application-mode:
    file: packaging/setup/plugins/ovirt-engine-common/base/core/misc.py
    says: engine-setup asks for the application mode; the default is Virt
    ran: engine-setup of that release, in 80 and 200 columns
```

A step names the note as `FILE/NOTE`, where FILE is the name of the file without `.yaml`. `tag` and
`ran` may be left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from attrs import evolve, field, frozen

from runbook.model.location import Location
from runbook.model.node import YamlError
from runbook.model.structure import Form, structure
from runbook.model.yamlfile import read

_GITHUB: Final = "https://github.com/"

Name = Annotated[
    str, Form(r"[a-z0-9][a-z0-9._-]*", "a name of lower-case letters, digits, '.', '_' and '-'")
]
"""The name of a note, or of a file without its `.yaml`."""

_Text = Annotated[str, Form(r"\S|\S[\s\S]*\S", "a text that begins and ends with a word")]
_Repository = Annotated[
    str, Form(r"[\w.-]+/[\w.-]+|https?://\S+", "a repository: owner/name, or a URL")
]
_Path = Annotated[str, Form(r"[^\s/]\S*", "a path in the repository")]


@frozen
class SourceNote:
    """What a file of a program's source says, in the release that the guide is written for.

    `id` is what steps name it by. `repository` is a URL. `ran` says how the note was compared with
    the running program; it is empty if nobody has done so.
    """

    id: str
    program: str
    release: str
    repository: str
    file: str
    says: str
    location: Location
    tag: str = ""
    ran: str = ""

    @property
    def url(self) -> str:
        """The address of the file in that release; empty if it cannot be known."""
        if not self.tag or not self.repository.startswith(_GITHUB):
            return ""
        return f"{self.repository}/blob/{quote(self.tag)}/{quote(self.file)}"


@frozen
class Citation:
    """A place outside of steps whose prose relies on a source note."""

    note: str
    location: Location


@frozen
class _Note:
    file: _Path
    says: _Text
    ran: _Text = ""


@frozen
class SourceNotesFile:
    """The keys of a file of source notes."""

    program: _Text
    release: _Text
    repository: _Repository
    notes: dict[Name, _Note]
    tag: _Text = field(default="")


def load(directory: Path, guide: Path) -> tuple[SourceNote, ...]:
    """Return the notes of all files in `directory`, by file name and as each file has them.

    Locations are relative to the directory `guide`.

    Raises:
        YamlError: there is no such directory, or a file cannot be read, or a line of one is wrong.

    """
    if not directory.is_dir():
        raise YamlError(f"{directory}: there is no such directory; conf.py names it")
    return tuple(
        note
        for path in sorted(directory.iterdir())
        if path.suffix in (".yaml", ".yml")
        for note in _notes(path, guide)
    )


def _notes(path: Path, guide: Path) -> list[SourceNote]:
    root = read(path)
    shown = path.relative_to(guide) if path.is_relative_to(guide) else path
    if path.suffix != ".yaml":
        raise YamlError(f"{path}: the name of a file of source notes ends with .yaml")
    # The name of the file is a part of the ids.
    structure(evolve(root, value=path.stem, keys=(path.name,)), Name)
    described = structure(root, SourceNotesFile)
    repository = described.repository
    if "://" not in repository:
        repository = _GITHUB + repository
    entries = root.at("notes").entries
    return [
        SourceNote(
            id=f"{path.stem}/{name}",
            program=described.program,
            release=described.release,
            repository=repository.rstrip("/"),
            file=note.file,
            says=note.says,
            location=Location(str(shown), _line(entries[name].location)),
            tag=described.tag,
            ran=note.ran,
        )
        for name, note in described.notes.items()
    ]


def _line(location: Location | None) -> int:
    return location.line if location is not None else 1
