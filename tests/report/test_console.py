"""The progress and the summary of a run, on a terminal and in a log."""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve

from runbook.report.console import Console
from runbook.report.summary_table import sentence
from runbook.results import Event, Phase, Report, Started, Verdict
from runbook.results.estimate import Estimate
from tests.support.golden import assert_matches
from tests.support.paths import SAMPLES
from tests.support.reports import HOSTILE, NAMES, RUNBOOK, STORAGE, bad, good, outcome, report


def logged(run: Report, *events: Event) -> str:
    """The log of a run; without `events`, of all its outcomes."""
    stream = io.StringIO()
    console = Console(stream, run.runbook)
    with console.live():
        for event in events or run.outcomes:
            console.show(event)
    console.show_summary(run)
    return stream.getvalue()


@contextmanager
def terminal(columns: int = 120) -> Iterator[tuple[io.TextIOWrapper, Callable[[], str]]]:
    """A real terminal to write on, and a function that closes it and returns what was written."""
    master, slave = os.openpty()
    received = bytearray()

    def read() -> None:
        try:
            while data := os.read(master, 4096):
                received.extend(data)
        except OSError:
            return  # the other side is closed

    reader = threading.Thread(target=read)
    reader.start()
    stream = io.TextIOWrapper(open(slave, "wb", buffering=0), "utf-8", write_through=True)  # noqa: PTH123, SIM115

    def end() -> str:
        stream.close()
        reader.join()
        return received.decode().replace("\r\n", "\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", str(columns))
        for name in ("NO_COLOR", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        try:
            yield stream, end
        finally:
            end()
            os.close(master)


def plain(text: str) -> str:
    """Text without the terminal's own colours and movements."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_a_log_has_one_line_for_each_step_and_host_and_a_summary_table() -> None:
    """The log of a good run equals the sample."""
    assert_matches("report/good.log", logged(good()))


def test_a_log_explains_failures_at_once() -> None:
    """The log of a bad run equals the sample: expected, found, file and line."""
    assert_matches("report/bad.log", logged(bad()))


def test_a_long_log_tells_at_its_end_why_the_first_step_failed() -> None:
    """Who reads the last lines of a log needs no others; a short log does not say it twice."""
    reason = "the package was not found"
    failed = outcome(STORAGE.steps[0], "gs1", Verdict.FAILED, reason=reason)
    others = [outcome(NAMES.steps[0], f"gs{n}", Verdict.PROVEN) for n in range(2, 30)]
    text = logged(report(failed, *others))
    assert text.count(reason) == 2
    assert text.rindex(reason) > text.rindex("vacuous"), "the second time, after the table"
    assert logged(report(failed, *others[:3])).count(reason) == 1


def test_a_log_leaves_out_what_begins() -> None:
    """Only finished steps have a line."""
    begun = Started("storage/make-peers", "gs1", Phase.ACTING, "1/1 do make-peers")
    assert logged(report(), begun) == logged(report())


def test_output_of_a_host_cannot_control_the_terminal() -> None:
    """Escape sequences, markup and control characters arrive as text."""
    failed = outcome(STORAGE.steps[0], "gs1", Verdict.FAILED, output=HOSTILE, reason=HOSTILE)
    text = logged(report(failed))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    assert "[red]markup[/red]" in text
    assert "␛]0;owned␇red" in text


def test_of_a_flood_the_last_lines_are_shown() -> None:
    """The log says how many lines were left out."""
    flood = "".join(f"line {n}\n" for n in range(100_000))
    text = logged(report(outcome(STORAGE.steps[0], "gs1", Verdict.FAILED, output=flood)))
    assert "line 99999" in text
    assert "[99985 lines before]" in text
    assert len(text.splitlines()) < 60


def test_a_log_that_cannot_encode_a_character_is_still_written() -> None:
    """An ASCII log gets question marks, not a traceback."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    console = Console(stream, RUNBOOK)
    console.log("gs1: größer")
    console.show(outcome(STORAGE.steps[0], "gs1", Verdict.FAILED, output="größer\n"))
    console.show_summary(good())
    stream.flush()
    assert b"gr??er" in raw.getvalue()


def test_a_terminal_gets_one_line_for_each_finished_step() -> None:
    """Hosts are grouped by verdict."""
    with terminal() as (stream, end):
        console = Console(stream, RUNBOOK)
        with console.live():
            for event in good().outcomes:
                console.show(event)
        console.show_summary(good())
        lines = plain(end()).splitlines()
    found = [line.rstrip() for line in lines if line.startswith(("✔", "✓", "="))]
    assert found == [
        "✔ proven    Set the names  docs/names.rst:10  gs1 gs2  1.5 s",
        "✓ passed    Look around  docs/names.rst:30  gs1  skipped gs2  1.5 s"
        "  needs fuse, which gs2 lacks",
        "✔ proven    Make peers  docs/storage.rst:20  gs1  1.5 s  5 changes, 3 unchecked",
        "✔ proven    Make bricks  docs/storage.rst:40  gs1  1 min 01 s",
        "= satisfied Make volume  docs/storage.rst:60  gs1  1.5 s",
    ]


def test_a_terminal_shows_what_runs_and_what_failed() -> None:
    """Step, host, phase and command are shown while they run; a failure is explained at once."""
    peers = STORAGE.steps[0]
    with terminal() as (stream, end):
        console = Console(stream, RUNBOOK)
        with console.live():
            console.show(Started(peers.id, "gs1", Phase.ACTING, "1/1 do make-peers"))
            console.log("something else")
            console.show(outcome(peers, "gs1", Verdict.FAILED, output=HOSTILE))
        text = plain(end())
    assert "3/5  Make peers  docs/storage.rst:20" in text
    assert re.search(r"gs1 +running +0\.0 s +1/1 do make-peers", text)
    assert "expected  make-peers is done  (docs/storage.rst:28)" in text
    assert "\x1b]" not in text


def test_a_terminal_shows_the_estimated_time_left() -> None:
    """Elapsed time and time left; without earlier runs only the former."""
    names, peers, volume = NAMES.steps[0], STORAGE.steps[0], STORAGE.steps[2]
    for pace, expected in (
        (
            Estimate({names.id: 500, peers.id: 100, volume.id: 140}),
            "0.0 s so far, about 4 min left",
        ),
        (Estimate({peers.id: 0.0}), "0.0 s so far, longer than the last time"),
        (Estimate(), "0.0 s so far"),
    ):
        with terminal() as (stream, end):
            console = Console(stream, RUNBOOK)
            console.set_estimate(pace)
            with console.live():
                console.show(Started(peers.id, "gs1", Phase.CHECKING))
            lines = [line.strip() for line in plain(end()).splitlines()]
        assert expected in lines


def test_a_log_has_no_estimates() -> None:
    """They would be out of date when the log is read."""
    stream = io.StringIO()
    console = Console(stream, RUNBOOK)
    console.set_estimate(Estimate({one.id: 10 for one in RUNBOOK.steps()}))
    run = good()
    with console.live():
        console.show(Started(NAMES.steps[0].id, "gs1", Phase.ACTING))
        for event in run.outcomes:
            console.show(event)
    console.show_summary(run)
    assert stream.getvalue() == logged(run)


def test_a_question_to_the_operator_has_the_terminal_for_itself() -> None:
    """The live display is hidden while something else uses the terminal."""
    peers = STORAGE.steps[0]
    with terminal() as (stream, end):
        console = Console(stream, RUNBOOK)
        with console.live():
            console.show(Started(peers.id, "gs1", Phase.CHECKING))
            with console.suspended():
                stream.write("ASK")
            console.show(outcome(peers, "gs1", Verdict.PROVEN))
        text = plain(end())
    assert "ASK" in text
    assert "✔ proven    Make peers" in text


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (good(), "3 steps proven and 1 step passed on 2 hosts, 1 already satisfied; "
         "nothing failed."),
        (bad(), "1 step failed, the first at docs/storage.rst:20 on gs1; "
         "1 step could not be tried; 1 step blocked; 0 steps proven."),
        (report(), "Nothing failed, but nothing was proven or passed: no step was run."),
        (report(outcome(NAMES.steps[0], "gs1", Verdict.SATISFIED)),
         "Nothing failed, but nothing was proven or passed: 1 already satisfied."),
        (report(outcome(NAMES.steps[0], "stand-in", Verdict.REHEARSED),
                outcome(NAMES.steps[1], "stand-in", Verdict.CHECKED)),
         "2 steps: 1 rehearsed and 1 checked; nothing failed. This proves nothing."),
        (report(outcome(NAMES.steps[0], "stand-in", Verdict.CHECKED)),
         "1 step: 1 checked; nothing failed. This proves nothing."),
        (report(outcome(NAMES.steps[0], "gs1", Verdict.PROVEN), finished=False),
         "The run did not finish (4 steps not reached); 1 step proven."),
        (report(evolve(outcome(NAMES.steps[0], "gs1", Verdict.PROVEN), resumed=True)),
         "1 step proven on 1 host, all by an earlier run; nothing failed."),
    ],
)  # fmt: skip
def test_the_last_sentence_is_the_result_of_the_run(run: Report, expected: str) -> None:
    """Failures come first."""
    assert sentence(run) == expected


def test_a_directory_of_samples_is_complete() -> None:
    """Every sample of a report is compared in a test of this directory."""
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    samples = (SAMPLES / "report").iterdir()
    assert [path.name for path in samples if f"report/{path.name}" not in tests] == []
