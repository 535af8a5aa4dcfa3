"""What a check prints while it is evaluated has no secret."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.execution.checks import held_output
from runbook.execution.checks.check import evaluate
from runbook.execution.checks.printed import printing
from runbook.execution.checks.shared_checks import load
from runbook.execution.checks.time_limit import TimeLimitError, limited
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


def replaced() -> tuple[object, ...]:
    """What is another one while a check is evaluated."""
    return (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, threading.excepthook,
            warnings.showwarning, logging.getLogRecordFactory())  # fmt: skip


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
        "print(*secret, sep='')",
        "for one in secret:\n    print(one, end='', flush=True)",
        "import base64\ncoded = base64.b64encode(secret.encode()).decode()\n"
        "print(coded[:9])\nprint(coded[9:])",
        "import sys\nsys.stdout.buffer.write(secret.encode())\nsys.stdout.buffer.flush()",
        "import sys\nsys.stderr.buffer.raw.write(secret[:5].encode())\n"
        "sys.stderr.write(secret[5:])",
        "import sys\nprint(secret, file=sys.__stdout__)\nprint(secret, file=sys.__stderr__)",
        "import sys\nsys.stdout.buffer.write(b'\\xff' + secret.encode() + b'\\xc3\\xa9')",
        "class One:\n    def __del__(self):\n        raise ValueError(secret)\n"
        "one = One()\ndel one",
    ],
    ids=["print", "streams", "log", "thread", "traceback", "sep", "pieces", "lines", "bytes",
         "raw", "first", "binary", "destructor"],
)  # fmt: skip
def test_it_is_masked(
    source: str, live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever way of Python it takes to the terminal."""
    before = replaced()
    code = f"secret = host.secret('app')\n{source}\nassert False, 'here'"
    assert "here" in evaluate(check(code), HostMap(live), "a").detail
    shown = "".join(capfd.readouterr())
    assert "[secret]" in shown
    assert SECRET not in shown
    assert replaced() == before


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


def test_it_is_masked_in_what_is_destroyed_after_the_check(
    live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str]
) -> None:
    """Which may be at any time."""
    code = (
        "class One:\n    def __del__(self):\n        raise ValueError(host.secret('app'))\n"
        "one = One()\none.itself = one\ndel one"
    )
    assert evaluate(check(code), HostMap(live), "a").held
    gc.collect()
    shown = capfd.readouterr().err
    assert "__del__" in shown
    assert "ValueError: [secret]" in shown


@pytest.mark.parametrize(
    "source",
    [
        "logging.error(secret)",
        "logging.error('it is %s', secret)",
        "logging.error('it is', secret)",
        "try:\n    raise ValueError(secret)\nexcept ValueError:\n    logging.exception('it is')",
        "class One:\n    def __str__(self):\n        raise AttributeError('x')\n"
        "logging.error(secret + ' %s', One())",
        "class One:\n    def __repr__(self):\n        raise AttributeError('x')\n"
        "logging.error(secret + ' %s', One())",
    ],
)
def test_it_is_masked_in_what_is_logged(
    source: str, live: dict[str, HostConnection], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever takes the records: its streams may be others."""
    code = f"import logging\nsecret = host.secret('app')\n{source}"
    assert evaluate(check(code), HostMap(live), "a").held
    assert "[secret]" in caplog.text
    assert SECRET not in caplog.text + repr([vars(one) for one in caplog.records])


def test_it_is_masked_in_warnings(live: dict[str, HostConnection]) -> None:
    """Whoever records them; of which kind they are is kept."""
    code = "import warnings\nwarnings.warn('it is ' + host.secret('app'), RuntimeWarning)"
    with pytest.warns(RuntimeWarning, match=r"^it is \[secret\]$") as recorded:
        assert evaluate(check(code), HostMap(live), "a").held
    assert SECRET not in repr([vars(one) for one in recorded])


def test_all_that_is_printed_is_shown(
    live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str]
) -> None:
    """In its order, of whichever thread, and also if the check runs out of time."""
    code = (
        "import threading\n"
        "one = threading.Thread(target=lambda: print('thread'))\none.start()\none.join()\n"
        "for n in range(500): print(n)\nwhile True: pass"
    )
    assert not evaluate(check(code), HostMap(live), "a", limit=2).held
    lines = capfd.readouterr().out.splitlines()
    assert sorted(lines) == sorted(["thread", *map(str, range(500))])
    assert [one for one in lines if one != "thread"] == [str(n) for n in range(500)]


def test_it_is_held_up_to_a_limit(
    live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """Then its lines are shown: none twice, none left out, no character of UTF-8 torn."""
    monkeypatch.setattr(held_output, "MOST", 1000)
    code = (
        "import sys\n"
        "secret = host.secret('app')\n"
        "for n in range(300):\n"
        "    for one in 'é'.encode(): sys.stdout.buffer.write(bytes([one]))\n"
        "    print(n, *secret, sep='')\n"
        "    assert sum(map(len, sys.stdout._held[threading.get_ident()].pieces)) <= 1000\n"
        "print('x' * 3000, end='')\n"
        "assert not sys.stdout._held[threading.get_ident()].pieces"
    )
    assert evaluate(check(f"import threading\n{code}"), HostMap(live), "a").held
    lines = [f"é{n}[secret]\n" for n in range(300)]
    assert capfd.readouterr().out == "".join(lines) + "x" * 3000


def test_it_is_all_shown_if_the_time_ends_while_it_is_masked(
    capfd: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """It is masked in the thread of the check, which is interrupted anywhere."""
    monkeypatch.setattr(held_output, "MOST", 1000)
    until = time.monotonic() + 1.5

    def slow(text: str) -> str:
        while time.monotonic() < until:
            pass
        return text

    names: dict[str, Any] = {"__name__": "check", "n": 0}
    with printing(slow), pytest.raises(TimeLimitError):
        limited(0.5, lambda: exec("while True:\n    print(n)\n    n += 1", names))
    lines = capfd.readouterr().out.splitlines()
    assert lines == [str(n) for n in range(len(lines))]
    assert len(lines) in (names["n"], names["n"] + 1)


def test_what_a_debugger_says_is_shown_at_once(
    live: dict[str, HostConnection], capfd: pytest.CaptureFixture[str]
) -> None:
    """A person waits for it; what was printed before comes first."""
    code = (
        "import sys\nsecret = host.secret('app')\nprint('before')\nassert sys.stdout.threads\n"
        "exec('print(secret)', {'__name__': 'pdb', 'secret': secret})\n"
        "assert not sys.stdout.threads\nprint('after')\nassert sys.stdout.threads"
    )
    assert evaluate(check(code), HostMap(live), "a").held
    assert capfd.readouterr().out == "before\n[secret]\nafter\n"


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


def test_checks_side_by_side_do_not_wait_for_what_another_prints(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """To mask it may take long, and nobody may read it."""
    masking, go_on = threading.Event(), threading.Event()

    def slow(text: str) -> str:
        if "one" in text:
            masking.set()
            assert go_on.wait(60)
        return text.replace("one", "[secret]")

    def first() -> None:
        with printing(slow):
            exec("print('one')", {"__name__": "check"})

    def second() -> None:
        with printing(str):
            exec("print('two')", {"__name__": "check"})

    before = sys.stdout
    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert masking.wait(60)
    threads[1].start()
    threads[1].join(20)
    waits = threads[1].is_alive()
    go_on.set()
    for one in threads:
        one.join()
    assert not waits
    assert sys.stdout is before
    assert capfd.readouterr().out == "two\n[secret]\n"


def test_the_streams_are_as_they_were_if_nothing_can_be_masked() -> None:
    """The fault is told, and the next check prints as ever."""
    before = sys.stdout
    with pytest.raises(ZeroDivisionError), printing(lambda text: str(len(text) / 0)):
        exec("print('one')", {"__name__": "check"})
    assert sys.stdout is before
