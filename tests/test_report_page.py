"""The page of a run, for people: one file that says everything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from attrs import evolve

from runbook.report import html
from runbook.report.html import Around
from runbook.report.playback import compact
from runbook.report.timeline import clock, timeline
from runbook.result import Report, Verdict
from runbook.summary import step_results

from .golden import assert_matches
from .reports import HOSTILE, NAMES, STORAGE, bad, good, outcome, report


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
    """What a page is made of: its elements, and what it would fetch or run."""

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
def test_the_page_is_whole_and_needs_nothing_else(run: Report) -> None:
    """Elements are closed in order; nothing is fetched and nothing is executed."""
    page = html.render(run)
    outline = Outline(page)
    assert outline.open == []
    assert not outline.elements & {"script", "link", "img", "iframe", "object"}
    assert "script-src" not in page
    assert not outline.attributes & {"src", "onclick", "onload"}
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_shows_hostile_text_as_text() -> None:
    """Titles, reasons, outputs and names of hosts are escaped wherever they stand."""
    failed = outcome(STORAGE.steps[0], "<b>gs1</b>", Verdict.FAILED, reason=HOSTILE, output=HOSTILE)
    page = html.render(report(failed))
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert "&lt;b&gt;gs1&lt;/b&gt;" in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)


@pytest.mark.parametrize("name", ["good", "bad"])
def test_the_page_reads_to_the_letter_like_the_sample(name: str) -> None:
    """A change of the page is seen and meant."""
    runs = {"good": ("report/good.html", good()), "bad": ("report/bad.html", bad())}
    sample, run = runs[name]
    assert_matches(sample, html.render(run))


def test_what_went_wrong_stands_before_all_else() -> None:
    """A reader in a hurry sees what was expected, what came, and the guide's line."""
    page = html.render(bad())
    trouble = page[page.index("What went wrong") : page.index('id="timeline"')]
    assert page.index("What went wrong") < page.index('id="timeline"') < page.index("chapter-1")
    for told in (
        "Make peers",
        "docs/storage.rst:20",
        "Expected: make-peers is done",
        "assert &#39;done&#39; in &#39;&#39;",
        "do make-peers",
        "gs2: the host is gone",
    ):
        assert told in trouble
    assert '<details class="step failed" open>' in page
    assert "What went wrong" not in html.render(good())


def test_each_step_is_told_in_full_once() -> None:
    """What went wrong leads to it, instead of repeating all."""
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
    """Nothing else may run: the page names the one script by its fingerprint."""
    run = recorded()
    path = run.outcomes[0].recording
    page = html.render(run, Around(recordings={path: cast((0.5, "hello\r\n"))}))
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
    """No sign of a recording is one of the page's."""
    text = cast((0, HOSTILE + "</script><script>alert(1)</script>&lt;\u2028\ud800"))
    page = html.render(recorded("x.cast"), Around(recordings={"x.cast": text}))
    assert page.count("<script") == page.count("</script") == 2
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800]", page)
    assert "alert(1)" in page


def test_a_page_without_its_recordings_says_so() -> None:
    """Too long, unreadable or gone: the reader is told where it should be."""
    flood = cast(*((n, f"{n:0100}") for n in range(2000)))
    for recordings in ({}, {"a b.cast": flood}, {"a b.cast": "no recording"}):
        page = html.render(recorded("a b.cast"), Around(recordings=recordings))
        assert '<a href="recordings/a%20b.cast">a b.cast</a>, left out of this page' in page
        assert "<script" not in page


def test_recordings_of_trouble_are_embedded_first() -> None:
    """Where there is not room for all, those are left out that nobody needs."""
    steps = [
        evolve(outcome(STORAGE.steps[0], f"h{n}", Verdict.PROVEN), recording=f"{n}.cast")
        for n in range(9)
    ]
    steps.append(evolve(outcome(STORAGE.steps[0], "bad", Verdict.FAILED), recording="bad.cast"))
    text = cast(*((n, f"{n:0100}") for n in range(1000)))
    page = html.render(report(*steps), Around(recordings={o.recording: text for o in steps}))
    assert "left out of this page" in page
    assert 'bad.cast">bad.cast</a></p>' in page
    assert len(page) < 1_000_000


def test_a_recording_is_made_small() -> None:
    """What comes at once is one event, colours go, and nobody waits for long pauses."""
    text = cast(
        (0.001, "a"), (0.02, "\x1b[1;31mb\x1b[0m"), (1.0, "c"), (61.0, "\x1b[2Kd"), (61.01, "e")
    )
    assert played(text)["e"] == [0, "ab", 100, "c", 200, "\x1b[2Kde"]


def test_a_recording_that_was_cut_short_is_played_as_far_as_it_goes() -> None:
    """Its last line is half a line."""
    assert played(cast((0, "a")) + '[1.0, "o", "b')["e"] == [0, "a"]
    for broken in ("", "[]", "{}", "[1]\n[0]", '{"width": "x", "height": 1}'):
        assert compact(broken) is None


def test_the_timeline_has_a_bar_for_each_step_that_was_tried_on_a_host() -> None:
    """Where it stands, how wide it is, and hosts in the order of the lab."""
    run = good()
    found = timeline(step_results(run), run.run.hosts)
    assert found is not None
    assert found.seconds == 68.5
    assert [(row.host, len(row.bars)) for row in found.rows] == [("gs1", 5), ("gs2", 1)]
    bricks = found.rows[0].bars[3]
    assert (bricks.title, bricks.number, bricks.begin) == ("Make bricks", 4, 6)
    assert (bricks.left, bricks.width) == (8.76, 89.05)
    assert [mark.label for mark in found.marks] == [
        "0:00",
        "0:10",
        "0:20",
        "0:30",
        "0:40",
        "0:50",
        "1:00",
    ]
    assert timeline((), ()) is None


def test_a_bar_says_in_words_what_it_shows() -> None:
    """Verdict, step, when and how long; the table below says the same."""
    page = html.render(bad())
    assert "✘ failed: Make peers, began at 0:04, took 1.5 s" in page
    assert "blocked: Make bricks" not in page
    assert "The timeline as a table" in page


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (65.9, "1:05"), (3661, "1:01:01")])
def test_times_are_shown_as_clocks_show_them(seconds: float, shown: str) -> None:
    """Minutes and seconds, and hours if there are any."""
    assert clock(seconds) == shown


def test_lines_of_the_guide_are_links_where_the_guide_is_near() -> None:
    """To the source, and to the step on the rendered page; elsewhere they are text."""
    peers = STORAGE.steps[0]
    around = Around(
        documents={"docs/storage.rst": "../../docs/storage.rst"},
        steps={peers.id: "../html/docs/storage.html#make-peers"},
    )
    page = html.render(bad(), around)
    assert '<a href="../../docs/storage.rst">docs/storage.rst:28</a>' in page
    assert '<a href="../html/docs/storage.html#make-peers">' in page
    assert "docs/names.rst:18" in page
    assert 'names.rst"' not in page
    assert {link[0] for link in Outline(html.render(bad())).links} == {"#"}


def test_hosts_for_which_a_step_is_not_are_told_together() -> None:
    """One line for all that have the same reason."""
    look = NAMES.steps[1]
    hosts = [f"h{n}" for n in range(20)]
    run = report(*(outcome(look, h, Verdict.SKIPPED, seconds=0, reason="for el9") for h in hosts))
    assert html.render(run).count("for el9") == 1


@pytest.mark.parametrize("verdict", [Verdict.PROVEN, Verdict.FAILED])
def test_a_long_run_is_a_page_that_a_browser_likes(verdict: Verdict) -> None:
    """Sixty steps on four hosts that print and show much are less than 2 MB."""
    steps = tuple(evolve(NAMES.steps[0], id=f"names/{n}", title=f"Step {n}") for n in range(60))
    runbook = evolve(report().runbook, chapters=(evolve(NAMES, steps=steps),))
    printed = "".join(f"line {n} of <many>\n" for n in range(2000))
    outcomes = [
        evolve(outcome(step, f"gs{n}", verdict, output=printed), recording=f"{step.id}/{n}.cast")
        for step in steps
        for n in range(1, 5)
    ]
    text = cast(*((n / 10, f"line {n}\r\n") for n in range(2000)))
    around = Around(recordings={one.recording: text for one in outcomes})
    page = html.render(report(*outcomes, runbook=runbook), around)
    assert len(page.encode()) < 2_000_000
