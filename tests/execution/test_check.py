"""A check explains itself as pytest does, at the guide's own line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.execution.checks.check import await_, evaluate
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.results import CheckResult
from runbook.terminal.faults import HostLost
from tests.support.steps import check, local_hosts


@pytest.fixture
def live() -> Iterator[dict[str, HostConnection]]:
    """One host, a, which is this machine."""
    with local_hosts("a") as hosts:
        yield hosts


def result(source: str, live: dict[str, HostConnection], line: int = 20) -> CheckResult:
    """How a check with this source ends on host a."""
    return evaluate(check(source, line=line), HostMap(live), "a")


def test_a_check_that_holds_says_nothing(live: dict[str, HostConnection]) -> None:
    """There is nothing to explain."""
    held = result('assert host.file("/etc/passwd").exists', live)
    assert held.held
    assert held.detail == ""


def test_a_check_that_does_not_hold_shows_the_values_and_the_line(
    live: dict[str, HostConnection],
) -> None:
    """The operator sees which line of the document, and what was there instead."""
    failed = result('\nout = host.check_output("echo two")\nassert out == "one"', live, line=40)
    assert not failed.held
    first, *rest = failed.detail.splitlines()
    assert first == 'docs/sample.rst:42: assert out == "one"'
    assert "'two' == 'one'" in "\n".join(rest)
    assert "+ two" in "\n".join(rest)


def test_a_command_that_fails_in_a_check_shows_its_error_output(
    live: dict[str, HostConnection],
) -> None:
    """Testinfra's own assertion names exit status and stderr."""
    failed = result('host.check_output("ls /nowhere")', live)
    assert "exit code 2" in failed.detail
    assert "No such file" in failed.detail


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("assert hots", "NameError"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("pytest.fail('no luck')", "no luck"),
        ("pytest.skip('not today')", "not today"),
        ("hosts['nobody']", "KeyError"),
    ],
)
def test_a_check_that_breaks_does_not_hold(
    live: dict[str, HostConnection], source: str, words: str
) -> None:
    """A mistake in a check is red, before and after, and never ends the run."""
    failed = result(source, live)
    assert not failed.held
    assert failed.detail.startswith("docs/sample.rst:20:")
    assert words in failed.detail


def test_standard_output_and_error_are_apart_and_bytes_are_kept(
    live: dict[str, HostConnection],
) -> None:
    """A stray byte of a program does not end a check."""
    assert result(
        "run = host.run(\"printf 'a\\\\377'; echo e >&2; exit 3\")\n"
        'assert (run.rc, run.stdout, run.stderr) == (3, "a\\\\xff", "e\\n")',
        live,
    ).held


def test_arguments_are_quoted(live: dict[str, HostConnection]) -> None:
    """Testinfra's calling convention works over our transport."""
    assert result('assert host.check_output("echo %s", "a; b $HOME") == "a; b $HOME"', live).held


def test_a_check_leaves_no_trace_in_the_next_one(live: dict[str, HostConnection]) -> None:
    """Neither in Python nor in the shell."""
    assert result('left = 1; host.run("cd /; left=1")', live).held
    assert result(
        'assert "left" not in globals()\nassert host.check_output("echo $left; pwd") != "1\\n/"',
        live,
    ).held


def test_a_check_is_asked_again_until_it_holds(
    live: dict[str, HostConnection], tmp_path: Path
) -> None:
    """Each look counts one more; the third is right."""
    counting = (
        f'seen = int(host.check_output("echo >> {tmp_path}/n; wc -l < {tmp_path}/n"))\n'
        "assert seen >= 3"
    )
    hosts = HostMap(live)
    assert await_(check(counting, within=30), hosts, "a").held
    assert (tmp_path / "n").read_text() == "\n\n\n"


def test_a_check_without_patience_is_asked_once(
    live: dict[str, HostConnection], tmp_path: Path
) -> None:
    """No `:within:`, no second look."""
    counting = f'host.run("echo >> {tmp_path}/n")\nassert False'
    assert not await_(check(counting), HostMap(live), "a").held
    assert (tmp_path / "n").read_text() == "\n"


def test_a_check_on_a_lost_host_is_no_answer(live: dict[str, HostConnection]) -> None:
    """Could not ask is not the same as no."""
    hosts = HostMap(live)
    assert hosts["a"].run("true").rc == 0
    live["a"].pipe().close()
    with pytest.raises(HostLost):
        evaluate(check("host.run('true')"), hosts, "a")


@pytest.mark.parametrize(
    "loop",
    [
        "while True:\n    pass",
        "while True:\n    try:\n        host.run('true')\n    except Exception:\n        pass",
    ],
    ids=["plain", "commands"],
)
def test_a_check_that_does_not_end_is_ended(live: dict[str, HostConnection], loop: str) -> None:
    """It does not hold, and the host can be asked the next thing."""
    endless = evaluate(check(loop, line=20), HostMap(live), "a", limit=0.2)
    assert not endless.held
    assert endless.detail == "docs/sample.rst:20: it did not end within 0.2 s"
    assert result("assert host.check_output('echo one') == 'one'", live).held
