"""Who types each command, and where, is what prompts and nested shells say."""

from __future__ import annotations

import pytest

from runbook.console.places import PlaceProblem, placed
from runbook.model import (
    Cluster,
    Command,
    Host,
    InnerShell,
    Location,
    Place,
    Prompt,
    Start,
    Step,
)

PLACE = Location("page.rst", 4)
CLUSTER = Cluster(
    "lab",
    "10.0.0.0/24",
    (Host("gs1", "10.0.0.1"), Host("gs2", "10.0.0.2")),
    values={"domain": "example.com"},
)
ROOT = Prompt("#")
USER = Prompt("$")
SVC = Place(user="svc", shells=(InnerShell(1, Start.LOGIN),))


def read(
    *commands: tuple[Prompt | None, str], on: tuple[str, ...] = ("gs1",), user: str = "root"
) -> tuple[list[tuple[str, Place | None]], tuple[PlaceProblem, ...]]:
    """The commands that are typed, each with its place, and the problems."""
    actions = tuple(Command(text, PLACE, prompt=prompt) for prompt, text in commands)
    step, problems = placed(Step("page/s", "S", PLACE, on=on, actions=actions, user=user), CLUSTER)
    typed = [(a.text, a.place) for a in step.actions if isinstance(a, Command)]
    return typed, problems


def test_roots_prompt_is_root_and_the_other_is_the_ordinary_user() -> None:
    """A forgotten sudo fails as it does for a reader."""
    assert read((ROOT, "ls"), (USER, "touch /etc/x")) == (
        [("ls", None), ("touch /etc/x", Place(ordinary=True))],
        (),
    )


def test_the_user_of_a_step_types_at_either_prompt() -> None:
    """`:user:` is the author's word."""
    assert read((USER, "ls"), user="svc") == ([("ls", None)], ())


@pytest.mark.parametrize("sign", [None, USER])
def test_what_follows_su_is_typed_by_that_user_until_exit(sign: Prompt | None) -> None:
    """With prompts or without; neither su nor exit is typed."""
    outer = ROOT if sign else None
    typed, problems = read(
        (outer, "su - svc"), (sign, "mkdir ~/data"), (sign, "exit"), (outer, "ls")
    )
    assert typed == [("mkdir ~/data", SVC), ("ls", None)]
    assert problems == ()


def test_what_follows_ssh_to_a_host_of_the_lab_is_typed_there() -> None:
    """By its name, its full name or its address."""
    for name in ("gs2", "root@gs2.example.com", "root@10.0.0.2"):
        typed, problems = read((None, f"ssh {name}"), (None, "hostname"), (None, "exit"))
        assert [place.host for _, place in typed if place] == ["gs2"]
        assert problems == ()


def test_a_prompt_of_another_host_of_the_lab_is_followed() -> None:
    """`root@gs2:~#` in a step for gs1."""
    far = Prompt("#", "root", "gs2")
    typed, problems = read((far, "hostname"))
    assert typed == [("hostname", Place(user="root", host="gs2"))]
    assert problems == ()


def test_a_prompt_may_show_one_of_the_steps_own_hosts() -> None:
    """As an example for all of them."""
    typed, _ = read((Prompt("#", "root", "gs1"), "ls"), on=("gs1", "gs2"))
    assert typed == [("ls", None)]


def test_a_full_prompt_of_the_steps_own_user_says_nothing_new() -> None:
    """Nor does it in another shell than the one that is open."""
    for user in ("root", "svc"):
        full = Prompt("#" if user == "root" else "$", user, "gs1")
        assert read((full, "ls"), user=user) == read((None, "ls"), user=user)
        typed, _ = read((None, "su - dora"), (full, "ls"), user=user)
        assert typed == [("ls", None)]


def test_a_prompt_of_an_unknown_host_is_an_error() -> None:
    """Nothing may run here that is typed elsewhere."""
    _, (problem,) = read((Prompt("#", "root", "far"), "ls"))
    assert problem.error
    assert "'far'" in problem.message


@pytest.mark.parametrize(
    "text", ["newgrp docker", "docker exec -it web bash", "ssh elsewhere", "chroot /mnt /bin/bash"]
)
def test_a_shell_that_cannot_be_followed_is_an_error(text: str) -> None:
    """It says what to write instead."""
    _, (problem,) = read((None, text), (None, "touch /x"))
    assert problem.error
    assert text in problem.message
    assert ":user:" in problem.message


def test_an_ordinary_user_who_calls_su_is_asked_for_a_password() -> None:
    """What a person could not do is not done for them; sudo asks nobody on a lab."""
    _, (problem,) = read((USER, "su -"), (ROOT, "ls"))
    assert "password" in problem.message
    typed, problems = read((USER, "sudo -i"), (ROOT, "ls"), (ROOT, "exit"))
    inner = InnerShell(1, Start.LOGIN, ordinary=True)
    assert typed == [("ls", Place(user="root", shells=(inner,)))]
    assert problems == ()


def test_every_shell_that_is_opened_is_another_one() -> None:
    """A second login knows nothing of the first."""
    typed, problems = read(
        *[(None, text) for text in ("su - svc", "a", "exit", "su - svc", "b", "bash", "c")],
        (None, "exit"),
        (None, "exit"),
    )
    login, again = InnerShell(1, Start.LOGIN), InnerShell(2, Start.LOGIN)
    within = InnerShell(3, Start.ENVIRONMENT, "svc")
    assert typed == [
        ("a", Place("svc", shells=(login,))),
        ("b", Place("svc", shells=(again,))),
        ("c", Place("svc", shells=(again, within))),
    ]
    assert problems == ()


def test_a_prompt_of_the_shell_that_is_open_is_typed_in_it() -> None:
    """Whether it names the user or not."""
    full = Prompt("#", "root", "gs1")
    typed, _ = read((full, "sudo -s"), (full, "cd new"), (ROOT, "ls"), (full, "exit"))
    inner = InnerShell(1, Start.DIRECTORY)
    assert [place.shells for _, place in typed if place] == [(inner,), (inner,)]


def test_a_prompt_may_name_the_ordinary_user_of_an_inner_shell() -> None:
    """Before, it was a dollar sign alone."""
    typed, _ = read((USER, "bash"), (Prompt("$", "dora", "gs1"), "cd new"), (USER, "exit"))
    inner = InnerShell(1, Start.ENVIRONMENT, ordinary=True)
    assert typed == [("cd new", Place("dora", shells=(inner,)))]


def test_the_prompt_of_another_user_is_no_inner_shells() -> None:
    """It shows another terminal."""
    typed, _ = read((ROOT, "bash"), (Prompt("$", "bob"), "ls"), (ROOT, "exit"))
    assert typed == [("ls", Place("bob"))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bash --rcfile env.sh", "--rcfile env.sh"),
        ("exec bash -l", "exec puts it in place"),
        ("exec su - svc", "exec puts it in place"),
        ("DATA=/srv bash", "variables of its own"),
        ("bash -e", "without -e"),
        ("sudo -D /srv -s", "without -D"),
        ("sudo --preserve-env=A -s", "--preserve-env=A"),
        ("su -p svc", "without -p"),
    ],
)
def test_a_shell_unlike_the_one_that_would_be_opened_is_an_error(text: str, why: str) -> None:
    """It says where it is, and what to write instead."""
    _, (problem,) = read((None, text), (None, "touch /x"))
    assert problem.error
    assert problem.location == PLACE
    assert why in problem.message
    assert "source FILE" in problem.message


def test_a_shell_that_is_left_open_is_a_warning() -> None:
    """The next step would be typed in it by a reader."""
    _, (problem,) = read((None, "su - svc"), (None, "ls"))
    assert not problem.error
    assert "write exit" in problem.message


def test_roots_prompt_in_a_users_shell_is_an_error() -> None:
    """An exit is missing."""
    _, problems = read((ROOT, "su - svc"), (USER, "ls"), (ROOT, "touch /x"))
    assert [one.error for one in problems] == [True, False]
    assert "write exit before it" in problems[0].message
