"""What is said of a check or a command that went wrong, in the words of the guide's author."""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterator

import pytest
from _pytest.assertion import util

from runbook.execution.actions.perform import perform
from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.redaction.known import KnownSecrets
from tests.support.steps import check, command, local_hosts


@pytest.fixture(scope="module")
def live() -> Iterator[dict[str, HostConnection]]:
    """One host, a, which is this machine."""
    with local_hosts("a") as hosts:
        yield hosts


@pytest.fixture(autouse=True)
def without_the_explanations_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explain comparisons as a run does, where no test of pytest is going on."""
    monkeypatch.setattr(util, "_reprcompare", None)


def detail(source: str, live: dict[str, HostConnection]) -> str:
    """Why a check with this source does not hold on host a."""
    result = evaluate(check(source), HostMap(live), "a")
    assert not result.held
    return result.detail


@pytest.mark.parametrize(
    "source",
    [
        'assert host.run("false").rc == 0',
        'assert host.run("false").succeeded',
        'host.check_output("false")',
        'host.run_expect([0], "false")',
        'assert host.file("/nonesuch").exists',
        'assert host.service("nonesuch").is_running',
        'assert hosts["a"].package("nonesuch").is_installed',
        "assert not host",
        "assert not hosts",
        "assert host.nonesuch",
    ],
)
def test_no_class_of_ours_or_of_testinfra_is_named(
    source: str, live: dict[str, HostConnection]
) -> None:
    """An author knows hosts and commands, and none of the classes behind them."""
    said = detail(source, live)
    assert not re.search(r"Backend|HostMap|HostConnection|CommandResult|_\w*Host\b|<class|0x", said)


def test_a_command_that_failed_is_told_with_host_and_output(
    live: dict[str, HostConnection],
) -> None:
    """Whether the check looks at its status or only at its output."""
    said = "<'ls /nonesuch' on a: exit status 2, stdout '', stderr \"ls: cannot access"
    assert said in detail('assert host.run("ls /nonesuch").succeeded', live)
    assert said in detail('host.check_output("ls /nonesuch")', live)


def test_of_an_endless_output_the_end_is_shown(live: dict[str, HostConnection]) -> None:
    """A message is no place for a megabyte."""
    said = detail('host.check_output("seq 100000; false")', live)
    assert "99999" in said
    assert len(said) < 2000


def test_a_misspelt_word_of_testinfra_is_told_with_the_nearest(
    live: dict[str, HostConnection],
) -> None:
    """A check is written from memory."""
    said = detail('assert host.sevice("x").is_running', live)
    assert "a host has no 'sevice'; did you mean 'service'?" in said
    assert "a host has no 'nonesuch'" in detail("assert host.nonesuch", live)


@pytest.mark.parametrize(
    "source",
    [
        "assert list(range(30)) == [1]",
        "assert set(range(30)) == set()",
        "assert dict(a=1) == dict(b=2)",
        'assert "\\n".join(map(str, range(90))) == "x"',
    ],
)
def test_no_option_of_pytest_is_recommended(source: str, live: dict[str, HostConnection]) -> None:
    """Nobody could give it."""
    said = detail(source, live)
    assert len(said.splitlines()) > 3
    assert "-v" not in said


def test_a_line_of_the_output_itself_is_left_alone(live: dict[str, HostConnection]) -> None:
    """Even if it speaks of options."""
    said = detail('assert "a\\nUse -v to get more diff" == "a"', live)
    assert "+ Use -v to get more diff" in said


LINE = "DATABASE_URL=postgresql://application@database.example.org/?password="
SECRET = "CorrectHorse77"  # of this test


@pytest.mark.parametrize(
    "source",
    [
        f'assert "{LINE}{SECRET}&ssl=1" == "{LINE}{SECRET}&ssl=0"',
        f'assert "&ssl=1{SECRET}&{LINE}" == "&ssl=0{SECRET}&{LINE}"',
        f'assert "{LINE}{SECRET}&ssl=1{SECRET}{LINE}" == "{LINE}{SECRET}&ssl=0{SECRET}{LINE}"',
        f'assert "&ssl=1" not in "{LINE}{SECRET}&ssl=1{SECRET}{LINE}"',
        f"import collections\nPlace = collections.namedtuple('Place', 'url')\n"
        f'assert Place("{LINE}{SECRET}&ssl=1") == Place("{LINE}{SECRET}&ssl=0")',
    ],
)
def test_texts_that_are_much_alike_show_no_part_of_a_secret(
    source: str, live: dict[str, HostConnection]
) -> None:
    """Where some of them is left out, that may be in the middle of one."""
    explained = detail(source, live).partition("\n")[2].partition("assert ")[2]
    assert "ssl=1" in explained
    shown = KnownSecrets([SECRET]).redact(explained)
    for place in range(len(SECRET) - 4):
        assert SECRET[place : place + 4] not in shown


def test_texts_that_are_much_alike_are_shown_where_they_differ(
    live: dict[str, HostConnection],
) -> None:
    """Nobody reads a megabyte to find one letter."""
    said = detail('assert "x" * 100000 + "one" + "y" * 100 == "x" * 100000 + "two"', live)
    assert "...xxxxxxxxxxone" in said
    assert "+ ...xxxxxxxxxxone" in said
    assert "- ...xxxxxxxxxxtwo" in said
    assert len(said) < 1000


def test_a_command_that_took_too_long_names_the_options_that_help(
    live: dict[str, HostConnection],
) -> None:
    """The one that gives it more time, and the one that shows what it waits for."""
    session = live["a"].session(getpass.getuser())
    done = perform(
        command("sleep 60"), session, timeout=0.5, statuses=(0,), secrets=lambda name: name
    )
    assert done.complaint == (
        "still running after 0.5 s, and stopped; if it needs longer, set ':timeout:'; "
        "to look at it yourself, run with --shell"
    )
