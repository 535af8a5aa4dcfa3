"""Source notes are read as their authors wrote them, or refused with the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from runbook.model import Location, SourceNote
from runbook.model.node import YamlError
from runbook.model.source_notes import load

GOOD = """\
program: ovirt-engine
release: 4.10
repository: oVirt/ovirt-engine
tag: ovirt-engine-4.10
notes:
  ports:
    file: setup/ports.py
    says: the engine listens on 443
  mode:
    file: setup/mode.py
    says: 'the default is "Virt"'
    ran: engine-setup in 80 columns
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory of the notes, with one file."""
    made = tmp_path / "docs/sources"
    made.mkdir(parents=True)
    (made / "engine-4.10.yaml").write_text(GOOD)
    return made


def test_a_note_has_the_id_that_steps_name_it_by(directory: Path, tmp_path: Path) -> None:
    """Releases are texts, and locations are relative to the guide."""
    ports, mode = load(directory, tmp_path)
    assert ports == SourceNote(
        id="engine-4.10/ports",
        program="ovirt-engine",
        release="4.10",
        repository="https://github.com/oVirt/ovirt-engine",
        file="setup/ports.py",
        says="the engine listens on 443",
        location=Location("docs/sources/engine-4.10.yaml", 6),
        tag="ovirt-engine-4.10",
    )
    assert (mode.id, mode.ran) == ("engine-4.10/mode", "engine-setup in 80 columns")


def test_a_file_is_linked_only_in_its_own_release(directory: Path, tmp_path: Path) -> None:
    """Without the tag, or in a repository of another kind, nobody knows the address."""
    note = load(directory, tmp_path)[0]
    assert note.url.endswith("/oVirt/ovirt-engine/blob/ovirt-engine-4.10/setup/ports.py")
    assert evolve(note, tag="").url == ""
    assert evolve(note, repository="https://example.com/engine").url == ""


def test_files_come_in_the_order_of_their_names(directory: Path, tmp_path: Path) -> None:
    """And what is not YAML is left alone."""
    (directory / "agent-1.yaml").write_text(GOOD)
    (directory / "README").write_text("of notes")
    found = [note.id for note in load(directory, tmp_path)]
    assert found == ["agent-1/ports", "agent-1/mode", "engine-4.10/ports", "engine-4.10/mode"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("program:", "programme:", 1, "unknown key 'programme'; did you mean 'program'?"),
        ("release: 4.10", "program: x", 2, "'program' is given twice, first on line 1"),
        ("release: 4.10\n", "", 1, "the key 'release' is missing"),
        ("oVirt/ovirt-engine", "ovirt-engine", 3, "is not a repository: owner/name, or a URL"),
        (
            "    says: the",
            "    say: the",
            8,
            "notes: ports: unknown key 'say'; did you mean 'says'",
        ),
        ("  mode:", "  ports:", 9, "'ports' is given twice, first on line 6"),
        ("  mode:", "  Mode:", 9, "'Mode' is not a name"),
        ("setup/mode.py", "/setup/mode.py", 10, "is not a path in the repository"),
        ("the engine listens on 443", "", 8, "must be a text, not null"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    directory: Path, tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    """A writer is sent to the very line."""
    path = directory / "engine-4.10.yaml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(YamlError) as caught:
        load(directory, tmp_path)
    message = str(caught.value)
    assert words in message
    assert message.startswith(f"{path}:{line}:"), message


def test_a_name_that_no_step_could_write_is_refused(directory: Path, tmp_path: Path) -> None:
    """Also an ending that a reader might take for YAML."""
    (directory / "engine-4.10.yaml").rename(directory / "The Engine.yaml")
    with pytest.raises(YamlError, match="'The Engine' is not a name"):
        load(directory, tmp_path)
    (directory / "The Engine.yaml").rename(directory / "engine.yml")
    with pytest.raises(YamlError, match=r"engine\.yml: .* ends with \.yaml"):
        load(directory, tmp_path)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The setting of conf.py may be misspelt."""
    with pytest.raises(YamlError, match="there is no such directory"):
        load(tmp_path / "nowhere", tmp_path)
