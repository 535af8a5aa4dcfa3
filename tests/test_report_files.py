"""The report for machines, JUnit XML, and the words of all reports."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from runbook.report import junit
from runbook.report.words import LOOKS, inert, seconds, shortened
from runbook.result import Report, Verdict

from .golden import assert_matches
from .reports import HOSTILE, STORAGE, bad, good, outcome, report

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
"""Which elements may stand in which, and their attributes, as readers of JUnit XML agree."""


def parsed(run: Report) -> ET.Element:
    """The XML of a run, read again."""
    return ET.fromstring(junit.render(run).encode())


def case(root: ET.Element, name: str) -> ET.Element:
    """The case of that name."""
    (found,) = [one for one in root.iter("testcase") if one.get("name") == name]
    return found


@pytest.mark.parametrize("run", [good(), bad(), report(), report(finished=False)])
def test_junit_has_the_structure_that_its_readers_know(run: Report) -> None:
    """Elements, attributes, their order and the sums are those of the common form."""
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
def test_junit_reads_to_the_letter_like_the_sample(name: str) -> None:
    """A change of the form is seen and meant."""
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
        (Verdict.SATISFIED, None),
        (Verdict.REHEARSED, None),
    ],
)
def test_every_verdict_has_its_place_in_junit(verdict: Verdict, tag: str | None) -> None:
    """What could not be tried is never a failure, and what was not tried never passes."""
    (found,) = parsed(report(outcome(STORAGE.steps[0], "gs1", verdict))).iter("testcase")
    assert [c.tag for c in found if c.tag in {"failure", "error", "skipped"}] == [tag][: bool(tag)]
    properties = {p.get("name"): p.get("value") for p in found.iter("property")}
    assert properties["verdict"] == verdict.value


def test_a_junit_case_leads_to_the_line_of_the_guide() -> None:
    """Class, file and line are those of the step."""
    found = case(parsed(good()), "Make peers [gs1]")
    assert (found.get("classname"), found.get("file"), found.get("line")) == (
        "docs.storage",
        "docs/storage.rst",
        "20",
    )


def test_junit_survives_what_xml_forbids() -> None:
    """Control characters and halves of characters become harmless ones."""
    nasty = HOSTILE + "\ud800\ufffe\uffff" + "".join(map(chr, range(32)))
    root = parsed(report(outcome(STORAGE.steps[0], "gs1", Verdict.FAILED, output=nasty)))
    (output,) = root.iter("system-out")
    assert "[red]markup[/red] <script>" in (output.text or "")


def test_a_run_cut_short_is_an_error_in_junit() -> None:
    """A file in which all cases pass would look like a whole run."""
    run = report(outcome(STORAGE.steps[0], "gs1", Verdict.PROVEN), finished=False)
    assert parsed(run).get("errors") == "1"


def test_every_verdict_has_a_look() -> None:
    """No verdict can make a report fail."""
    assert set(LOOKS) == set(Verdict)


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
def test_foreign_text_is_inert(text: str, shown: str) -> None:
    """Nothing in it moves a cursor, turns the writing or ends a page."""
    assert inert(text) == shown


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
     (125, "2 min 05 s"), (3725, "1 h 02 min")],
)  # fmt: skip
def test_durations_are_said_as_people_say_them(value: float, words: str) -> None:
    """Tenths only where they matter."""
    assert seconds(value) == words


def test_short_text_is_left_as_it_is() -> None:
    """Only what is over the limit loses its middle."""
    assert shortened("a\nb\n", 4) == "a\nb\n"
    assert shortened("first\n" + "x\n" * 50 + "last\n", 30).splitlines()[0] == "first"
