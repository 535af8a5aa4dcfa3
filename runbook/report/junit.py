"""A run as JUnit XML: a suite for each chapter, a case for each step and host.

The form is the one that Jenkins, GitLab and pytest agree on. A case that proved nothing
passes: what it came to stands in its property `verdict`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final
from xml.etree import ElementTree as ET

from runbook import summary
from runbook.model import Step
from runbook.report import closing
from runbook.report.trouble import explain
from runbook.report.words import inert, number, shortened
from runbook.result import Outcome, Report, Verdict
from runbook.summary import ChapterResult

OUTPUT_CHARACTERS: Final = 20_000
"""How much of a case's output goes into the file; continuous integration keeps it in memory."""

_TAGS: Final = {
    Verdict.FAILED: "failure",
    Verdict.ERROR: "error",
    Verdict.BLOCKED: "skipped",
    Verdict.SKIPPED: "skipped",
    Verdict.MANUAL: "skipped",
}


def render(report: Report) -> str:
    """Return the XML text of `report`; the encoding it declares is UTF-8."""
    root = ET.Element("testsuites", name=inert(report.runbook.title) or "runbook")
    for chapter in summary.by_chapter(report):
        root.append(_suite(report, chapter))
    if report.finished is None:
        root.append(_unfinished(report))
    total: Counter[str] = Counter()
    for suite in root:
        total.update({key: int(suite.get(key, 0)) for key in _COUNTS})
    for key in _COUNTS:
        root.set(key, str(total[key]))
    root.set("time", f"{closing.duration(report) or summary.wall(report.outcomes):.3f}")
    root.set("timestamp", report.run.started)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


_COUNTS: Final = ("tests", "failures", "errors", "skipped")


def _suite(report: Report, chapter: ChapterResult) -> ET.Element:
    outcomes = [outcome for result in chapter.steps for outcome in result.outcomes]
    found = Counter(_TAGS.get(outcome.verdict) for outcome in outcomes)
    suite = ET.Element(
        "testsuite",
        name=inert(chapter.chapter.title),
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
        name=inert(f"{step.title} [{outcome.host}]"),
        file=inert(step.location.document),
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
        message = inert(outcome.reason).partition("\n")[0] or outcome.verdict.value
        child = ET.SubElement(case, tag, message=message, type=outcome.verdict.value)
        if tag != "skipped":
            child.text = "\n".join(explain(outcome))
    if output := _output(outcome):
        ET.SubElement(case, "system-out").text = output
    return case


def _classname(step: Step) -> str:
    if not step.location.document:
        return "runbook"
    return ".".join(PurePosixPath(inert(step.location.document)).with_suffix("").parts)


def _output(outcome: Outcome) -> str:
    parts = []
    for action in outcome.actions:
        mark = "" if action.status is None else "# "
        text = "".join(f"{mark}{line}\n" for line in action.text.splitlines())
        parts.append(inert(text + action.output))
    return shortened("\n".join(parts), OUTPUT_CHARACTERS)


def _unfinished(report: Report) -> ET.Element:
    """Return a suite whose one case is an error: a run cut short must not look whole."""
    suite = ET.Element(
        "testsuite", name="The run", tests="1", failures="0", errors="1", skipped="0", time="0"
    )
    case = ET.SubElement(
        suite, "testcase", classname="runbook", name="The run comes to its end", time="0"
    )
    left = summary.unreached(report)
    message = f"the run did not come to its end: {number(len(left), 'step')} not reached"
    error = ET.SubElement(case, "error", message=message, type="unfinished")
    error.text = "\n".join(inert(f"{step.location} {step.id}") for step in left)
    return suite


def _properties(parent: ET.Element, pairs: Iterable[tuple[str, str]]) -> None:
    filled = [(name, value) for name, value in pairs if value]
    if filled:
        properties = ET.SubElement(parent, "properties")
        for name, value in filled:
            ET.SubElement(properties, "property", name=inert(name), value=inert(value))
