"""How a run goes about its steps."""

from __future__ import annotations

from attrs import frozen

from runbook.execution.actions.act import Attend


@frozen
class Options:
    """How a run goes about its steps.

    With `converging`, the machines are somebody's: a step whose checks hold already is left
    alone. `repeat` are the ids of steps that the operator lets be typed once more on such
    machines. Without `attend` nobody is there to do a manual task. With `exit_first` the first
    step that does not hold is the last. With `observe`, hosts are compared before and after each
    step. Without `end_state`, what earlier steps have made is not looked at again: neither for
    what has broken it, nor at the end.
    """

    converging: bool = False
    repeat: frozenset[str] = frozenset()
    attend: Attend | None = None
    exit_first: bool = False
    observe: bool = False
    end_state: bool = True
