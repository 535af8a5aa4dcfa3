"""What a check prints while it is evaluated has no secret."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.execution.checks.check import evaluate
from runbook.execution.checks.printed import printing
from runbook.execution.checks.shared_checks import load
from runbook.execution.hosts.host import HostConnection, HostMap, closing_all
from runbook.redaction.known import KnownSecrets
from runbook.terminal.connection import LocalConnection
from tests.support.steps import check

SECRET = "CorrectHorse77"  # of these tests


@pytest.fixture(scope="module")
def live() -> Iterator[dict[str, HostConnection]]:
    """One host, a, which is this machine, with a secret."""
    known = KnownSecrets([SECRET])
    known.take("app", SECRET)
    hosts = {"a": HostConnection(LocalConnection("a"), {}, known=known)}
    with closing_all(hosts):
        yield hosts


@pytest.mark.parametrize(
    "source",
    [
        "print('it is', secret)",
        "import sys\nprint(secret, file=sys.stderr)\nsys.stdout.writelines([secret, secret])",
        "import logging\n"
        "logging.lastResort.handle(logging.makeLogRecord({'msg': secret, 'levelno': 40}))",
        "import threading\none = threading.Thread(target=lambda: print(secret))\n"
        "one.start()\none.join()",
        "import traceback\ntry:\n    raise ValueError(secret)\n"
        "except ValueError:\n    traceback.print_exc()",
    ],
    ids=["print", "streams", "log", "thread", "traceback"],
)
def test_it_is_masked(
    source: str, live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever way of Python it takes to the terminal."""
    before = sys.stdout, sys.stderr, threading.excepthook
    code = f"secret = host.secret('app')\n{source}\nassert False, 'here'"
    assert "here" in evaluate(check(code), HostMap(live), "a").detail
    shown = "".join(capfd.readouterr())
    assert "[secret]" in shown
    assert SECRET not in shown
    assert (sys.stdout, sys.stderr, threading.excepthook) == before


def test_it_is_masked_where_a_thread_fails(
    live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str]
) -> None:
    """Python shows its traceback."""
    code = (
        "import threading\n"
        "def fail():\n    raise ValueError(host.secret('app'))\n"
        "one = threading.Thread(target=fail)\none.start()\none.join()"
    )
    assert evaluate(check(code), HostMap(live), "a").held
    shown = capfd.readouterr().err
    assert "in fail" in shown
    assert "ValueError: [secret]" in shown


def test_it_is_masked_in_what_checks_share(
    live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Also where that is not a function that a check calls."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/checks.py").write_text(
        "print(host.secret('app'))\n\ndef say():\n    print('x')\n"
    )
    assert evaluate(check("say()"), HostMap(live), "a", load(tmp_path)).held
    assert capfd.readouterr().out == "[secret]\nx\n"


def test_what_others_print_meanwhile_stays_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    """It is without secrets already, and may have a word that is one."""
    with printing(KnownSecrets(["true"]).redact), printing(KnownSecrets(["false"]).redact):
        sys.stdout.write('{"held": true}\n')
    sys.stdout.write("after\n")
    assert capfd.readouterr().out == '{"held": true}\nafter\n'


def test_checks_side_by_side_leave_the_streams_as_they_were() -> None:
    """Also if they end in another order than they began."""
    before = sys.stdout
    one, two = printing(str), printing(KnownSecrets(["x"]).redact)
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    assert sys.stdout is not before
    two.__exit__(None, None, None)
    assert sys.stdout is before
