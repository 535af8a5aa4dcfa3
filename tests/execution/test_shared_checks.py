"""Checks of a guide share the functions of its lab/checks.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.execution.checks import shared_checks
from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.model.shared_source import PLACE
from runbook.results import CheckResult
from tests.support.guides import Guide, making
from tests.support.steps import check, local_hosts


@pytest.fixture
def live() -> Iterator[dict[str, HostConnection]]:
    """One host, a, which is this machine."""
    with local_hosts("a") as hosts:
        yield hosts


def loaded(directory: Path, source: str) -> shared_checks.SharedChecks:
    """What the checks of a guide with this file share."""
    (directory / "lab").mkdir()
    (directory / PLACE).write_text(source)
    return shared_checks.load(directory)


def result(
    live: dict[str, HostConnection], source: str, shared: shared_checks.SharedChecks
) -> CheckResult:
    """How a check with this source ends on host a."""
    return evaluate(check(source), HostMap(live), "a", shared)


def test_a_function_of_the_file_is_there_and_knows_the_checks_host(
    live: dict[str, HostConnection], tmp_path: Path
) -> None:
    """It needs no argument for what every check has."""
    shared = loaded(
        tmp_path, 'ROOT = "/"\n\ndef there(path):\n    return host.file(ROOT + path).exists\n'
    )
    assert result(live, 'assert there("etc/passwd") and ROOT == "/"', shared).held
    assert not result(live, 'assert there("nowhere")', shared).held


def test_names_that_begin_with_an_underscore_stay_in_the_file(
    live: dict[str, HostConnection], tmp_path: Path
) -> None:
    """The file's own functions may use them; `host` is never replaced."""
    shared = loaded(tmp_path, "host = None\n_one = 1\n\ndef two():\n    return _one + 1\n")
    assert result(live, "assert two() == 2 and host is not None", shared).held
    failed = result(live, "assert _one", shared)
    assert "NameError" in failed.detail


def test_nothing_is_carried_from_one_check_to_the_next(
    live: dict[str, HostConnection], tmp_path: Path
) -> None:
    """Hosts are checked side by side, and re-runs must see what is there."""
    shared = loaded(tmp_path, "seen = []\n")
    source = "seen.append(1)\nassert seen == [1]"
    assert result(live, source, shared).held
    assert result(live, source, shared).held


def test_an_assertion_in_the_file_explains_itself_at_both_lines(
    live: dict[str, HostConnection], tmp_path: Path
) -> None:
    """The reader sees which check asked, and which line of the file was not true."""
    shared = loaded(tmp_path, '\ndef one():\n    found = "two"\n    assert found == "one"\n')
    failed = result(live, "one()", shared)
    first, second, *rest = failed.detail.splitlines()
    assert first == "docs/sample.rst:20: one()"
    assert second == 'lab/checks.py:4: assert found == "one"'
    assert "'two' == 'one'" in "\n".join(rest)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("\ndef one(:\n", "lab/checks.py:2: invalid syntax"),
        ("one = '\0'\n", "lab/checks.py:1:"),
    ],
)
def test_a_file_that_is_no_python_is_refused_with_its_line(
    tmp_path: Path, source: str, message: str
) -> None:
    """It is known before anything runs."""
    with pytest.raises(RunbookError) as caught:
        loaded(tmp_path, source)
    assert str(caught.value).startswith(message)


def test_a_file_that_cannot_be_executed_leaves_the_check_unknown(
    live: dict[str, HostConnection], tmp_path: Path
) -> None:
    """A mistake in the file is not one of the system, so the step is no failure."""
    shared = loaded(tmp_path, "\nimport nobody_has_this\n")
    with pytest.raises(RunbookError, match=r"lab/checks\.py:2: ModuleNotFoundError: .*nobody"):
        result(live, "assert True", shared)


def test_what_could_not_be_asked_leaves_the_check_unknown(
    live: dict[str, HostConnection], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that nobody gave says nothing of the system."""
    monkeypatch.delenv("RUNBOOK_SECRETS", raising=False)
    shared = loaded(
        tmp_path,
        "from runbook.execution import secrets\n\n"
        "def ask():\n    return secrets.resolve('nobody-gave')\n",
    )
    with pytest.raises(RunbookError, match="nobody-gave"):
        result(live, "assert ask()", shared)


def test_a_guide_without_the_file_shares_nothing(tmp_path: Path) -> None:
    """Most guides have none."""
    assert shared_checks.load(tmp_path) == shared_checks.NOTHING


STEP = """
    .. step:: Make a file
       :on: box

       .. code-block:: console

          # touch PLACE/made

       .. check:: it is there

          assert made("PLACE/made")
"""


def test_run_and_check_use_the_file_and_plan_does_not(tmp_path: Path) -> None:
    """Planning imports nothing of the guide, not even a file that is broken."""
    guide = Guide(tmp_path, STEP)
    path = guide.directory / PLACE
    path.write_text("import os\nos._exit(9)\n")
    assert guide.call("plan").returncode == 0
    path.write_text("\n\nthis is no Python\n")
    broken = guide.call("run")
    assert broken.returncode == 3
    assert "lab/checks.py:3: invalid syntax" in broken.stderr
    path.write_text("def made(path):\n    return host.file(path).exists\n")
    assert guide.call("run").returncode == 0
    (outcome,) = guide.outcomes()
    assert outcome["verdict"] == "proven"
    assert guide.call("check").returncode == 0
    path.write_text("def made(path):\n    raise RuntimeError('no')\n")
    differs = guide.call("check")
    assert differs.returncode == 1
    assert "lab/checks.py:2: raise RuntimeError('no')" in differs.stdout


def test_the_file_finds_what_conf_py_has_put_on_the_search_path(tmp_path: Path) -> None:
    """Also in the second run, for which conf.py of an unchanged guide is not executed."""
    check_ = 'assert host.file("PLACE/one").exists'
    guide = Guide(tmp_path, making("one").replace(check_, f"{check_} and sure() and late()"))
    conf = guide.directory / "conf.py"
    conf.write_text(
        "import os, sys\n"
        'sys.path.insert(0, os.path.abspath("."))\n'
        'sys.path.append(os.path.abspath("../beside"))\n' + conf.read_text()
    )
    (guide.directory / PLACE).write_text("from lab.helper import sure\nfrom beside import late\n")
    (guide.directory / "lab/helper.py").write_text("def sure(): return True\n")
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside/beside.py").write_text("def late(): return True\n")
    for _ in range(3):
        done = guide.call("run", "--again")
        assert done.returncode in (0, 4), done.stdout
        assert "ModuleNotFoundError" not in done.stdout
