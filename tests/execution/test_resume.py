"""A run goes on only from hosts that are what its next step expects."""

from __future__ import annotations

from attrs import evolve

from runbook.execution.keys import KeyedStep, keyed
from runbook.execution.resume import GoOn, Restorable, Restore, StartFresh, decide
from runbook.results.position import History, Position, Touched
from tests.support.steps import command, step

ONE, TWO, THREE = (step(name, f"touch /{name}") for name in ("one", "two", "three"))


def chained(*steps: object) -> tuple[KeyedStep, ...]:
    """These steps, all on host a."""
    return keyed([(one, [("a", "debian12")]) for one in steps], "lab")  # type: ignore[misc]


PLAN = chained(ONE, TWO, THREE)


def after(*done: KeyedStep, begun: KeyedStep | None = None) -> History:
    """The history of a lab on which these steps are done, and one is begun."""
    touched = {(k.key, "a"): Touched(k.step.id, Position.DONE, k.content) for k in done}
    if begun is not None:
        touched[begun.key, "a"] = Touched(begun.step.id, Position.BEGUN, begun.content)
    return History(known=True, touched=touched)


def checkpoint(name: str, *done: KeyedStep) -> Restorable:
    """A checkpoint of a lab on which these steps were done."""
    return Restorable(name, frozenset((k.key, "a") for k in done))


SAVED = [checkpoint("after-one", PLAN[0]), checkpoint("after-two", *PLAN[:2])]


def test_a_run_goes_on_after_what_is_done() -> None:
    """Nothing is typed twice."""
    assert decide(PLAN, after(), SAVED) == GoOn()
    assert decide(PLAN, after(*PLAN[:2]), SAVED) == GoOn()
    assert decide(PLAN, after(*PLAN), SAVED) == GoOn()


def test_a_step_that_was_begun_is_undone_by_the_newest_checkpoint_before_it() -> None:
    """Whether it failed or was killed, its hosts are not what it expects."""
    found = decide(PLAN, after(*PLAN[:2], begun=PLAN[2]), SAVED)
    assert isinstance(found, Restore)
    assert found.name == "after-two"
    assert "sample/three was begun on a" in found.why


def test_a_step_that_was_edited_begins_before_itself() -> None:
    """A checkpoint that holds its old form does not count."""
    edited = chained(ONE, evolve(TWO, actions=(command("touch /2"),)), THREE)
    found = decide(edited, after(*PLAN), SAVED)
    assert found == Restore("after-one", "sample/two was changed after it ran")


def test_a_step_that_is_no_more_in_the_guide_is_undone() -> None:
    """The hosts hold something that the guide does not say."""
    found = decide(chained(ONE, THREE), after(*PLAN[:2]), SAVED)
    assert isinstance(found, Restore)
    assert found.name == "after-one"


def test_without_a_checkpoint_the_hosts_are_made_anew() -> None:
    """And the reason is told."""
    found = decide(PLAN, after(begun=PLAN[0]), [])
    assert found == StartFresh("sample/one was begun on a and did not come to its end")


def test_hosts_of_which_nothing_is_known_are_not_gone_on_from() -> None:
    """A checkpoint is better than to begin from nothing."""
    assert decide(PLAN, History(), [], unknown="reverted") == StartFresh("reverted")
    assert decide(PLAN, History(), SAVED, unknown="reverted") == Restore("after-two", "reverted")


def test_steps_that_are_to_run_again_begin_before_themselves() -> None:
    """As `--from` asks."""
    found = decide(PLAN, after(*PLAN), SAVED, again=frozenset(k.key for k in PLAN[1:]))
    assert isinstance(found, Restore)
    assert found.name == "after-one"


def test_steps_that_are_independent_may_be_done_in_any_order() -> None:
    """One that was run alone with `--only` harms nothing."""
    free = chained(ONE, evolve(TWO, needs=()), THREE)
    assert decide(free, after(free[1]), []) == GoOn()
