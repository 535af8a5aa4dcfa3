"""Names that lead elsewhere, and files that are made to break who reads them."""

from __future__ import annotations

import string
import time
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.execution.hosts.probe import probe
from runbook.labs.inventory import read_inventory
from runbook.model import cluster
from runbook.results import artefact
from runbook.terminal import bash
from runbook.terminal.pipe import Pipe
from tests.attack.seeds import attempts
from tests.support.guides import Guide, making

HOSTS = "\nname: sample\nnetwork: 10.9.8.0/24\nhosts: {box: {address: 10.9.8.1}}\n"

NAMES = (
    "../../../../x",
    "a/../../../../../tmp/x",
    "/etc/x",
    "a//b",
    "a/./b",
    "~root/x",
    "a/\x1b]0;x\x07/b",
    "a/b\\..\\c",
    "a/\u202egnp",
    "a/" + "x" * 300,
    "",
    ".",
    "\udc80x",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_no_path(name: str, tmp_path: Path) -> None:
    """The message says why, in characters that a terminal can show."""
    with pytest.raises(artefact.ArtefactError, match="cannot be the name of a file") as raised:
        artefact.below(tmp_path, name)
    assert str(raised.value).isprintable()


def test_any_name_is_below_or_refused(tmp_path: Path) -> None:
    """Whatever it consists of, and whatever links there are not."""
    signs = [*string.printable, "..", "/", "\\", "~", "\u2028", "\u202e", "\udcff", "\u00e9"]
    for chance in attempts("names"):
        for _ in range(200):
            name = "".join(chance.choice(signs) for _ in range(chance.randint(0, 8)))
            try:
                path = artefact.below(tmp_path, name)
            except artefact.ArtefactError:
                continue
            assert tmp_path in path.resolve().parents
            assert path.name.isprintable()


@pytest.mark.parametrize("name", ["../../../../x", "index/../../y", "/tmp/z"])
def test_a_step_with_such_a_name_is_an_error_of_the_guide(name: str, tmp_path: Path) -> None:
    """At its line, before anything runs, and nothing is written elsewhere."""
    guide = Guide(tmp_path, making("one", options=f":name: {name}"))
    before = {path for path in tmp_path.rglob("*") if "build" not in path.parts}
    done = guide.call("run")
    assert done.returncode == 3
    assert "index.rst:4: " in done.stderr
    assert {path for path in tmp_path.rglob("*") if "build" not in path.parts} == before


def test_a_host_cannot_name_a_file() -> None:
    """What it says of its platform becomes a part of names."""
    with Pipe.open(bash.PIPE, host="box") as pipe:
        pipe.run = lambda *_, **__: pipe._exchange("echo ../../x/$'\\e'; echo kvm", 10)  # type: ignore[method-assign]
        assert probe(pipe, "box").platform == "--..-x--"


BOMBS = {
    "aliases": "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)),
    "mappings": "a0: &a0 {x: y}\n"
    + "".join(f"a{n}: &a{n} {{p: *a{n - 1}, q: *a{n - 1}}}\n" for n in range(1, 40)),
    "itself": "a: &a [*a]\n",
    "merge": "a: &a {x: 1}\nb: {<<: [*a, *a]}\n",
    "deep": "a: " + "[" * 5000,
    "deep-mappings": "a: " + "{b: " * 5000,
    "date": "a: 2024-13-45\n",
    "tag": "a: !!python/object/apply:os.system [id]\n",
    "number": f"a: {'9' * 5000}\n",
    "control": 'a: "\\0\\x1b[2J"\n',
    "raw-control": "a: \x1b[2J\n",
    "key": "? [a, b]\n: c\n",
    "twice": "name: a\nname: b\n",
    "surrogate": 'a: "\\ud800"\n',
    "documents": "--- a\n--- b\n",
    "empty": "",
    "list": "- a\n",
    "anchors": "".join(f"k{n}: &n{n} v\n" for n in range(3000)),
}


@pytest.mark.parametrize("read", [cluster.load, lambda path: read_inventory(path, None)])
@pytest.mark.parametrize("name", BOMBS)
def test_hostile_yaml_is_an_error_that_names_the_file(
    name: str, read: object, tmp_path: Path
) -> None:
    """At once, for the cluster file and for an inventory; the message can be shown."""
    assert callable(read)
    path = tmp_path / "file.yaml"
    path.write_text(
        BOMBS[name] + (HOSTS if name not in ("documents", "empty", "list", "twice") else "")
    )
    # Of the processor: a busy machine says nothing of the file.
    began = time.process_time()
    with pytest.raises(RunbookError, match=r"file\.yaml") as raised:
        read(path)
    assert time.process_time() - began < 5
    assert str(raised.value).replace("\n", "").isprintable()
    assert len(str(raised.value)) < 2000
