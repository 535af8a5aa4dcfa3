"""What pages are sent: the state of the checks, each change once, however slow somebody is."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from runbook.server.feed import Feed
from runbook.server.scrollback import Scrollback
from tests.support.live_page import Page
from tests.support.serving import Serving


def test_a_page_gets_the_state_of_all_steps_and_then_what_changes(
    served: Serving, home: dict[str, Path]
) -> None:
    """Also after it was away: what changed meanwhile, and nothing that it has seen."""
    with Page(served) as page:
        page.until("left", 0)
        assert page.values["check/gs1/one/make-a"]["state"] == "holds"
        assert page.values["check/gs2/one/make-a"]["state"] == "differs"
        (check,) = page.values["check/gs2/one/make-a"]["checks"]
        assert check["sentence"] == "a is there"
        assert check["at"].startswith("one.rst:")
        assert "check/gs1/one/make-b" not in page.values
        assert page.values["guide"]["steps"]["one/make-b"]["address"] == "/one.html#make-b"
        assert page.values["host/gs1"]["reached"] is True
    (home["gs2"] / "a").write_text("")
    with Page(served, client="another") as another:
        another.wish("1", "look")
    back = Page(served)
    back.feed, back.seen, back.values = page.feed, page.seen, page.values
    with back:
        back.until("check/gs2/one/make-a")
        while back.values["check/gs2/one/make-a"]["state"] != "holds":
            back.receive()
        changed = [name for _, names in back.changes for name in names]
        assert "guide" not in changed
        assert "check/gs1/one/make-a" not in changed
    (home["gs2"] / "a").unlink()


def test_a_wish_that_arrives_twice_is_answered_twice_and_fulfilled_once(served: Serving) -> None:
    """It is the same to a page that lost its connection in between."""
    with Page(served) as first:
        first.until("left", 0)
        told = first.wish("again", "look")
    second = Page(served)
    second.feed, second.seen = first.feed, first.seen
    with second:
        second.receive()
        assert second.wish("again", "look") == told
        with pytest.raises(TimeoutError):
            second.receive(0.5)


def test_a_page_that_takes_nothing_holds_up_no_other(served: Serving) -> None:
    """Nor does one that never says who it is."""
    with ExitStack() as stack:
        for number in range(20):
            address = ("127.0.0.1", served.port)
            stack.enter_context(socket.create_connection(address))
            if number < 5:
                stack.enter_context(Page(served, client=f"stuck{number}"))
        page = stack.enter_context(Page(served, client="quick"))
        assert page.wish("1", "look")["ok"]


def test_twenty_pages_see_the_same(served: Serving) -> None:
    """Each has what all have, at the end."""
    with ExitStack() as stack:
        pages = [stack.enter_context(Page(served, client=f"viewer{n}")) for n in range(20)]
        pages[0].wish("twenty", "look")
        for page in pages:
            page.until("guide")
            page.until("left", 0)
        held = [{k: v for k, v in page.values.items() if k.startswith("check/")} for page in pages]
        assert all(one == held[0] for one in held)
        assert len(held[0]) == 5


def test_a_feed_tells_what_changed_since_and_never_more_than_there_is() -> None:
    """What changed a thousand times is told once; what became nothing is told as well."""
    feed = Feed()
    feed.set({"a": 1, "b": 1})
    seen = feed.number
    for number in range(1000):
        feed.set({"a": number})
    feed.set({"b": None})
    assert [(one.name, one.value) for one in feed.since(seen)] == [("a", 999), ("b", None)]
    assert [one.name for one in feed.since(0)] == ["a", "b"]
    last = feed.number
    feed.set({"a": 999})
    assert feed.number == last


def test_a_terminal_keeps_what_came_last_and_goes_on_where_a_reader_was() -> None:
    """Who missed too much begins with a whole line; who says nonsense does so as well."""
    kept = Scrollback(kept=1000)
    kept.write(b"first line\n")
    assert kept.read(0, 100) == (0, b"first line\n")
    assert kept.read(6, 100) == (6, b"line\n")
    assert kept.read(11, 100) == (11, b"")
    for number in range(1000):
        kept.write(b"line %d\n" % number)
    assert kept.end == 11 + sum(len(b"line %d\n" % number) for number in range(1000))
    at, data = kept.read(11, 10_000_000)
    assert data.startswith(b"line ")
    assert data.endswith(b"line 999\n")
    assert at + len(data) == kept.end
    assert len(data) < 70_000
    assert kept.read(kept.end + 5, 100)[0] <= kept.end
    assert kept.read(at + 3, 5) == (at + 3, data[3:8])
