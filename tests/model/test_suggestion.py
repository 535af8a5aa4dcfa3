"""A mistake in a file that people write is named with its line, and with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.console.clues.wordlists import sections
from runbook.labs.container.recipe import recipes
from runbook.labs.inventory import read_inventory
from runbook.labs.vagrant.hardware import hardware
from runbook.model import cluster, source_notes, terms
from runbook.model.node import YamlError
from runbook.model.suggestion import (
    DISTRIBUTIONS,
    did_you_mean,
    meant_platform,
    meant_value,
    nearest,
)

CLUSTER = """\
name: small
network: 10.9.8.0/24
platform: debian12
hosts:
  web: {address: 10.9.8.1, groups: [front]}
  store:
    address: 10.9.8.2
    platform: el9
    when: engine=standalone
choices: {engine: standalone}
container:
  image: {packages: [dbus]}
  data: /bricks
machine:
  memory: 768
  store: {memory: 4096}
"""
INVENTORY = "user: dora\nhosts:\n  web: {address: 192.0.2.1}\n  store: {port: 2222}\n"
NOTES = "program: p\nrelease: 1\nrepository: o/n\nnotes:\n  one:\n    file: a\n    says: b\n"
TERMS = "terms:\n  authority:\n    right: CA\n    why: so\n"


def message(tmp_path: Path, kind: str, old: str, new: str) -> str:
    """Return what the reader of a file says of a mistake, without the directory."""
    text, name = {
        "cluster": (CLUSTER, "cluster.yaml"),
        "inventory": (INVENTORY, "inventory.yaml"),
        "sources": (NOTES, "notes/p.yaml"),
        "terms": (TERMS, "terms.yaml"),
    }[kind]
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    with pytest.raises(YamlError) as caught:
        read(kind, path)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def read(kind: str, path: Path) -> None:
    """Read a file as whoever needs it, with the parts that only some labs read."""
    match kind:
        case "cluster":
            loaded = cluster.load(path)
            hardware(loaded)
            recipes(loaded)
        case "inventory":
            place = path.with_name("cluster.yaml")
            place.write_text(CLUSTER)
            read_inventory(path, cluster.load(place))
        case "sources":
            source_notes.load(path.parent, path.parent)
        case "terms":
            terms.load(path)


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        ("cluster", "network:", "netwrok:",
         "cluster.yaml:2: unknown key 'netwrok'; "
         "did you mean 'network'? known are"),
        ("cluster", "groups:", "group:",
         "cluster.yaml:5: hosts: web: unknown key 'group'; "
         "did you mean 'groups'?"),
        ("cluster", "el9", "rhel9",
         "cluster.yaml:8: hosts: store: platform: no host is of the platform 'rhel9'; "
         "did you mean 'el9'?"),
        ("cluster", "debian12", "debain12",
         "cluster.yaml:3: platform: no host is of the platform 'debain12'; "
         "did you mean 'debian12'?"),
        ("cluster", "debian12", "debian21",
         "cluster.yaml:3: platform: no container image for platform 'debian21' of web; "
         "did you mean 'debian12'? known are"),
        ("cluster", "engine=", "engnie=",
         "cluster.yaml:9: hosts: store: when: 'choices' does not choose a value for 'engnie'; "
         "did you mean 'engine'?"),
        ("cluster", "image:", "iamge:",
         "cluster.yaml:12: container: unknown key 'iamge'; "
         "did you mean 'image'?"),
        ("cluster", "packages:", "package:",
         "cluster.yaml:12: container: image: unknown key 'package'; "
         "did you mean 'packages'?"),
        ("cluster", "memory: 768", "memroy: 768",
         "cluster.yaml:15: machine: unknown key 'memroy'; "
         "did you mean 'memory'?"),
        ("cluster", "  store: {memory", "  stroe: {memory",
         "cluster.yaml:16: machine: unknown key 'stroe'; "
         "did you mean 'store'?"),
        ("inventory", "user:", "usr:",
         "inventory.yaml:1: unknown key 'usr'; "
         "did you mean 'user'?"),
        ("inventory", "port:", "prot:",
         "inventory.yaml:4: hosts: store: unknown key 'prot'; "
         "did you mean 'port'?"),
        ("inventory", "store:", "stoer:",
         "inventory.yaml:4: hosts: stoer: 'stoer' is not a host of the guide, "
         "which has web, store; did you mean 'store'?"),
        ("sources", "release:", "relaese:",
         "notes/p.yaml:2: unknown key 'relaese'; "
         "did you mean 'release'?"),
        ("sources", "says:", "say:",
         "notes/p.yaml:7: notes: one: unknown key 'say'; "
         "did you mean 'says'?"),
        ("terms", "terms:", "term:", "terms.yaml:1: unknown key 'term'; did you mean 'terms'?"),
        ("terms", "right:", "rihgt:",
         "terms.yaml:3: terms: authority: unknown key 'rihgt'; "
         "did you mean 'right'?"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_what_was_meant(
    tmp_path: Path, kind: str, old: str, new: str, expected: str
) -> None:
    """Keys, hosts, platforms and choices, in each of these files."""
    assert message(tmp_path, kind, old, new).startswith(expected)


def test_what_resembles_nothing_is_named_with_what_is_known(tmp_path: Path) -> None:
    """A proposal that is not meant would send the reader the wrong way."""
    assert message(tmp_path, "terms", "right:", "xyz:").endswith(
        "terms.yaml:3: terms: authority: unknown key 'xyz'; known are right, why"
    )
    assert did_you_mean("zzz", ["alpha", "beta"]) == ""


def test_case_does_not_hide_what_was_meant() -> None:
    """Names are proposed as they are written where they are known."""
    assert nearest("GS1", ["gs1", "gs2"]) == "gs1"
    assert nearest("dns", ["DNS"]) == "DNS"


@pytest.mark.parametrize(
    ("given", "meant"),
    [("debain12", "debian12"), ("Debian12", "debian12"), ("ubunut24", "ubuntu24"),
     ("centos9", "el9"), ("rocky", "el"), ("plan9", ""), ("mine", ""), ("el10", "")],
)  # fmt: skip
def test_a_platform_that_no_host_reports_is_recognised(given: str, meant: str) -> None:
    """Any other word may be a platform: nobody knows all systems."""
    assert meant_platform(given) == meant


def test_no_platform_that_the_harness_itself_names_is_a_mistake() -> None:
    """Those of tabs and headings, and those of this guide."""
    named = {
        platform
        for lines in sections("systems").values()
        for line in lines
        for platform in line.partition("=")[2].split()
    }
    assert len(named) > 10
    assert [one for one in (*named, *DISTRIBUTIONS) if meant_platform(one)] == []
    assert meant_platform("debrain3", ["debrain2"]) == ""


@pytest.mark.parametrize(
    ("value", "meant"),
    [("standalon", "standalone"), ("standalone", ""), ("hosted", ""), ("el10", ""), ("", "")],
)
def test_only_a_mistyped_value_means_another_one(value: str, meant: str) -> None:
    """An alternative that nobody has written a step for, or another release, is none."""
    assert meant_value(value, ("standalone", "el9")) == meant
