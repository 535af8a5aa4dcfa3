"""`runbook check`: what it says of drift to people and to programs, once and again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pexpect
import pytest

from tests.support.forked import run_module
from tests.support.guides import Guide, making

SLOW = """\
.. step:: Wait

   .. code-block:: console

      # true

   .. check:: it takes its time

      import time
      while True:
          time.sleep(0.1)
"""


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    """A guide of two steps on this machine, of which the first is done."""
    guide = Guide(tmp_path, making("one"), making("two"))
    assert guide.call("run", "--only", "*/make-one").returncode == 0
    return guide


def test_differences_outweigh_what_is_unknown(tmp_path: Path) -> None:
    """Exit status 1 if both are there: a machine that is bad stays bad."""
    guide = Guide(tmp_path, making("one"), SLOW)
    done = guide.call("check", "--host-timeout", "1s")
    assert done.returncode == 1
    assert re.search(r"^differs  .*one", done.stdout, re.MULTILINE)
    assert re.search(r"^unknown  .*it was not evaluated within the 1 s", done.stdout, re.MULTILINE)
    assert "1 check unknown" in done.stdout


def test_a_host_that_takes_too_long_is_unknown_not_bad(tmp_path: Path) -> None:
    """Its exit status is 3, and later checks are not even begun."""
    guide = Guide(tmp_path, SLOW, making("one"))
    done = guide.call("check", "--host-timeout", "1s")
    assert done.returncode == 3
    assert done.stdout.count("unknown  ") == 2
    assert "differs  " not in done.stdout
    assert "No check was evaluated; 2 checks unknown" in done.stdout


def test_json_has_every_check_and_its_schema(guide: Guide) -> None:
    """What differs explains itself; the schema is that of `runbook schema drift`."""
    jsonschema = pytest.importorskip("jsonschema")
    done = guide.call("check", "--format", "json")
    assert done.returncode == 1
    drift = json.loads(done.stdout)
    assert [check["state"] for check in drift["checks"]] == ["holds", "differs"]
    assert "assert" in drift["checks"][1]["detail"]
    schema = json.loads(run_module("runbook", "schema", "drift").stdout)
    jsonschema.validate(drift, schema)


def test_junit_keeps_failures_and_errors_apart(tmp_path: Path) -> None:
    """A check that differs is a failure, one that is unknown an error."""
    guide = Guide(tmp_path, making("one"), SLOW)
    done = guide.call("check", "--format", "junit", "--host-timeout", "1s")
    root = ET.fromstring(done.stdout)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "1", "1")


def test_metrics_say_nothing_of_what_is_unknown(tmp_path: Path) -> None:
    """A check without an answer has no value that an alert could take for bad."""
    guide = Guide(tmp_path, making("one"), SLOW)
    path = tmp_path / "runbook.prom"
    done = guide.call(
        "check", "--format", "prometheus", "--output", str(path), "--host-timeout", "1s"
    )
    assert done.returncode == 1
    metrics = dict(line.rsplit(" ", 1) for line in path.read_text().splitlines() if line[0] != "#")
    holds = {name: value for name, value in metrics.items() if "check_holds" in name}
    assert list(holds.values()) == ["0"]
    assert sum(float(v) for name, v in metrics.items() if "check_unknown" in name) == 1
    assert all(re.fullmatch(r'\w+(\{(\w+="[^"\n]*",?)*\})?', name) for name in metrics)
    assert path.stat().st_mode & 0o044, "a collector is another user"


def test_sarif_names_the_line_of_what_differs(guide: Guide) -> None:
    """Under a rule of its own."""
    done = guide.call("check", "--format", "sarif")
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    assert result["ruleId"] == "drift"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith(
        "index.rst"
    )


def test_watching_tells_what_is_new(guide: Guide) -> None:
    """The first time all, later only what changed; Ctrl-C ends it with 130."""
    argv = guide.argv("check", "--watch", "300ms")
    child = pexpect.spawn(argv[0], argv[1:], timeout=60, encoding="utf-8", dimensions=(50, 200))
    child.expect(r"holds [^\n]*one")
    child.expect(r"differs [^\n]*two")
    child.expect("1 of 2 checks differs")
    child.expect("1 of 2 checks differs")
    assert "holds" not in (child.before or "")
    (guide.place / "two").touch()
    child.expect(r"holds [^\n]*two")
    child.expect("none differs")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130


def test_the_history_is_kept_and_bounded(guide: Guide, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line each time; of what held only the number."""
    from runbook.results import drift_history

    for _ in range(2):
        guide.call("check")
    directory = guide.directory / "build/local"
    first, second = drift_history.read(directory)
    assert second.drift.started > first.drift.started
    assert [check.step for check in second.drift.checks] == ["index/make-two"]
    assert sum(second.held.values()) == 1
    monkeypatch.setattr(drift_history, "LONGEST", 2)
    drift_history.append(directory, second.drift)
    assert [one.drift.started for one in drift_history.read(directory)] == [
        second.drift.started
    ] * 2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--watch", "soon"), "is not a duration"),
        (("--watch", "0s"), "longer than nothing"),
        (("--watch", "1m", "--format", "junit"), "needs --output"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    guide: Guide, options: tuple[str, ...], why: str
) -> None:
    """With exit status 2, before a host is asked."""
    done = guide.call("check", *options)
    assert done.returncode == 2
    assert why in done.stderr


def test_a_value_that_a_run_has_captured_here_is_known(tmp_path: Path) -> None:
    """So the check that needs it is evaluated, as at the end of that run."""
    guide = Guide(tmp_path, NAMING, making("<word>"))
    assert "unknown" in guide.call("check").stdout
    assert guide.call("run").returncode == 0
    done = guide.call("check")
    assert done.returncode == 0, done.stdout
    assert "unknown" not in done.stdout
    assert (guide.place / "apple").exists()


NAMING = """\
.. step:: Choose a word
   :readonly:
   :capture: word (apple)

   .. code-block:: console

      # echo apple
"""
