"""Acting without a browser: by pages that break off, repeat themselves, are slow, or may not."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.server.viewer import WINDOW
from tests.support.live_page import Page
from tests.support.serving import Serving, making, write_guide
from tests.support.sshd import Server

LINES = 100_000
SLOW = ":needs: nothing"


@pytest.fixture(scope="module")
def acted(
    tmp_path_factory: pytest.TempPathFactory, servers: dict[str, Server]
) -> Iterator[Serving]:
    """A guide that is served to act on."""
    steps = (
        making("once", ("gs1",), "echo typed >> ~/typed", SLOW)
        + making("many", ("gs1",), f"seq -f 'line %.0f' {LINES}", SLOW)
        + making("endless", ("gs2",), "sleep 600", SLOW)
        + making("last", ("gs2",), "true", SLOW)
    )
    guide = write_guide(tmp_path_factory.mktemp("acted"), servers, steps)
    with Serving(guide, "--allow-run", "--every", "0") as serving:
        yield serving


def finished(page: Page, step: str) -> bool:
    """Wait until a step has come to its end, and return whether it holds."""
    while (page.values.get("last") or {}).get("step") != step:
        page.receive()
    return bool(page.values["last"]["good"])


def drain(page: Page) -> None:
    """Receive until nothing comes any more."""
    while True:
        page.receive(0.5)


def test_a_click_that_is_sent_again_runs_its_step_once(
    acted: Serving, home: dict[str, Path]
) -> None:
    """From the same connection, and from the next one after the first broke off unanswered."""
    first = Page(acted, "act", "ann")
    with first:
        assert first.wish("take", "take", name="ann")["ok"]
        run = {"verb": "run", "step": "one/make-once", "id": "click"}
        first.send(type="wish", **run)
        first.send(type="wish", **run)
    again = Page(acted, "act", "ann")
    with again:
        told = again.wish("click", "run", step="one/make-once")
        assert told["ok"], told
        assert finished(again, "one/make-once")
        assert again.wish("click", "run", step="one/make-once") == told
        assert (home["gs1"] / "typed").read_text() == "typed\n"
        assert again.values["seat"]["name"] == "ann"
        # Another click is another wish: the step is done, so it wants the host's name.
        assert "confirm" in again.wish("other", "run", step="one/make-once")["said"]


def test_only_the_one_who_took_the_seat_acts(acted: Serving) -> None:
    """Taking over is explicit, needs the right address, and is in the record."""
    with Page(acted, "act", "ann") as ann, Page(acted, "act", "bob") as bob:
        assert ann.wish("a1", "take", name="ann")["ok"]
        for verb in ("run", "skip", "by-hand", "note", "secret", "answer", "interrupt", "view"):
            refused = bob.wish(f"b-{verb}", verb, step="one/make-last", text="x", why="x")
            assert refused["said"] == "ann acts; take over first", verb
        assert not bob.wish("b1", "take", name="bob")["ok"]
        assert not bob.wish("b2", "take", name="bob", over="yes")["ok"]
        assert not bob.wish("b3", "take", name=" \n ", over=True)["ok"]
        assert bob.wish("b4", "take", name="bob", over=True)["ok"]
        assert not ann.wish("a2", "note", text="still there?")["ok"]
        with Page(acted, "look", "eve") as eve:
            assert "only shows" in eve.wish("e1", "take", name="eve", over=True)["said"]
            assert "only shows" in eve.wish("e2", "run", step="one/make-last")["said"]
        while not any("took over from ann" in one["text"] for one in bob.until("log")):
            bob.receive()


def test_one_thing_is_done_at_a_time_and_can_be_interrupted(acted: Serving) -> None:
    """What was interrupted counts as begun, and the next step can be run."""
    with Page(acted, "act", "ann") as page:
        page.wish("1", "take", name="ann", over=True)
        assert page.wish("2", "run", step="one/make-endless")["ok"]
        while "sleep" not in str((page.values.get("job") or {}).get("doing")):
            page.receive()
        assert "ann is at one/make-endless" in page.wish("3", "run", step="one/make-last")["said"]
        assert page.wish("4", "interrupt")["ok"]
        assert not finished(page, "one/make-endless")
        while page.values["position/one/make-endless"]["state"] != "begun":
            page.receive()
        assert page.wish("5", "run", step="one/make-last")["ok"]
        assert finished(page, "one/make-last")


def test_a_connection_to_a_host_that_breaks_ends_its_step_alone(
    acted: Serving, servers: dict[str, Server]
) -> None:
    """The step counts as begun and says why; whoever types the host's name can run it again."""
    with Page(acted, "act", "ann") as page:
        page.wish("c1", "take", name="ann", over=True)
        names = {"typed": "gs2", "hosts": ["gs2"]}
        assert page.wish("c2", "run", step="one/make-endless", **names)["ok"]
        while "sleep" not in str((page.values.get("job") or {}).get("doing")):
            page.receive()
        _, *links = servers["gs2"].processes()
        for link in links:
            with contextlib.suppress(ProcessLookupError):
                os.kill(link, signal.SIGKILL)
        assert not finished(page, "one/make-endless")
        while page.values["position/one/make-endless"]["state"] != "begun":
            page.receive()
        again = page.wish("c3", "run", step="one/make-last", hosts=["gs2"])
        assert "it is done on gs2 already" in str(again["said"]["confirm"]["reasons"])
        assert page.wish("c4", "run", step="one/make-last", **names)["ok"]
        page.values.pop("last")
        assert finished(page, "one/make-last")


def test_a_page_that_shows_nothing_is_sent_no_more_than_a_window(acted: Serving) -> None:
    """Another one has all that a step prints, at once; the slow one goes on when it comes back."""
    with Page(acted, "act", "ann") as ann, Page(acted, "look", "slow") as slow:
        slow.shows = False
        ann.wish("6", "take", name="ann", over=True)
        ann.wish("7", "run", step="one/make-many")
        assert finished(ann, "one/make-many")
        end = b"line %d\r\n" % LINES
        while not b"".join(d for n, _, d in ann.output if n == "gs1")[-4096:].count(end):
            ann.receive()
        finished(slow, "one/make-many")
        with pytest.raises(TimeoutError):
            drain(slow)
        sent = sum(len(data) for name, _, data in slow.output if name == "gs1")
        assert sent <= WINDOW
    back = Page(acted, "look", "slow")
    back.feed, back.seen, back.output = slow.feed, slow.seen, slow.output
    already = len(back.output)
    with back:
        while not b"".join(d for n, _, d in back.output if n == "gs1")[-4096:].count(end):
            back.receive()
    later = [one for one in back.output[already:] if one[0] == "gs1"]
    # What was dropped meanwhile is left out as a whole: what comes begins with a line.
    assert later[0][2].startswith(b"line ")
    text = b"".join(data for _, _, data in later).split(b"\r\n")
    numbers = [int(line[5:]) for line in text if line.startswith(b"line ")]
    assert numbers == list(range(numbers[0], LINES + 1))


def test_what_no_page_of_ours_wishes_is_refused(acted: Serving) -> None:
    """With an error that says why; nothing of it is done, and the server goes on."""
    with Page(acted, "act", "ann") as page:
        page.wish("8", "take", name="ann", over=True)
        for number, wish in enumerate(
            (
                {"verb": "run"},
                {"verb": "run", "step": "one/no-such-step"},
                {"verb": "run", "step": ["one/make-last"]},
                {"verb": "run", "step": "one/make-last", "hosts": "gs2"},
                {"verb": "run", "step": "one/make-last", "hosts": ["gs1"]},
                {"verb": "run", "step": "one/make-last", "hosts": ["../gs2"]},
                {"verb": "run", "step": "x" * 5000},
                {"verb": "skip", "step": "one/make-endless", "why": " "},
                {"verb": "answer", "question": "", "done": True},
                {"verb": "answer", "question": "x", "done": True},
                {"verb": "edit", "step": "one/make-last", "name": "x", "text": "y"},
                {"verb": "__init__"},
                {"verb": "close"},
            )
        ):
            answer = page.wish(f"n{number}", **wish)  # type: ignore[arg-type]
            assert not answer["ok"], wish
            assert answer["said"], wish
        assert page.wish("9", "note", text="all is well")["ok"]
