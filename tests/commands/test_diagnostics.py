"""`--sarif` and `--annotate`: what lint, plan, rehearse and run tell other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.guides import Guide, making

TYPO = """
.. code-block:: console

   # ls DASHl
""".replace("DASH", "\u2013")


def results(path: Path) -> list[dict[str, Any]]:
    """Return the results of a SARIF file."""
    return list(json.loads(path.read_text())["runs"][0]["results"])


@pytest.mark.parametrize("command", ["lint", "plan"])
def test_findings_go_to_a_file_and_to_the_terminal(tmp_path: Path, command: str) -> None:
    """The file comes in addition."""
    guide = Guide(tmp_path, TYPO)
    path = tmp_path / "new" / "found.sarif"
    done = guide.call(command, "--sarif", str(path))
    assert [one["ruleId"] for one in results(path)] == ["dash"]
    assert "typographic dash" in done.stdout
    assert "::warning" not in done.stderr


@pytest.mark.parametrize("command", ["lint", "plan"])
def test_the_standard_output_may_be_the_file(tmp_path: Path, command: str) -> None:
    """Then nothing else is there."""
    done = Guide(tmp_path, TYPO).call(command, "--sarif", "-")
    assert json.loads(done.stdout)["version"] == "2.1.0"


def test_only_chooses_what_is_in_the_file(tmp_path: Path) -> None:
    """As it chooses what is shown."""
    path = tmp_path / "found.sarif"
    Guide(tmp_path, TYPO).call("lint", "--only", "quote", "--sarif", str(path))
    assert results(path) == []


def test_an_error_of_the_guide_is_in_the_file_of_every_command(tmp_path: Path) -> None:
    """A step that uploads the file finds one, with the line, though nothing was run."""
    guide = Guide(tmp_path, making("a").replace(":on: box", ":on: bix"))
    path = tmp_path / "found.sarif"
    for command in ("lint", "plan", "rehearse", "run"):
        done = guide.call(command, "--sarif", str(path), "--annotate", "github")
        assert done.returncode == 3, command
        (found,) = results(path)
        assert (found["ruleId"], found["level"]) == ("plan-error", "error")
        line = found["locations"][0]["physicalLocation"]["region"]["startLine"]
        assert f"::error file=index.rst,line={line},title=runbook plan-error::" in done.stderr
        (invocation,) = json.loads(path.read_text())["runs"][0]["invocations"]
        assert not invocation["executionSuccessful"]
        path.unlink()


def test_warnings_are_the_same_when_nothing_is_read_again(tmp_path: Path) -> None:
    """The second plan takes them from what the first one has kept."""
    unchecked = making("a").partition("   .. check::")[0]
    guide = Guide(tmp_path, unchecked, unchecked.replace("Make a", "Make b"))
    texts = [guide.call("plan", "--sarif", "-").stdout for _ in range(2)]
    found = json.loads(texts[0])["runs"][0]["results"]
    assert [one["ruleId"] for one in found] == ["plan-warning", "plan-warning"]
    assert texts[0] == texts[1]


def test_a_run_tells_what_failed_without_its_secrets(tmp_path: Path) -> None:
    """The failure is there, with the line of its check, and the secret is not."""
    step = making("a", "echo $((1 + 1))").replace(".exists", ".contains('hunter2-hunter2')")
    guide = Guide(tmp_path, step)
    path = tmp_path / "found.sarif"
    done = guide.call(
        "run", "--sarif", str(path), "--annotate", "github",
        environment={"RUNBOOK_SECRET_ADMIN": "hunter2-hunter2"},
    )  # fmt: skip
    assert done.returncode == 1
    (found,) = results(path)
    assert found["ruleId"] == "failed"
    assert "[secret]" in found["message"]["text"].replace("\\", "")
    assert "::error file=index.rst,line=" in done.stderr
    assert "hunter2" not in path.read_text() + done.stderr


def test_the_report_of_the_last_run_tells_the_same(tmp_path: Path) -> None:
    """A file that was not asked for at first can be had later."""
    guide = Guide(tmp_path, making("a", "false"))
    first, again = tmp_path / "first.sarif", tmp_path / "again.sarif"
    guide.call("run", "--sarif", str(first))
    assert guide.call("report", "--sarif", str(again)).returncode == 1
    assert results(again) == results(first) != []


def test_what_a_program_prints_is_no_command_of_ours(tmp_path: Path) -> None:
    """GitHub obeys nothing between two lines whose token no program can know."""
    guide = Guide(tmp_path, making("a", "echo '::stop-commands::x'; false"))
    lines = guide.call("run", "--annotate", "github").stderr.splitlines()
    (token,) = [line.removeprefix("::stop-commands::") for line in lines if "stop-comm" in line][:1]
    assert len(token) == 32
    resumed = lines.index(f"::{token}::")
    assert lines.index(f"::stop-commands::{token}") < resumed
    assert [line for line in lines[resumed:] if line.startswith("::error file=index.rst")]
    assert not [line for line in lines[:resumed] if line.startswith("::error")]
    again = guide.call("run", "--annotate", "github").stderr
    assert token not in again


def test_a_secret_in_the_guide_is_not_repeated(tmp_path: Path) -> None:
    """A linter quotes what it finds."""
    guide = Guide(tmp_path, TYPO.replace("l\n", "hunter2hunter2\n"))
    done = guide.call(
        "lint", "--sarif", "-", environment={"RUNBOOK_SECRET_ADMIN": "hunter2hunter2"}
    )
    assert len(json.loads(done.stdout)["runs"][0]["results"]) == 1
    assert "hunter2" not in done.stdout


def test_a_rehearsal_tells_the_line_of_each_problem(tmp_path: Path) -> None:
    """What ShellCheck says is at its own line, not at the step's."""
    guide = Guide(tmp_path, making("a", "if then fi"))
    path = tmp_path / "found.sarif"
    assert guide.call("rehearse", "--sarif", str(path)).returncode == 1
    (found,) = results(path)
    assert found["ruleId"] == "rehearsal"
    assert found["message"]["text"].startswith("bash cannot parse this")
    line = found["locations"][0]["physicalLocation"]["region"]["startLine"]
    page = (guide.directory / "index.rst").read_text().splitlines()
    assert page[line - 1].strip() == "# if then fi"


def test_github_is_recognised_and_can_be_refused(tmp_path: Path) -> None:
    """Annotations come by themselves where GitHub runs the command, on standard error."""
    guide = Guide(tmp_path, TYPO)
    there = {"GITHUB_ACTIONS": "true"}
    done = guide.call("lint", "--json", environment=there)
    assert "::warning file=index.rst,line=" in done.stderr
    assert len(json.loads(done.stdout)) == 1
    assert "::" not in guide.call("lint", "--annotate", "none", environment=there).stderr


def test_paths_begin_at_the_root_of_the_repository(tmp_path: Path) -> None:
    """As a service knows them, whether the checkout was made with git or without."""
    guide = Guide(tmp_path, TYPO)
    done = guide.call("lint", "--annotate", "github", environment={"CI_PROJECT_DIR": str(tmp_path)})
    assert "file=guide/index.rst" in done.stderr
    (guide.directory / ".git").mkdir()
    assert "file=index.rst" in guide.call("lint", "--annotate", "github").stderr


@pytest.mark.parametrize("options", [("lint", "--json"), ("plan", "--json"), ("run",)])
def test_two_outputs_do_not_share_a_stream(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The command line is refused."""
    assert Guide(tmp_path, TYPO).call(*options, "--sarif", "-").returncode == 2
