"""YAML files are read as the texts that their authors wrote, or refused with the line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest
from attrs import field, frozen

from runbook.model.node import YamlError
from runbook.model.structure import Between, Form, structure
from runbook.model.yamlfile import parse, read

PLACE = Path("some.yaml")

Size = Annotated[str, Form("[1-9][0-9]*G", "a size such as 10G")]


@frozen
class Machine:
    """A class with every kind of field that a file's part can have."""

    memory: Annotated[int, Between(128, 4096)]
    name: str = "none"
    disks: tuple[Size, ...] = ()
    labels: dict[str, str] = field(factory=dict)
    spare: Machine | None = None


def machine(text: str) -> Machine:
    """Return the machine that `text` describes."""
    return structure(parse(text, PLACE), Machine)


def test_a_file_becomes_a_frozen_value() -> None:
    """Numbers are made of texts only where a number is wanted."""
    text = "memory: 512\nname: 4.10\ndisks: [1G, 20G]\nlabels: {on: off}\nspare: {memory: '128'}"
    assert machine(text) == Machine(512, "4.10", ("1G", "20G"), {"on": "off"}, Machine(128))


def test_an_alias_repeats_what_it_stands_for() -> None:
    """One value may be written once and used twice."""
    assert machine("memory: 128\ndisks: &d [1G]\nspare: {memory: 128, disks: *d}") == Machine(
        128, disks=("1G",), spare=Machine(128, disks=("1G",))
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: the key 'memory' is missing"),
        ("- a", "1: must be a mapping, not a list"),
        ("memory: 64", "1: memory: must be a number from 128 to 4096, not 64"),
        ("memory: 4097", "1: memory: must be a number from 128 to 4096, not 4097"),
        ("memory: much", "1: memory: must be a whole number, not 'much'"),
        ("memory: 0512", "1: memory: must be a whole number, not '0512'"),
        ("memory: 5_12", "1: memory: must be a whole number, not '5_12'"),
        ("memory: -512", "1: memory: must be a whole number, not '-512'"),
        (f"memory: {'9' * 5000}", "1: memory: must be a whole number, not '99"),
        ("memory:", "1: memory: must be a whole number, not null"),
        ("memory: 512\nname: {a: b}", "2: name: must be a text, not a mapping"),
        ("memory: 512\ndisks: 1G", "2: disks: must be a list, not '1G'"),
        ("memory: 512\ndisks:\n- 1G\n- 0G", "4: disks: '0G' is not a size such as 10G"),
        ("memory: 512\nlabels: [a]", "2: labels: must be a mapping, not a list"),
        ("memory: 512\nspare:\n  memroy: 1", "3: spare: unknown key 'memroy'; did you mean 'me"),
        ("memory: 512\ndisk: [1G]", "2: unknown key 'disk'; did you mean 'disks'? known are"),
        ("memory: 512\nlabels: {x: 1,\n x: 2}", "3: labels: the key 'x' is given twice, first on"),
        ("memory: 512\n[a]: b", "2: a key must be a text"),
        ("memory: 512\nlabels: {<<: {a: b}}", "2: labels: '<<' is not supported"),
        ("memory: 512\nname: !vault x", "2: name: the tag !vault is not supported"),
        ("memory: 512\nname: !!binary eA==", "2: name: the tag !!binary is not supported"),
        ('memory: 512\nname: "a\\0"', "2: name: the text 'a\\x00' has the control character"),
        ("memory: 512\nname: a\x1b", "2: character U+001B is not allowed"),
        ("memory: 512\nspare: &a {spare: *a}", "2: spare: spare: an alias refers to itself"),
        ("memory: 512\nspare: *a", "2: found undefined alias 'a'"),
        ("memory: 512\n---\nmemory: 1", "2: expected a single document in the stream, but found"),
    ],
)
def test_a_mistake_is_refused_with_its_line(text: str, message: str) -> None:
    """The message has the line, and the keys that lead to the mistake."""
    with pytest.raises(YamlError) as caught:
        machine(text)
    assert str(caught.value).startswith(f"some.yaml:{message}")


def test_aliases_that_multiply_are_refused() -> None:
    """Ten lines can ask for more values than any machine has memory for."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(YamlError, match="the aliases repeat more than 10000 values"):
        parse("\n".join(lines), PLACE)


def test_a_file_nested_without_end_is_refused() -> None:
    """With a message, not a traceback."""
    with pytest.raises(YamlError, match="nested too deeply"):
        parse("[" * 5000, PLACE)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Its name is in the message."""
    path = tmp_path / "picture.yaml"
    path.write_bytes(b"\xff\xd8")
    with pytest.raises(YamlError, match=r"picture\.yaml: it is not UTF-8"):
        read(path)
