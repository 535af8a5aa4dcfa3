"""Whatever front end calls it, a session keeps the order, demands names, and says who did what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runbook.errors import RunbookError
from runbook.following import (
    ConfirmationNeeded,
    FileView,
    FollowError,
    FollowSession,
    SecretsNeeded,
    StepState,
    open_following,
)
from runbook.results import Outcome, Verdict
from runbook.results.log import Deed
from tests.support.guides import CLUSTER, DESTROY, Guide, making
from tests.support.secret_search import files_with

WRITE = """
    .. step:: Configure
       :on: box

       Settings that the service reads at its start.

       .. file:: PLACE/conf

          mode = fast
          level = 2
"""
UNDO = """
    .. step:: Clean up
       :on: box
       :undo:

       .. code-block:: console

          # rm PLACE/one

       .. check:: one is gone

          assert not host.file("PLACE/one").exists
"""
SECRET = """
    .. step:: Log in
       :on: box

       .. code-block:: console

          # printf '%s\\n' <secret:admin> > PLACE/key

       .. check:: the key is there

          assert host.file("PLACE/key").exists
"""


ASKS = """
    .. step:: Introduce yourself
       :on: box

       .. code-block:: console

          # read -p "Your name: " name; echo "$name by |gateway|" > PLACE/name
          Your name: ann

       .. answers::

          :Your name: ``ann``

       .. check:: it is known

          assert host.file("PLACE/name").exists
"""


@contextmanager
def following(guide: Guide, who: str = "ann@desk") -> Iterator[FollowSession]:
    """A session of somebody on this machine."""
    with open_following(guide.directory, "local", who=who) as session:
        yield session


def run(session: FollowSession, step: str, typed: str = "") -> Verdict:
    """Run a step, and return its verdict on the guide's one host."""
    told = [e for e in session.run(step, typed=typed) if isinstance(e, Outcome)]
    return told[-1].verdict


def state(session: FollowSession, step: str) -> StepState:
    """How far a step came."""
    return session.position(step).state


def test_a_chapter_is_followed_and_taken_up_by_somebody_else(tmp_path: Path) -> None:
    """Every way to settle a step is known to the next one who opens the guide, with who did it."""
    guide = Guide(tmp_path, making("one"), making("two"), making("three"), making("four"))
    with following(guide) as session:
        present = session.present()
        assert present is not None
        assert present.step.id == "index/make-one"
        assert [c.held for c in session.check("index/make-one")["box"]] == [False]
        with pytest.raises(FollowError, match="first comes index/make-one, which is untouched"):
            session.run("index/make-two")
        assert run(session, "index/make-one") is Verdict.PROVEN
        with pytest.raises(FollowError, match=r"not true that two is there.*Skip it"):
            session.by_hand("index/make-two", "from the backup")
        (guide.place / "two").touch()
        with pytest.raises(FollowError, match="say why"):
            session.by_hand("index/make-two", " ")
        session.by_hand("index/make-two", "from the backup")
        session.note("the disk is slow", "index/make-two")
        session.pause("lunch")
    with following(guide, "bob@night") as session:
        session.skip("index/make-three", "not on this site")
        (guide.place / "four").touch()
        assert run(session, "index/make-four") is Verdict.SATISFIED
        assert session.present() is None
        assert [one.state for one in session.positions()] == [
            StepState.DONE, StepState.BY_HAND, StepState.SKIPPED, StepState.SATISFIED,
        ]  # fmt: skip
        two, three = (session.position(f"index/make-{n}").hosts[0] for n in ("two", "three"))
        assert (two.who, two.why) == ("ann@desk", "from the backup")
        assert (three.who, three.why) == ("bob@night", "not on this site")
        assert all(end.check.held for end in session.end_state())
        who = [(one.who, one.deed) for one in session.log()]
        assert ("ann@desk", Deed.PAUSED) in who
        assert who.index(("ann@desk", Deed.RAN)) < who.index(("bob@night", Deed.SKIPPED))
    # What was settled otherwise is settled for `run` as well, but not what was left out.
    guide.call("run")
    assert guide.verdicts() == {
        "make-one": "proven", "make-two": "satisfied", "make-three": "proven",
        "make-four": "satisfied",
    }  # fmt: skip


def test_a_step_that_may_do_damage_wants_the_name_of_its_host(tmp_path: Path) -> None:
    """No front end can forget it: without the name nothing is typed, and that is recorded."""
    guide = Guide(tmp_path, DESTROY)
    (guide.place / "old").mkdir()
    with following(guide) as session:
        demand = session.demand("index/remove-all")
        assert demand.hosts == ("box",)
        assert "rm" in demand.reasons[0]
        for typed in ("", "yes", "box box2"):
            with pytest.raises(ConfirmationNeeded, match="type the names of its hosts: box"):
                session.run("index/remove-all", typed=typed)
        assert (guide.place / "old").exists()
        assert run(session, "index/remove-all", "box") is Verdict.PROVEN
        deeds = [one.deed for one in session.log()]
        assert deeds == [Deed.OPENED, *[Deed.REFUSED] * 2, Deed.CONFIRMED, Deed.RAN]
        assert session.view("index/remove-all").purpose == "The old data has to go."


def test_a_file_is_shown_as_a_difference_from_what_is_there(tmp_path: Path) -> None:
    """Before a step runs one sees what it will change, with the guide's words on why."""
    guide = Guide(tmp_path, WRITE)
    (guide.place / "conf").write_text("mode = slow\nlevel = 2\n")
    with following(guide) as session:
        view = session.view("index/configure")
        (shown,) = view.hosts[0].actions
        assert isinstance(shown, FileView)
        assert shown.diff.splitlines()[2:] == [
            "@@ -1,2 +1,2 @@", "-mode = slow", "+mode = fast", " level = 2",
        ]  # fmt: skip
        assert view.purpose == "Settings that the service reads at its start."
        run(session, "index/configure")
        again = session.view("index/configure").hosts[0].actions[0]
        assert isinstance(again, FileView)
        assert again.diff == ""


def test_a_secret_that_was_typed_is_stored_nowhere(tmp_path: Path) -> None:
    """It is asked for before the step, typed into the shell, and in no file of the guide."""
    guide = Guide(tmp_path, SECRET)
    secret = "correct-horse-battery"
    with following(guide) as session:
        assert session.view("index/log-in").secrets == ("admin",)
        with pytest.raises(SecretsNeeded, match="it needs the secrets admin"):
            session.run("index/log-in")
        session.give_secret("admin", secret)
        session.note(f"the password is {secret}")
        assert run(session, "index/log-in") is Verdict.PROVEN
    assert (guide.place / "key").read_text() == f"{secret}\n"
    assert files_with(guide.directory, secret) == []
    stored = (guide.results / ".known-secrets").read_text().splitlines()
    assert len(stored) == 2, "only since when, and the key"


def test_a_value_that_was_edited_is_typed_and_kept_for_who_comes_next(tmp_path: Path) -> None:
    """An answer, and an address of the cluster file; the guide itself stays as it is."""
    cluster = f"{CLUSTER}values: {{gateway: 192.0.2.1}}\n"
    guide = Guide(tmp_path, ASKS, cluster=cluster)
    step = "index/introduce-yourself"
    with following(guide) as session:
        found = {one.name: one.text for one in session.values_of(step)}
        assert found == {"gateway": "192.0.2.1", "Your name:": "ann"}
        with pytest.raises(FollowError, match="there is no value 'port' to edit; there are: gate"):
            session.edit(step, "port", "1")
        session.edit(step, "Your name:", "bob")
    with following(guide, "bob") as session:
        session.edit(step, "gateway", "192.0.2.9")
        assert [one.edited for one in session.values_of(step)] == [True, True]
        assert run(session, step) is Verdict.PROVEN
    assert (guide.place / "name").read_text() == "bob by 192.0.2.9\n"
    (done,) = guide.outcomes()
    assert done["edited"] == ["Your name:", "gateway"]
    assert "nothing to save" in guide.call("evidence", "--lab", "local").stderr


def test_what_was_done_is_undone_and_done_again(tmp_path: Path) -> None:
    """The undo of a chapter is offered once there is something to undo, and then the chapter."""
    guide = Guide(tmp_path, making("one"), UNDO)
    with following(guide) as session:
        offer = session.undo_offer("index/make-one")
        assert offer is not None
        assert offer.refused == "nothing of this chapter was done here"
        run(session, "index/make-one")
        offer = session.undo_offer("index/make-one")
        assert offer is not None
        assert (offer.steps, offer.refused) == (("index/clean-up",), "")
        assert run(session, "index/clean-up") is Verdict.PROVEN
        assert state(session, "index/make-one") is StepState.UNTOUCHED
        offer = session.undo_offer("index/make-one")
        assert offer is not None
        assert offer.refused == "it is undone already"
        assert run(session, "index/make-one") is Verdict.PROVEN
        assert state(session, "index/clean-up") is StepState.UNTOUCHED


def test_a_step_that_is_interrupted_counts_as_begun(tmp_path: Path) -> None:
    """The session goes on: what ran has ended, and to run it again the host's name is typed."""
    guide = Guide(tmp_path, making("one", command="[ -e PLACE/go ] || { echo here; sleep 600; }"))
    printed = threading.Event()

    def watch(host: str, data: bytes) -> None:
        if b"here" in data.replace(b"echo here", b"") and host == "box":
            printed.set()

    with open_following(guide.directory, "local", who="ann", watching=watch) as session:
        interrupter = threading.Thread(
            target=lambda: printed.wait(30) and session.interrupt(who="bob")
        )
        interrupter.start()
        assert run(session, "index/make-one") is Verdict.ERROR
        interrupter.join()
        assert state(session, "index/make-one") is StepState.BEGUN
        (guide.place / "go").touch()
        with pytest.raises(ConfirmationNeeded, match="was begun on box and did not"):
            session.run("index/make-one")
        assert run(session, "index/make-one", "box") is Verdict.PROVEN
        interrupted = [one.who for one in session.log() if one.deed is Deed.INTERRUPTED]
        assert interrupted == ["bob"]


def test_one_acts_and_others_look(tmp_path: Path) -> None:
    """Whoever may only look sees the same, and can do nothing; a second one who acts is refused."""
    guide = Guide(tmp_path, making("one"))
    with following(guide) as session:
        run(session, "index/make-one")
        with pytest.raises(RunbookError, match="is in use by process"), following(guide, "bob"):
            pass
        with open_following(guide.directory, "local", act=False) as looking:
            assert state(looking, "index/make-one") is StepState.DONE
            assert looking.evaluate("index/make-one")["box"][0].held
            session.note("all is well")
            looking.refresh()
            assert looking.log()[-1].text == "all is well"
            with pytest.raises(RunbookError, match="may only look"):
                looking.note("hello")
