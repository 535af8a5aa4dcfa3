"""A check of a systemd unit that does not hold shows what the unit last said on its host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.execution.checks.check import evaluate
from runbook.execution.checks.unit_log import with_unit_log
from runbook.execution.hosts.host import HostConnection, HostMap, closing_all
from runbook.redaction.known import KnownSecrets
from runbook.results import CheckResult
from runbook.terminal.connection import Connection, LocalConnection
from tests.support.needs import lacking_for_labs
from tests.support.steps import check, local_hosts


def in_a_container(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that needs systemd on a host."""
    lacking = lacking_for_labs()
    skipping = pytest.mark.skipif(bool(lacking), reason=lacking or "-")
    marked: Callable[..., None] = pytest.mark.lab(skipping(test))
    return marked


TALK = (
    "systemctl reset-failed talker 2>/dev/null; systemd-run -q --wait --unit=talker sh -c "
    '\'for i in $(seq 12); do echo line $i; done; printf "\\033[31mred %0400d\\n" 7; '
    "echo the password is rosebud; exit 3'"
)


@pytest.fixture(scope="module")
def hosts(container: Connection) -> Iterator[dict[str, HostConnection]]:
    """A container in which a unit has said something and failed, and this machine."""
    live = {
        "box": HostConnection(container, {}),
        "here": HostConnection(LocalConnection("here"), {}),
    }
    with closing_all(live):
        assert live["box"].testinfra().run(TALK).rc == 3
        yield live


def told(hosts: dict[str, HostConnection], source: str, on: str = "box") -> list[str]:
    """The lines that explain why a check with this source does not hold."""
    one, reached = check(source), HostMap(hosts)
    result = evaluate(one, reached, on)
    assert not result.held
    return with_unit_log(result, one, reached, on).detail.splitlines()


@in_a_container
def test_the_last_lines_of_the_unit_explain_why_it_is_down(
    hosts: dict[str, HostConnection],
) -> None:
    """They come after what the assertion says, and there are ten of them at most."""
    lines = told(hosts, 'assert host.service("talker").is_running')
    start = lines.index("last lines of talker on box:")
    assert "<service talker>.is_running" in "\n".join(lines[:start])
    assert len(lines[start + 1 :]) == 10
    assert "  line 9" in lines
    assert "exit-code" in lines[-1]


@in_a_container
def test_what_a_unit_prints_is_bounded_and_plain(hosts: dict[str, HostConnection]) -> None:
    """A report is no terminal, and a line may be as long as a program likes."""
    lines = told(hosts, 'assert host.service("talker").is_running')
    (red,) = [line for line in lines if line.startswith("  red 0000")]
    assert len(red) == 305


@in_a_container
def test_a_secret_that_a_unit_logs_is_not_told(
    hosts: dict[str, HostConnection], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whether it was given in the environment or in a file."""
    source = 'assert host.service("talker").is_running'
    assert "  the password is rosebud" in told(hosts, source)
    (tmp_path / "door").write_text("rosebud\n")
    monkeypatch.setenv("RUNBOOK_SECRETS", str(tmp_path))
    assert "  the password is [secret]" in told(hosts, source)
    monkeypatch.delenv("RUNBOOK_SECRETS")
    monkeypatch.setenv("RUNBOOK_SECRET_GATE", "password is")
    assert "  the [secret] rosebud" in told(hosts, source)


@in_a_container
def test_a_unit_that_does_not_exist_is_told(hosts: dict[str, HostConnection]) -> None:
    """The name in the check may be wrong."""
    lines = told(hosts, 'assert host.service("nonesuch").is_running')
    assert lines[-2] == "last lines of nonesuch on box:"
    assert "nonesuch.service could not be found" in lines[-1]


@in_a_container
@pytest.mark.parametrize(
    "source",
    [
        'assert hosts["box"].service("talker").is_running',
        'assert all(hosts["box"].service("talker").is_running for _ in "x")',
        'host.file("/nonesuch")\nassert hosts["box"].service("talker").is_enabled',
    ],
)
def test_the_host_that_the_check_names_is_asked(
    hosts: dict[str, HostConnection], source: str
) -> None:
    """It need not be the one that the step is for."""
    assert "last lines of talker on box:" in told(hosts, source, on="here")


@in_a_container
def test_the_unit_that_is_down_is_shown_and_not_those_that_run(
    hosts: dict[str, HostConnection],
) -> None:
    """The explanation names it, even if the check has its name from elsewhere."""
    lines = told(
        hosts,
        'assert host.service("systemd-journald").is_running\n'
        'for name in ("systemd-journald", "talker"):\n    assert host.service(name).is_running',
    )
    assert [line for line in lines if line.startswith("last lines")] == [
        "last lines of talker on box:"
    ]


class Answers:
    """Stands for testinfra's host: the journal has these lines."""

    def __init__(self, said: str) -> None:
        self.said = said

    def run(self, *_: str) -> Answers:
        """Return itself as the result of any command."""
        return self

    rc = 0

    @property
    def stdout_bytes(self) -> bytes:
        """What the journal has."""
        return self.said.encode()


@pytest.mark.parametrize("place", [286, 290, 296])
def test_no_part_of_a_secret_is_left_where_a_line_is_cut(place: int) -> None:
    """Of one that was captured, only the run knows, which masks what is told."""
    one = check('assert host.service("talker").is_running')
    failed = CheckResult(one.sentence, held=False, location=one.location, detail="<service talker>")
    hosts: dict[str, Any] = {"box": Answers(f"{'x' * place}CapturedSecret99 and more\n")}
    told = with_unit_log(failed, one, hosts, "box").detail
    assert told.endswith("...")
    assert "Capt" not in KnownSecrets(["CapturedSecret99"]).redact(told)


def test_no_part_of_a_secret_is_left_where_the_journal_is_cut() -> None:
    """Ten lines may have megabytes."""
    one = check('assert host.service("talker").is_running')
    failed = CheckResult(one.sentence, held=False, location=one.location, detail="<service talker>")
    hosts: dict[str, Any] = {"box": Answers("Secret99".ljust(65536, "x"))}
    told = with_unit_log(failed, one, hosts, "box").detail
    assert "ret99" not in KnownSecrets(["CapturedSecret99"]).redact(told)


def test_a_check_that_is_about_no_unit_says_what_it_said() -> None:
    """Nothing is asked of the host."""
    one = check('assert host.file("/nonesuch").exists')
    with local_hosts("a") as live:
        failed = evaluate(one, HostMap(live), "a")
    assert with_unit_log(failed, one, {}, "a") is failed


def test_a_host_that_cannot_be_asked_adds_nothing() -> None:
    """The check failed all the same."""
    one = check('assert host.service("nonesuch").is_running')
    with local_hosts("a") as live:
        reached = HostMap(live)
        failed = evaluate(one, reached, "a")
    assert not failed.held
    assert with_unit_log(failed, one, reached, "a") is failed
