"""The `container` section of a cluster file, and the image that is built from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.labs.apt import select_settings
from runbook.labs.container import image, network
from runbook.labs.container.lab import ContainerLab
from runbook.labs.container.recipe import Recipe, recipes
from runbook.model import Cluster, cluster, yamlfile
from runbook.model.node import YamlError
from tests.support.paths import ROOT

GUIDE = ROOT


def cluster_of(container: str, platform: str = "debian12") -> Cluster:
    """Return a cluster of two hosts with that `container` section."""
    hosts = "hosts:\n  a: {address: 10.9.8.1}\n  b: {address: 10.9.8.2}\n"
    text = f"name: c\nnetwork: 10.9.8.0/24\nplatform: {platform}\n{hosts}{container}\n"
    return cluster.from_node(yamlfile.parse(text, Path("cluster.yaml")))


def test_the_guides_own_cluster_can_run_in_containers() -> None:
    """The guide's cluster file gives every host a recipe with a volume for bricks."""
    found = recipes(cluster.load(GUIDE / "lab" / "cluster.yaml"))
    assert list(found) == ["gs1", "gs2", "gs3", "gs4", "engine"]
    assert {recipe.data for recipe in found.values()} == {"/bricks"}


@pytest.mark.parametrize(
    ("container", "complaint"),
    [
        ("", "1: the key 'container' is missing, which says what hosts are made of"),
        ("container: [less]", "7: container: must be a mapping, not a list"),
        ("container: {imge: {}}", "7: container: unknown key 'imge'; did you mean 'image'?"),
        (
            "container:\n  image:\n    packages: dbus",
            "9: container: image: packages: must be a list, not 'dbus'",
        ),
        (
            "container:\n  image:\n    packages:\n    - less\n    - --force",
            "11: container: image: packages: '--force' is not a package name",
        ),
        ("container: {data: bricks}", "7: container: data: 'bricks' is not an absolute path"),
        ("container: {data: '/b:ro'}", "7: container: data: '/b:ro' is not an absolute path"),
    ],
)
def test_an_invalid_section_is_rejected_with_its_line(container: str, complaint: str) -> None:
    """The lab reports the invalid part of the cluster file before it creates anything."""
    with pytest.raises(YamlError) as caught:
        recipes(cluster_of(container))
    assert str(caught.value).startswith(f"cluster.yaml:{complaint}")


def test_a_platform_without_an_image_is_rejected() -> None:
    """The error names the line of the platform, the host, and the platforms that have an image."""
    with pytest.raises(
        YamlError,
        match=r"cluster.yaml:3: platform: no container image for platform 'el6' of a; known are",
    ):
        recipes(cluster_of("container: {}", platform="el6"))


def test_the_image_tag_depends_on_the_packages_only() -> None:
    """Order and repetition of packages do not matter, nor does the volume."""
    one = recipes(cluster_of("container: {image: {packages: [less, dbus, less]}, data: /x}"))
    two = recipes(cluster_of("container: {image: {packages: [dbus, less]}}"))
    three = recipes(cluster_of("container: {image: {packages: [dbus]}}"))
    assert one["a"].tag == two["a"].tag != three["a"].tag


def test_the_image_is_built_from_the_default_package_source() -> None:
    """Only the suite is given, not a mirror, and this machine's apt settings."""
    argv = image.bootstrap_argv(
        Recipe("debian12", ("less",)), ('Acquire::Check-Date "false";',), Path("/t")
    )
    assert argv[-2:] == ["bookworm", "/t/system.tar"]
    assert "--include=systemd-sysv,dbus,less" in argv
    assert '--aptopt=Acquire::Check-Date "false";' in argv
    assert "FROM debian:bookworm-slim" in image.containerfile(Recipe("debian12", ("less",)))


def test_hosts_get_only_the_apt_settings_that_reach_the_archive() -> None:
    """Proxies and date checks are passed on; other apt settings of this machine are not."""
    dump = (
        'Acquire::http::Proxy "http://127.0.0.1:3142";\n'
        'Acquire::https::Proxy::example.com "DIRECT";\n'
        'Acquire::Check-Valid-Until "false";\n'
        'Acquire::Languages:: "none";\n'
        'Acquire::Retries "";\n'
        'DPkg::Post-Invoke:: "rm -f /";\n'
    )
    assert [line.split()[0] for line in select_settings(dump)] == [
        "Acquire::http::Proxy",
        "Acquire::https::Proxy::example.com",
        "Acquire::Check-Valid-Until",
    ]


def test_the_router_has_the_first_address_and_a_port_per_host() -> None:
    """Interface names are unique per address and short enough for the kernel."""
    assert network.gateway("192.168.10.0/24") == "192.168.10.1"
    ports = {network.HostLink(f"192.168.10.{n}", "192.168.10.0/24").bridge_port for n in range(256)}
    assert len(ports) == 256
    assert max(map(len, ports)) <= 15
    assert network.router_commands("10.1.0.0/20", 1400)[:2] == [
        "link add lab mtu 1400 type bridge",
        "address add 10.1.0.1/20 dev lab",
    ]


def test_labs_of_two_guides_have_different_names(tmp_path: Path) -> None:
    """The same cluster in two directories is two labs; in the same directory it is one."""
    same = cluster_of("container:")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = (ContainerLab(same, tmp_path / name) for name in ("one", "two"))
    again = ContainerLab(same, tmp_path / "two" / ".." / "one")
    assert one.container_name("a") != two.container_name("a")
    assert one.container_name("a") == again.container_name("a")
