"""A command that only opens another shell is known, with who is in it and where."""

from __future__ import annotations

import pytest

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


def test_a_shell_is_left_by_exit_and_by_nothing_else() -> None:
    """As a command of its own."""
    assert leaves_shell("exit")
    assert leaves_shell("logout")
    assert not leaves_shell("exit 1; ls")
    assert not leaves_shell("ls")
