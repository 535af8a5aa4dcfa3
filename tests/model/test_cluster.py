"""The cluster file says which hosts there are, or which line of it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.model.cluster import load
from runbook.model.node import Node, YamlError

GOOD = """\
name: small
network: 10.9.8.0/24
domain: example.com
platform: debian12
hosts:
  a: {address: 10.9.8.1, groups: [bricks]}
  b:
    address: 10.9.8.2
    platform: el9
values:
  engine: engine.example.com
  port: 443
environment: {LANG: C}
container: {image: {packages: [dbus]}}
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A cluster file without mistakes."""
    path = tmp_path / "cluster.yaml"
    path.write_text(GOOD)
    return path


def test_a_cluster_has_its_hosts_in_order_with_groups_and_platforms(written: Path) -> None:
    """Every host is in the group `all`, and has the file's platform unless it names one."""
    cluster = load(written)
    assert [(h.name, h.address, h.groups, h.platform) for h in cluster.hosts] == [
        ("a", "10.9.8.1", ("all", "bricks"), "debian12"),
        ("b", "10.9.8.2", ("all",), "el9"),
    ]


def test_the_text_may_name_the_values_the_domain_and_the_addresses(written: Path) -> None:
    """Values are texts, whatever YAML takes them for."""
    assert load(written).values == {
        "a-address": "10.9.8.1",
        "a-fqdn": "a.example.com",
        "b-address": "10.9.8.2",
        "b-fqdn": "b.example.com",
        "domain": "example.com",
        "engine": "engine.example.com",
        "port": "443",
    }


def test_the_labs_get_the_file_as_it_is(written: Path) -> None:
    """How hosts are made is for the code that makes them."""
    packages = load(written).recipe.at("container", "image", "packages")
    assert packages.value == (Node("dbus"),)
    assert str(packages.location) == f"{written}:14"


def test_every_value_is_the_text_that_was_written(written: Path) -> None:
    """No version, file mode, word or time becomes another one, whatever YAML takes it for."""
    texts = {
        "version": "4.10",
        "mode": "0644",
        "answer": "no",
        "start": "12:30",
        "day": "2026-01-02",
        "mask": "0x1F",
        "many": "1_000",
        "yes": "on",
    }
    lines = "".join(f"  {name}: {text}\n" for name, text in texts.items())
    written.write_text(GOOD.replace("values:\n", f"values:\n{lines}"))
    assert load(written).values.items() >= texts.items()


def test_a_section_may_be_empty(written: Path) -> None:
    """Its entries may all be comments."""
    written.write_text(GOOD.replace("environment: {LANG: C}", "environment:\n  # LANG: C"))
    assert load(written).environment == {}


def test_hosts_are_selected_by_name_and_group_in_the_clusters_order(written: Path) -> None:
    """A host that is named twice works once."""
    cluster = load(written)
    assert [h.name for h in cluster.select(("b", "bricks", "all"))] == ["a", "b"]
    with pytest.raises(KeyError, match="gs9"):
        cluster.select(("gs9",))


def test_a_host_that_a_step_makes_is_in_no_group_but_has_its_name(written: Path) -> None:
    """Steps for all hosts leave it out while it is not there; a step that names it finds it."""
    text = GOOD.replace("address: 10.9.8.2", "address: 10.9.8.2\n    when: engine=standalone")
    written.write_text(text + "choices: {engine: standalone}\n")
    cluster = load(written)
    assert [h.name for h in cluster.select(("all",))] == ["a", "b"]
    hosted = cluster.choosing({"engine": "hosted"})
    assert [h.name for h in hosted.select(("all",))] == ["a"]
    assert [h.name for h in hosted.select(("b",))] == ["b"]
    assert hosted.values == cluster.values


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("name: small", "name: Small Lab", 1, "lower-case"),
        ("10.9.8.0/24", "10.9.8.7/24", 2, "host bits"),
        ("address: 10.9.8.2", "address: 10.9.9.2", 8, "not in the network"),
        ("address: 10.9.8.2", "address: 10.9.8.1", 8, "taken"),
        ("address: 10.9.8.2", "address: ten", 8, "ten"),
        ("address: 10.9.8.2", "adress: 10.9.8.2", 8, "'adress'; did you mean 'address'?"),
        ("address: 10.9.8.2", "groups: [x]", 7, "hosts: b: the key 'address' is missing"),
        ("    platform: el9", "    flavour: el9", 9, "unknown key 'flavour'"),
        ("groups: [bricks]", "groups: [b]", 6, "name of a host"),
        ("groups: [bricks]", "groups: bricks", 6, "groups: must be a list, not 'bricks'"),
        ("engine: engine.example.com", "a-address: 1", 11, "already given"),
        ("engine: engine.example.com", "b-fqdn: c.example.com", 11, "already given"),
        ("    platform: el9", "    when: standalone", 9, "an alternative such as"),
        ("    platform: el9", "    when: engine=hosted", 9, "does not choose a value for 'engine'"),
        ("engine: engine.example.com", "engine: [1]", 11, "engine: must be a text, not a list"),
        ("engine: engine.example.com", "engine:", 11, "engine: must be a text, not null"),
        ("engine: engine.example.com", "engine: ~", 11, "engine: must be a text, not null"),
        ("engine: engine.example.com", "port: 80", 12, "'port' is given twice, first on line 11"),
        ("engine: engine.example.com", '"en\\tgine": x', 11, "has a control character"),
        ("engine: engine.example.com", '"en\\egine": x', 11, "control character U+001B"),
        ("engine: engine.example.com", "en|gine: x", 11, "a name that the text can use"),
        ("domain: example.com", "name: other", 3, "'name' is given twice, first on line 1"),
        ("{LANG: C}", "{LC ALL: C}", 13, "the name of an environment variable"),
        ("values:", "values: ]", 10, "expected"),
        ("domain:", "domian:", 3, "unknown key 'domian'; did you mean 'domain'? known are"),
        ("container:", "containers:", 14, "did you mean 'container'?"),
        ("domain: example.com", "owner: admin", 3, "unknown key 'owner'"),
        ("platform: debian12", "platform: [debian12]", 4, "platform: must be a text, not a list"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    written: Path, old: str, new: str, line: int, words: str
) -> None:
    """An operator is sent to the very line, not to a traceback."""
    written.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(YamlError) as caught:
        load(written)
    message = str(caught.value)
    assert words in message
    assert message.startswith(f"{written}:{line}:"), message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No file is an error of its own."""
    with pytest.raises(YamlError, match=r"nowhere\.yaml: No such file"):
        load(tmp_path / "nowhere.yaml")
