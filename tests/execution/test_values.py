"""What a step says on one host."""

from __future__ import annotations

import pytest

from runbook.execution.actions import values
from runbook.model import Capture, Command, Dialogue, Host, Location, Override, Step, Turn

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
    assert answered(Override(platforms=("el",), answer="any")) == ("any", None)
    assert answered(Override(on=("gs1",), answer="x")) == ("anybody", None)
    assert answered(Override(platforms=("el6",), answer="x")) == ("anybody", None)
    assert answered(Override(("gs2",), ("el6",), "x")) == ("anybody", None)


def test_the_first_answer_that_fits_counts() -> None:
    """Authors write the special case first."""
    assert answered(Override(on=("gs2",), answer="1"), Override(answer="2")) == ("1", None)


def captures(**found: str) -> values.Captures:
    """What the step `page/take` has captured as `vm_id`, by host."""
    taken = values.Captures()
    taken.declare(Step("page/take", "Take", PLACE, capture=Capture("vm_id")))
    for host, value in found.items():
        taken.take(host, {"vm_id": value})
    return taken


def typed(text: str, known: values.Captures, host: str = "gs2") -> str:
    """A command as it is typed on a host."""
    step = Step("page/step", "Step", PLACE, actions=(Command(text, PLACE),))
    (action,) = known.fill_in(step, host).actions
    return action.text if isinstance(action, Command) else ""


def test_a_captured_value_stands_for_its_placeholder_in_an_answer() -> None:
    """As in a command."""
    turn = Turn("Id:", "<vm-id>", overrides=(Override(answer="x<vm-id>"),))
    step = Step("page/step", "Step", PLACE, actions=(Dialogue("start", PLACE, (turn,)),))
    filled = captures(gs1="7").fill_in(step, "gs2")
    assert filled.actions == (
        Dialogue("start", PLACE, (Turn("Id:", "7", overrides=(Override(answer="x7"),)),)),
    )


def test_a_value_that_one_host_captured_is_for_all() -> None:
    """As is one on which all agree."""
    assert typed("start <vm-id>", captures(gs1="7")) == "start 7"
    assert typed("start <vm-id>", captures(gs1="7", gs3="7")) == "start 7"


def test_of_several_values_a_host_takes_its_own() -> None:
    """A step that captures on each host is followed by one that uses it there."""
    assert typed("start <vm-id>", captures(gs1="7", gs2="8")) == "start 8"


def test_the_value_of_another_host_is_named_with_it() -> None:
    """`<gs1:vm-id>` is that of gs1, wherever it is typed."""
    assert typed("start <gs1:vm-id>", captures(gs1="7", gs2="8")) == "start 7"


def test_an_ambiguous_value_is_an_error_that_says_what_to_write() -> None:
    """Nobody can know which of two is meant on a third host."""
    with pytest.raises(values.ValueMissingError, match="write for example <gs1:vm-id>"):
        typed("start <vm-id>", captures(gs1="7", gs3="8"))


def test_a_value_that_was_not_captured_is_never_typed_as_its_placeholder() -> None:
    """`<vm-id>` would be a redirection to the shell."""
    with pytest.raises(values.ValueMissingError, match="page/take did not run"):
        typed("start <vm-id>", captures())
    with pytest.raises(values.ValueMissingError, match="did not run on gs9"):
        typed("start <gs9:vm-id>", captures(gs1="7"))


def test_other_words_in_angle_brackets_stay_as_they_are() -> None:
    """Only what a step captures is a value."""
    assert typed("cat <file >out", captures(gs1="7")) == "cat <file >out"
