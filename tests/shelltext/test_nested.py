"""A command that only opens another shell is known, with who is in it and where."""

from __future__ import annotations

import pytest

from runbook.model import Start
from runbook.shelltext.nested import Opens, leaves_shell, nested_shell


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("su", "root"),
        ("su -", "root"),
        ("su - svc", "svc"),
        ("su svc", "svc"),
        ("sudo -i", "root"),
        ("sudo -s", "root"),
        ("sudo -iu svc", "svc"),
        ("sudo -u svc -i", "svc"),
        ("sudo --login --user=svc", "svc"),
        ("sudo su", "root"),
        ("sudo su - svc", "svc"),
        ("sudo bash", "root"),
        ("sudo -u svc bash", "svc"),
        ("sudo -Eu svc bash -l", "svc"),
        ("sudo -E -u svc -i bash", "svc"),
        ("sudo sudo -i", "root"),
        ("sudo -u svc sudo -i", "root"),
        ("su -s /bin/bash svc", "svc"),
        ("su - svc -s /bin/bash", "svc"),
        ("runuser -l svc", "svc"),
        ("runuser - svc", "svc"),
        ("runuser -u svc -- bash", "svc"),
        ("doas -s", "root"),
        ("doas -u svc -s", "svc"),
        ("doas -u svc bash", "svc"),
    ],
)
def test_the_shell_of_another_user_is_known_by_its_user(text: str, user: str) -> None:
    """All that follows is typed by that user."""
    found = nested_shell(text)
    assert found is not None
    assert (found.opens, found.user) == (Opens.USER, user)


@pytest.mark.parametrize(
    ("text", "user", "host"),
    [
        ("ssh gs2", "", "gs2"),
        ("ssh root@gs2", "root", "gs2"),
        ("ssh -p 2222 -l bob gs2", "bob", "gs2"),
        ("ssh gs2 -p 2222", "", "gs2"),
        ("sudo ssh gs2", "root", "gs2"),
        ("sudo -u svc ssh bob@gs2", "bob", "gs2"),
    ],
)
def test_the_shell_on_another_host_is_known_by_its_host(text: str, user: str, host: str) -> None:
    """All that follows is typed there."""
    found = nested_shell(text)
    assert found is not None
    assert (found.opens, found.user, found.host) == (Opens.HOST, user, host)


@pytest.mark.parametrize(
    "text",
    [
        "newgrp docker",
        "chroot /mnt /bin/bash",
        "docker exec -it web bash",
        "podman run -it debian /bin/sh",
        "lxc exec c1 -- bash",
        "kubectl exec -it pod -- /bin/sh",
        "machinectl shell web",
        "vagrant ssh",
        "vagrant ssh gs1",
        "virsh console vm",
        "podman unshare",
        "nsenter -t 1 -m",
        "unshare -n",
        "kubectl -n web exec -it pod -- sh",
        "docker compose exec web bash",
        "scl enable devtoolset-9 bash",
        "systemd-run --shell",
        "pkexec",
        "fish",
        "cd /srv && su - svc",
    ],
)
def test_a_shell_in_surroundings_of_its_own_is_known_as_such(text: str) -> None:
    """Nobody can tell from outside what holds in it."""
    found = nested_shell(text)
    assert found is not None
    assert found.opens is Opens.OTHER


@pytest.mark.parametrize(
    "text",
    [
        "su -c 'ls' svc",
        "su - svc -c 'createdb app'",
        "sudo apt-get install -y x",
        "sudo -u svc createdb app",
        "bash install.sh",
        "bash -c 'echo x'",
        "bash -ec 'echo x'",
        "bash --version",
        "ssh gs2 uptime",
        "ssh gs2 -p 2222 uptime",
        "ssh -fN gs2",
        "sudo -Eu svc createdb app",
        "sudo -iu postgres psql",
        "su -lc 'ls' svc",
        "runuser -l svc -c 'ls'",
        "runuser -u svc -- ls",
        "vagrant ssh gs1 -c 'ls'",
        "vagrant ssh gs1 -- ls",
        "virsh list",
        "podman unshare ls",
        "nsenter -t 1 -m ls",
        "unshare -rn ls",
        "systemd-run --user ls",
        "fish setup.fish",
        "ssh -N -f gs2",
        "chroot /mnt apt-get update",
        "docker exec web ls",
        "docker run -d nginx",
        "echo hi | su - svc",
        "su - svc <<'EOF'\nls\nEOF",
        "apt-get install sudo",
    ],
)
def test_a_command_that_is_given_something_to_run_opens_no_shell(text: str) -> None:
    """What follows it is typed where it was."""
    assert nested_shell(text) is None


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("su - svc", Start.LOGIN),
        ("su -l svc", Start.LOGIN),
        ("su svc", Start.VARIABLES),
        ("sudo -i", Start.LOGIN),
        ("sudo -iu svc bash", Start.LOGIN),
        ("sudo -s", Start.DIRECTORY),
        ("sudo -E -s", Start.PROFILE),
        ("sudo -u svc bash", Start.DIRECTORY),
        ("sudo su svc", Start.DIRECTORY),
        ("sudo su - svc", Start.LOGIN),
        ("sudo bash -l", Start.DIRECTORY),
        ("runuser -u svc -- bash", Start.VARIABLES),
        ("bash", Start.ENVIRONMENT),
        ("bash -l", Start.PROFILE),
        ("bash --login -i", Start.PROFILE),
        ("ssh gs2", Start.LOGIN),
    ],
)
def test_a_shell_begins_with_what_its_opener_passes_on(text: str, start: Start) -> None:
    """Of several programs the one that passes on least decides."""
    found = nested_shell(text)
    assert found is not None
    assert (found.start, found.why) == (start, "")


def test_a_shell_is_left_by_exit_and_by_nothing_else() -> None:
    """As a command of its own."""
    assert leaves_shell("exit")
    assert leaves_shell("logout")
    assert not leaves_shell("exit 1; ls")
    assert not leaves_shell("ls")
