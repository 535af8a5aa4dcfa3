"""The HTML report of a run: one self-contained file."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from attrs import evolve

from runbook.report import html
from runbook.report.html import PageContext
from runbook.report.playback import compact
from runbook.report.timeline import clock, timeline
from runbook.results import Report, Verdict
from runbook.results.summary import step_results
from tests.support.golden import assert_matches
from tests.support.reports import HOSTILE, NAMES, STORAGE, bad, good, outcome, report


def cast(*events: tuple[float, str], width: int = 80) -> str:
    """A recording with these events."""
    header = json.dumps({"version": 2, "width": width, "height": 24})
    return "\n".join([header, *(json.dumps([at, "o", text]) for at, text in events)]) + "\n"


def recorded(
    path: str = "storage/make-peers/gs1.cast", verdict: Verdict = Verdict.FAILED
) -> Report:
    """A run of one step, with a recording."""
    return report(evolve(outcome(STORAGE.steps[0], "gs1", verdict), recording=path))


def played(text: str) -> dict[str, object]:
    """What the player gets of a recording."""
    dumped = compact(text)
    assert dumped is not None
    found: dict[str, object] = json.loads(dumped)
    return found


class Outline(HTMLParser):
    """The elements, attributes, ids and links of a page."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be this one."""
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "run", [good(), bad(), report(), report(finished=False)], ids=["good", "bad", "empty", "cut"]
)
def test_the_page_is_well_formed_and_self_contained(run: Report) -> None:
    """Elements are closed in order; nothing is loaded or executed."""
    page = html.render(run)
    outline = Outline(page)
    assert outline.open == []
    assert not outline.elements & {"script", "link", "img", "iframe", "object"}
    assert "script-src" not in page
    assert not outline.attributes & {"src", "onclick", "onload"}
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_shows_hostile_text_as_text() -> None:
    """Titles, reasons, output and host names are escaped."""
    failed = outcome(STORAGE.steps[0], "<b>gs1</b>", Verdict.FAILED, reason=HOSTILE, output=HOSTILE)
    page = html.render(report(failed))
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert "&lt;b&gt;gs1&lt;/b&gt;" in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)


@pytest.mark.parametrize("name", ["good", "bad"])
def test_the_page_equals_the_sample(name: str) -> None:
    """A change is deliberate."""
    runs = {"good": ("report/good.html", good()), "bad": ("report/bad.html", bad())}
    sample, run = runs[name]
    assert_matches(sample, html.render(run))


def test_failures_come_first() -> None:
    """With what was expected, what was found, and the line of the guide."""
    page = html.render(bad())
    failures = page[page.index('id="failures"') : page.index('id="timeline"')]
    assert page.index('id="failures"') < page.index('id="timeline"') < page.index("chapter-1")
    for text in (
        "Make peers",
        "docs/storage.rst:20",
        "Expected: make-peers is done",
        "assert &#39;done&#39; in &#39;&#39;",
        "do make-peers",
        "gs2: the host is gone",
    ):
        assert text in failures
    assert '<details class="step failed" open>' in page
    assert 'id="failures"' not in html.render(good())


def test_each_step_is_shown_in_full_once() -> None:
    """Failures link to it."""
    page = html.render(bad())
    assert page.count('id="step-3"') == 1
    assert 'href="#step-3"' in page
    ids = Outline(page).ids
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in Outline(page).links if href.startswith("#")} <= set(ids)


def test_a_flood_does_not_fill_the_page() -> None:
    """The middle of a long output is left out, and the page says how much."""
    flood = "".join(f"line {n}\n" for n in range(1_000_000))
    page = html.render(report(outcome(STORAGE.steps[0], "gs1", Verdict.FAILED, output=flood)))
    assert len(page) < 200_000
    assert "characters left out" in page
    assert "line 999999" in page


def test_a_recording_is_played_in_the_page_by_a_script_of_its_own() -> None:
    """The content security policy allows that script only, by its hash."""
    run = recorded()
    path = run.outcomes[0].recording
    page = html.render(run, PageContext(recordings={path: cast((0.5, "hello\r\n"))}))
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert [attributes for attributes, _ in scripts] == [
        ' type="application/json" id="recordings"',
        "",
    ]
    assert json.loads(scripts[0][1]) == [{"w": 80, "h": 24, "e": [50, "hello\r\n"]}]
    fingerprint = base64.b64encode(hashlib.sha256(scripts[1][1].encode()).digest()).decode()
    assert f"script-src 'sha256-{fingerprint}'" in page
    assert "default-src 'none'" in page
    assert 'data-recording="0"' in page
    assert Outline(page).open == []


def test_what_a_recording_shows_cannot_end_its_element() -> None:
    """It is embedded without markup characters."""
    text = cast((0, HOSTILE + "</script><script>alert(1)</script>&lt;\u2028\ud800"))
    page = html.render(recorded("x.cast"), PageContext(recordings={"x.cast": text}))
    assert page.count("<script") == page.count("</script") == 2
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800]", page)
    assert "alert(1)" in page


def test_a_page_links_to_recordings_that_it_does_not_embed() -> None:
    """Those that are too long, unreadable or missing."""
    flood = cast(*((n, f"{n:0100}") for n in range(2000)))
    for recordings in ({}, {"a b.cast": flood}, {"a b.cast": "no recording"}):
        page = html.render(recorded("a b.cast"), PageContext(recordings=recordings))
        assert '<a href="recordings/a%20b.cast">a b.cast</a>, not embedded' in page
        assert "<script" not in page


def test_recordings_of_failures_are_embedded_first() -> None:
    """If there is not room for all, the others are left out."""
    steps = [
        evolve(outcome(STORAGE.steps[0], f"h{n}", Verdict.PROVEN), recording=f"{n}.cast")
        for n in range(9)
    ]
    steps.append(evolve(outcome(STORAGE.steps[0], "bad", Verdict.FAILED), recording="bad.cast"))
    text = cast(*((n, f"{n:0100}") for n in range(1000)))
    page = html.render(report(*steps), PageContext(recordings={o.recording: text for o in steps}))
    assert "not embedded" in page
    assert 'bad.cast">bad.cast</a></p>' in page
    assert len(page) < 1_000_000


def test_a_recording_is_compacted() -> None:
    """Simultaneous events are merged, colours removed, and long pauses shortened."""
    text = cast(
        (0.001, "a"), (0.02, "\x1b[1;31mb\x1b[0m"), (1.0, "c"), (61.0, "\x1b[2Kd"), (61.01, "e")
    )
    assert played(text)["e"] == [0, "ab", 100, "c", 200, "\x1b[2Kde"]


def test_a_truncated_recording_is_played_as_far_as_it_goes() -> None:
    """Its last line is incomplete."""
    assert played(cast((0, "a")) + '[1.0, "o", "b')["e"] == [0, "a"]
    for broken in ("", "[]", "{}", "[1]\n[0]", '{"width": "x", "height": 1}'):
        assert compact(broken) is None


def test_the_timeline_has_a_bar_for_each_step_that_was_tried_on_a_host() -> None:
    """With position and width; hosts are in the order of the lab."""
    run = good()
    found = timeline(step_results(run), run.run.hosts)
    assert found is not None
    assert found.seconds == 68.5
    assert [(row.host, len(row.bars)) for row in found.rows] == [("gs1", 5), ("gs2", 1)]
    bricks = found.rows[0].bars[3]
    assert (bricks.title, bricks.number, bricks.begin) == ("Make bricks", 4, 6)
    assert (bricks.left, bricks.width) == (8.76, 89.05)
    assert [tick.label for tick in found.ticks] == [
        "0:00",
        "0:10",
        "0:20",
        "0:30",
        "0:40",
        "0:50",
        "1:00",
    ]
    assert timeline((), ()) is None


def test_a_bar_has_a_description() -> None:
    """Verdict, step, start and duration, as in the table below."""
    page = html.render(bad())
    assert "✘ failed: Make peers, began at 0:04, took 1.5 s" in page
    assert "blocked: Make bricks" not in page
    assert "The timeline as a table" in page


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (65.9, "1:05"), (3661, "1:01:01")])
def test_elapsed_times_are_shown_as_on_a_clock(seconds: float, shown: str) -> None:
    """Minutes and seconds, and hours if there are any."""
    assert clock(seconds) == shown


def test_locations_link_to_the_guide_if_it_is_there() -> None:
    """To the source, and to the step on the rendered page; otherwise they are text."""
    peers = STORAGE.steps[0]
    context = PageContext(
        documents={"docs/storage.rst": "../../docs/storage.rst"},
        steps={peers.id: "../html/docs/storage.html#make-peers"},
    )
    page = html.render(bad(), context)
    assert '<a href="../../docs/storage.rst">docs/storage.rst:28</a>' in page
    assert '<a href="../html/docs/storage.html#make-peers">' in page
    assert "docs/names.rst:18" in page
    assert 'names.rst"' not in page
    assert {link[0] for link in Outline(html.render(bad())).links} == {"#"}


def test_hosts_that_skipped_a_step_are_grouped() -> None:
    """One line for all with the same reason."""
    look = NAMES.steps[1]
    hosts = [f"h{n}" for n in range(20)]
    run = report(*(outcome(look, h, Verdict.SKIPPED, seconds=0, reason="for el9") for h in hosts))
    assert html.render(run).count("for el9") == 1


@pytest.mark.parametrize("verdict", [Verdict.PROVEN, Verdict.FAILED])
def test_the_page_of_a_long_run_is_not_too_large(verdict: Verdict) -> None:
    """Sixty steps on four hosts with much output are less than 2 MB."""
    steps = tuple(evolve(NAMES.steps[0], id=f"names/{n}", title=f"Step {n}") for n in range(60))
    runbook = evolve(report().runbook, chapters=(evolve(NAMES, steps=steps),))
    printed = "".join(f"line {n} of <many>\n" for n in range(2000))
    outcomes = [
        evolve(outcome(step, f"gs{n}", verdict, output=printed), recording=f"{step.id}/{n}.cast")
        for step in steps
        for n in range(1, 5)
    ]
    text = cast(*((n / 10, f"line {n}\r\n") for n in range(2000)))
    context = PageContext(recordings={one.recording: text for one in outcomes})
    page = html.render(report(*outcomes, runbook=runbook), context)
    assert len(page.encode()) < 2_000_000
