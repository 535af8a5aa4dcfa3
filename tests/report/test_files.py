"""JUnit XML, and the text of all reports."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from runbook.report import junit
from runbook.report.styles import STYLES
from runbook.report.text import format_duration, sanitize, shorten
from runbook.results import Report, Verdict
from tests.support.golden import assert_matches
from tests.support.reports import HOSTILE, STORAGE, bad, good, outcome, report

ALLOWED = {
    "testsuites": ({"testsuite"}, {"name", "tests", "failures", "errors", "skipped", "time",
                                   "timestamp"}),
    "testsuite": ({"properties", "testcase"}, {"name", "tests", "failures", "errors", "skipped",
                                               "time", "timestamp"}),
    "testcase": ({"properties", "failure", "error", "skipped", "system-out"},
                 {"classname", "name", "file", "line", "time"}),
    "properties": ({"property"}, set()),
    "property": (set(), {"name", "value"}),
    "failure": (set(), {"message", "type"}),
    "error": (set(), {"message", "type"}),
    "skipped": (set(), {"message", "type"}),
    "system-out": (set(), set()),
}  # fmt: skip
"""The children and attributes of each element, as parsers of JUnit XML expect them."""


def parsed(run: Report) -> ET.Element:
    """The parsed XML of a run."""
    return ET.fromstring(junit.render(run).encode())


def case(root: ET.Element, name: str) -> ET.Element:
    """The case of that name."""
    (found,) = [one for one in root.iter("testcase") if one.get("name") == name]
    return found


@pytest.mark.parametrize("run", [good(), bad(), report(), report(finished=False)])
def test_junit_has_the_structure_that_parsers_expect(run: Report) -> None:
    """Elements, attributes and sums are those of the common dialect."""
    root = parsed(run)
    for element in root.iter():
        children, attributes = ALLOWED[element.tag]
        assert {child.tag for child in element} <= children
        assert set(element.keys()) <= attributes
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests", -1)) == len(cases)
        for tag, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(suite.get(key, -1)) == sum(one.find(tag) is not None for one in cases)
    for key in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(key, -1)) == sum(int(suite.get(key, -1)) for suite in root)


@pytest.mark.parametrize("name", ["good", "bad"])
def test_junit_equals_the_sample(name: str) -> None:
    """A change is deliberate."""
    runs = {"good": ("report/good.xml", good()), "bad": ("report/bad.xml", bad())}
    sample, run = runs[name]
    assert_matches(sample, junit.render(run))


@pytest.mark.parametrize(
    ("verdict", "tag"),
    [
        (Verdict.FAILED, "failure"),
        (Verdict.ERROR, "error"),
        (Verdict.BLOCKED, "skipped"),
        (Verdict.SKIPPED, "skipped"),
        (Verdict.MANUAL, "skipped"),
        (Verdict.PROVEN, None),
        (Verdict.PASSED, None),
        (Verdict.RAN, None),
        (Verdict.SATISFIED, None),
        (Verdict.REHEARSED, None),
        (Verdict.CHECKED, None),
    ],
)
def test_every_verdict_is_mapped_to_junit(verdict: Verdict, tag: str | None) -> None:
    """A step that could not be tried is no failure, and one that was not tried does not pass."""
    suite = parsed(report(outcome(STORAGE.steps[0], "gs1", verdict)))[0]
    (found,) = suite.iter("testcase")
    assert [c.tag for c in found if c.tag in {"failure", "error", "skipped"}] == [tag][: bool(tag)]
    properties = {p.get("name"): p.get("value") for p in found.iter("property")}
    assert properties["verdict"] == verdict.value


def test_a_junit_case_has_the_location_in_the_guide() -> None:
    """Class, file and line are those of the step."""
    found = case(parsed(good()), "Make peers [gs1]")
    assert (found.get("classname"), found.get("file"), found.get("line")) == (
        "docs.storage",
        "docs/storage.rst",
        "20",
    )


def test_junit_survives_what_xml_forbids() -> None:
    """Control characters and surrogates are replaced."""
    nasty = HOSTILE + "\ud800\ufffe\uffff" + "".join(map(chr, range(32)))
    root = parsed(report(outcome(STORAGE.steps[0], "gs1", Verdict.FAILED, output=nasty)))
    (output,) = root.iter("system-out")
    assert "[red]markup[/red] <script>" in (output.text or "")


def test_an_unfinished_run_is_an_error_in_junit() -> None:
    """Otherwise the file would look like a complete run."""
    run = report(outcome(STORAGE.steps[0], "gs1", Verdict.PROVEN), finished=False)
    assert parsed(run).get("errors") == "1"


def test_every_verdict_has_a_style() -> None:
    """No verdict makes a report fail."""
    assert set(STYLES) == set(Verdict)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[2J", "␛[2J"),
        ("a\r\nb\tc\n", "a\nb\tc\n"),
        ("50%\r100%", "50%␍100%"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\x7f\x9b\udc80", "␡\ufffd\ufffd"),
        ("größer 漢字", "größer 漢字"),
    ],
)
def test_foreign_text_is_sanitized(text: str, shown: str) -> None:
    """It cannot move the cursor, change the writing direction or end an element."""
    assert sanitize(text) == shown


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
     (125, "2 min 05 s"), (3725, "1 h 02 min")],
)  # fmt: skip
def test_durations_are_formatted_for_people(value: float, words: str) -> None:
    """Tenths only where they matter."""
    assert format_duration(value) == words


def test_short_text_is_left_as_it_is() -> None:
    """Only what is over the limit loses its middle."""
    assert shorten("a\nb\n", 4) == "a\nb\n"
    assert shorten("first\n" + "x\n" * 50 + "last\n", 30).splitlines()[0] == "first"
