"""What a step says on one host."""

from __future__ import annotations

from runbook import values
from runbook.model import Dialogue, Host, Location, Override, Step, Turn

PLACE = Location("docs/page.rst", 3)
HOST = Host("gs2", "10.0.0.2", ("all", "bricks"), "el9")


def answered(*overrides: Override) -> tuple[str | None, str | None]:
    """Return answer and secret of a turn on gs2, an el9 host in the group bricks."""
    turn = Turn("Name:", "anybody", overrides=overrides)
    step = Step("page/step", "Step", PLACE, actions=(Dialogue("setup", PLACE, (turn,)),))
    (action,) = values.answers_for(step, HOST, "el9").actions
    assert isinstance(action, Dialogue)
    (found,) = action.turns
    assert found.overrides == ()
    return found.answer, found.secret


def test_an_answer_may_be_for_a_host_a_group_or_a_platform() -> None:
    """Each by its name; all that is named must fit."""
    assert answered(Override(on=("gs2",), answer="host")) == ("host", None)
    assert answered(Override(on=("bricks",), answer="group")) == ("group", None)
    assert answered(Override(platforms=("el9",), secret="s")) == (None, "s")
    assert answered(Override(on=("gs1",), answer="x")) == ("anybody", None)
    assert answered(Override(platforms=("el6",), answer="x")) == ("anybody", None)
    assert answered(Override(("gs2",), ("el6",), "x")) == ("anybody", None)


def test_the_first_answer_that_fits_counts() -> None:
    """Authors write the special case first."""
    assert answered(Override(on=("gs2",), answer="1"), Override(answer="2")) == ("1", None)


def test_a_captured_value_stands_for_its_placeholder_in_an_answer() -> None:
    """As in a command."""
    turn = Turn("Id:", "<vm-id>", overrides=(Override(answer="x<vm-id>"),))
    step = Step("page/step", "Step", PLACE, actions=(Dialogue("start", PLACE, (turn,)),))
    filled = values.fill_in(step, {"vm_id": "7"})
    assert filled.actions == (
        Dialogue("start", PLACE, (Turn("Id:", "7", overrides=(Override(answer="x7"),)),)),
    )
