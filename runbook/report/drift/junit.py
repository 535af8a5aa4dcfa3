"""Drift as JUnit XML: a suite for each host, a case for each check.

What is not known is an error, as CI servers call what could not be tested; it is no failure.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from runbook.report.text import sanitize
from runbook.results.drift import CheckState, Drift, State
from runbook.results.summary import instant

_TAGS = {State.DIFFERS: "failure", State.UNKNOWN: "error"}


def render(drift: Drift) -> str:
    """Return the XML text of `drift`; the encoding it declares is UTF-8."""
    by_host: dict[str, list[CheckState]] = {name: [] for name in drift.unreached}
    for check in drift.checks:
        by_host.setdefault(check.host, []).append(check)
    took = (instant(drift.finished) or 0.0) - (instant(drift.started) or 0.0)
    root = ET.Element("testsuites", name="drift", time=f"{took:.3f}", timestamp=drift.started)
    for host, checks in by_host.items():
        cases = [_case(check) for check in checks]
        if why := drift.unreached.get(host):
            cases.append(_unreached(host, why))
        found = [child.tag for case in cases for child in case]
        suite = ET.SubElement(
            root, "testsuite", name=sanitize(host), tests=str(len(cases)),
            failures=str(found.count("failure")), errors=str(found.count("error")), skipped="0",
            timestamp=drift.started,
        )  # fmt: skip
        suite.extend(cases)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, 0)) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(check: CheckState) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=sanitize(check.step.replace("/", ".")),
        name=sanitize(f"{check.sentence} [{check.host}]"),
        file=sanitize(check.location.document),
        line=str(check.location.line),
    )
    if tag := _TAGS.get(check.state):
        message = sanitize(check.detail).partition("\n")[0] or check.state.value
        ET.SubElement(case, tag, message=message, type=check.state.value).text = sanitize(
            check.detail
        )
    return case


def _unreached(host: str, why: str) -> ET.Element:
    case = ET.Element("testcase", classname="runbook", name=sanitize(f"the host answers [{host}]"))
    ET.SubElement(case, "error", message=sanitize(why).partition("\n")[0], type="unreached")
    return case
