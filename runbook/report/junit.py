"""A run as JUnit XML: a suite for each chapter, a case for each step and host.

The dialect is the one that Jenkins, GitLab and pytest share. A step that proved nothing passes
as a case; its verdict is in the property `verdict`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final
from xml.etree import ElementTree as ET

from runbook.model import Location, Step
from runbook.report import summary_table
from runbook.report.failures import explain
from runbook.report.text import pluralize, sanitize, shorten
from runbook.results import Outcome, Report, Verdict, summary
from runbook.results.findings import findings, is_error
from runbook.results.summary import ChapterResult

OUTPUT_CHARACTERS: Final = 20_000
"""Most output of one case; CI servers keep the whole file in memory."""

_TAGS: Final = {
    Verdict.FAILED: "failure",
    Verdict.ERROR: "error",
    Verdict.BLOCKED: "skipped",
    Verdict.SKIPPED: "skipped",
    Verdict.MANUAL: "skipped",
}


def render(report: Report) -> str:
    """Return the XML text of `report`; the encoding it declares is UTF-8."""
    root = ET.Element("testsuites", name=sanitize(report.runbook.title) or "runbook")
    for chapter in summary.by_chapter(report):
        root.append(_suite(report, chapter))
    if cases := [*_fallen(report), *_findings(report)]:
        root.append(_end_state(cases))
    if report.finished is None:
        root.append(_unfinished(report))
    total: Counter[str] = Counter()
    for suite in root:
        total.update({key: int(suite.get(key, 0)) for key in _COUNTS})
    for key in _COUNTS:
        root.set(key, str(total[key]))
    root.set("time", f"{summary_table.duration(report) or summary.wall(report.outcomes):.3f}")
    root.set("timestamp", report.run.started)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


_COUNTS: Final = ("tests", "failures", "errors", "skipped")


def _suite(report: Report, chapter: ChapterResult) -> ET.Element:
    outcomes = [outcome for result in chapter.steps for outcome in result.outcomes]
    found = Counter(_TAGS.get(outcome.verdict) for outcome in outcomes)
    suite = ET.Element(
        "testsuite",
        name=sanitize(chapter.chapter.title),
        tests=str(len(outcomes)),
        failures=str(found["failure"]),
        errors=str(found["error"]),
        skipped=str(found["skipped"]),
        time=f"{summary.wall(outcomes):.3f}",
        timestamp=outcomes[0].started,
    )
    _properties(suite, {"lab": report.run.lab, "run": report.run.id, **report.run.versions}.items())
    for result in chapter.steps:
        for outcome in result.outcomes:
            suite.append(_case(result.step, outcome))
    return suite


def _case(step: Step, outcome: Outcome) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=_classname(step),
        name=sanitize(f"{step.title} [{outcome.host}]"),
        file=sanitize(step.location.document),
        line=str(step.location.line),
        time=f"{outcome.seconds:.3f}",
    )
    properties = {
        "verdict": outcome.verdict.value,
        "step": outcome.step,
        "host": outcome.host,
        "platform": outcome.platform,
        "resumed": "true" if outcome.resumed else "",
        "reason": outcome.reason,
    }
    _properties(case, properties.items())
    if tag := _TAGS.get(outcome.verdict):
        message = sanitize(outcome.reason).partition("\n")[0] or outcome.verdict.value
        child = ET.SubElement(case, tag, message=message, type=outcome.verdict.value)
        if tag != "skipped":
            child.text = "\n".join(explain(outcome))
    if output := _output(outcome):
        ET.SubElement(case, "system-out").text = output
    return case


def _classname(step: Step) -> str:
    if not step.location.document:
        return "runbook"
    return ".".join(PurePosixPath(sanitize(step.location.document)).with_suffix("").parts)


def _output(outcome: Outcome) -> str:
    parts = []
    for action in outcome.actions:
        mark = "" if action.status is None else "# "
        text = "".join(f"{mark}{line}\n" for line in action.text.splitlines())
        parts.append(sanitize(text + action.output))
    return shorten("\n".join(parts), OUTPUT_CHARACTERS)


def _fallen(report: Report) -> Iterator[ET.Element]:
    """Yield a case for each check of a finished step that no longer holds."""
    for end in report.end_state:
        if end.check.held or end.broken_by:
            continue
        case = _finding_case(end.step, end.check.location, f"{end.check.sentence} [{end.host}]")
        tag = "failure" if end.check.evaluated else "error"
        child = ET.SubElement(
            case, tag, message=sanitize(f"no longer true: {end.check.sentence}"), type="end-state"
        )
        child.text = sanitize(end.check.detail)
        yield case


def _findings(report: Report) -> Iterator[ET.Element]:
    """Yield a case for each finding; it fails if the run takes the finding for an error."""
    for one in findings(report):
        case = _finding_case(one.step, one.location, f"{one.kind.value}: {one.message}")
        if is_error(one, report.run):
            ET.SubElement(case, "failure", message=sanitize(one.message), type=one.kind.value)
        else:
            ET.SubElement(case, "system-out").text = sanitize(str(one))
        yield case


def _finding_case(step: str, location: Location, name: str) -> ET.Element:
    return ET.Element(
        "testcase",
        classname=f"findings.{sanitize(step)}",
        name=sanitize(name),
        file=sanitize(location.document),
        line=str(location.line),
        time="0",
    )


def _end_state(cases: list[ET.Element]) -> ET.Element:
    """Return a suite of what is wrong with steps that did not fail."""
    tags = Counter(child.tag for case in cases for child in case)
    suite = ET.Element(
        "testsuite", name="Findings", tests=str(len(cases)), failures=str(tags["failure"]),
        errors=str(tags["error"]), skipped="0", time="0",
    )  # fmt: skip
    suite.extend(cases)
    return suite


def _unfinished(report: Report) -> ET.Element:
    """Return a suite with one error, so that an incomplete run does not pass."""
    suite = ET.Element(
        "testsuite", name="The run", tests="1", failures="0", errors="1", skipped="0", time="0"
    )
    case = ET.SubElement(suite, "testcase", classname="runbook", name="The run finishes", time="0")
    left = summary.unreached(report)
    message = f"the run did not finish: {pluralize(len(left), 'step')} not reached"
    error = ET.SubElement(case, "error", message=message, type="unfinished")
    error.text = "\n".join(sanitize(f"{step.location} {step.id}") for step in left)
    return suite


def _properties(parent: ET.Element, pairs: Iterable[tuple[str, str]]) -> None:
    filled = [(name, value) for name, value in pairs if value]
    if filled:
        properties = ET.SubElement(parent, "properties")
        for name, value in filled:
            ET.SubElement(properties, "property", name=sanitize(name), value=sanitize(value))
