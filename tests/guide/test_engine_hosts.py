"""The guide's checks of a host that the engine has added tell a complete one from a broken one."""

from __future__ import annotations

import pytest

from tests.support.engine_world import World

pytest.importorskip("ovirtsdk4", reason="the extra 'ovirt' is not installed")

COMPLETE = "hosts/adding/see-that-the-hosts-are-complete"
RUN, FIREWALL, KVM = 0, 3, 4
HOST_SERVICES = ("vdsmd", "supervdsmd", "mom-vdsm", "ovirt-imageio", "NetworkManager")
LIBVIRT = ("libvirtd", "virtqemud", "virtqemud.socket", "libvirtd.socket")
# What the host deployment of ovirt-engine 4.5.7 allows, beside what was allowed before.
ALLOWED = "cockpit dhcpv6-client ipsec libvirt-tls ovirt-imageio ovirt-vmconsole snmp ssh vdsm"


def allow(world: World, services: str) -> None:
    """Let firewalld allow these services."""
    world.install("firewall-cmd", f'#!/bin/sh\n[ "$*" = --list-services ] && echo "{services}"\n')


def answer(world: World, said: str, status: int = 0) -> None:
    """Let VDSM say this about what the host can do."""
    lines = f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit {status}\n"
    world.install("vdsm-client", lines)


@pytest.mark.parametrize("libvirt", LIBVIRT)
def test_a_complete_host_is_green(world: World, libvirt: str) -> None:
    """Whether libvirt is one daemon or several, started or waiting at its socket."""
    world.serve(*HOST_SERVICES, libvirt)
    allow(world, ALLOWED)
    answer(world, '{"kvmEnabled": "true", "cpuSockets": "1"}')
    for number in (RUN, FIREWALL, KVM):
        result = world.ask(COMPLETE, number)
        assert result.held, result.detail


@pytest.mark.parametrize("name", HOST_SERVICES)
def test_a_host_without_one_of_its_services_is_red(world: World, name: str) -> None:
    """The message names it."""
    world.serve(*(one for one in HOST_SERVICES if one != name), "virtqemud")
    result = world.ask(COMPLETE, RUN)
    assert not result.held
    assert name in result.detail


def test_a_host_without_libvirt_is_red(world: World) -> None:
    """None of its daemons and sockets is there."""
    world.serve(*HOST_SERVICES)
    assert not world.ask(COMPLETE, RUN).held


@pytest.mark.parametrize("name", ["vdsm", "libvirt-tls", "ovirt-imageio", "ovirt-vmconsole"])
def test_a_firewall_that_the_engine_did_not_open_is_red(world: World, name: str) -> None:
    """It was added with override_iptables=false, or a rule was lost."""
    allow(world, " ".join(one for one in ALLOWED.split() if one != name))
    assert not world.ask(COMPLETE, FIREWALL).held


def test_a_firewall_that_does_not_run_is_red(world: World) -> None:
    """firewall-cmd then says so, and fails."""
    world.install("firewall-cmd", "#!/bin/sh\necho 'FirewallD is not running' >&2\nexit 252\n")
    assert not world.ask(COMPLETE, FIREWALL).held


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ('{"kvmEnabled": "false"}', 0),
        ('{"cpuSockets": "1"}', 0),
        ("vdsm-client: Connection to localhost:54321 refused", 1),
        ("", 0),
    ],
)
def test_a_host_without_hardware_virtualization_is_red(
    world: World, said: str, status: int
) -> None:
    """So is one whose VDSM does not answer."""
    answer(world, said, status)
    assert not world.ask(COMPLETE, KVM).held
