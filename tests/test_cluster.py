"""The cluster file says which hosts there are, or which line of it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.cluster import ClusterError, load

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
        "b-address": "10.9.8.2",
        "domain": "example.com",
        "engine": "engine.example.com",
        "port": "443",
    }


def test_what_is_not_the_loaders_own_is_a_recipe(written: Path) -> None:
    """How hosts are made is for the code that makes them."""
    assert load(written).recipe == {"container": {"image": {"packages": ["dbus"]}}}


def test_hosts_are_selected_by_name_and_group_in_the_clusters_order(written: Path) -> None:
    """A host that is named twice works once."""
    cluster = load(written)
    assert [h.name for h in cluster.select(("b", "bricks", "all"))] == ["a", "b"]
    with pytest.raises(KeyError, match="gs9"):
        cluster.select(("gs9",))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("name: small", "name: Small Lab", 1, "lower-case"),
        ("10.9.8.0/24", "10.9.8.7/24", 2, "host bits"),
        ("address: 10.9.8.2", "address: 10.9.9.2", 8, "not in the network"),
        ("address: 10.9.8.2", "address: 10.9.8.1", 8, "taken"),
        ("address: 10.9.8.2", "address: ten", 8, "ten"),
        ("address: 10.9.8.2", "adress: 10.9.8.2", 7, "'address' is missing"),
        ("    platform: el9", "    flavour: el9", 9, "unknown key 'flavour'"),
        ("groups: [bricks]", "groups: [b]", 6, "name of a host"),
        ("groups: [bricks]", "groups: bricks", 6, "list of names"),
        ("engine: engine.example.com", "a-address: 1", 11, "already given"),
        ("engine: engine.example.com", "engine: [1]", 11, "a text or a number"),
        ("values:", "values: ]", 10, "expected"),
        ("hosts:", "machines:", 1, "'hosts' is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(
    written: Path, old: str, new: str, line: int, words: str
) -> None:
    """An operator is sent to the very line, not to a traceback."""
    written.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ClusterError) as caught:
        load(written)
    message = str(caught.value)
    assert words in message
    assert message.startswith(f"{written}:{line}:"), message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """No file is an error of its own."""
    with pytest.raises(ClusterError, match=r"nowhere\.yaml: No such file"):
        load(tmp_path / "nowhere.yaml")
