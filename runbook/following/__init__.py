"""A guide that a person follows on real machines, one step at a time.

Nothing here draws on a terminal or speaks HTTP; what holds, `execution` decides.
"""

from runbook.following.demands import ConfirmationNeeded, Demand
from runbook.following.errors import Busy, FollowError, SecretsNeeded
from runbook.following.opening import open_following
from runbook.following.people import this_person
from runbook.following.position import SETTLED, HostPosition, StepPosition, StepState
from runbook.following.session import FollowSession
from runbook.following.undo import UndoOffer
from runbook.following.values import Value, ValueKind
from runbook.following.view import (
    CommandView,
    FileView,
    HostView,
    ProgramView,
    StepView,
    TaskView,
)

__all__ = [
    "SETTLED",
    "Busy",
    "CommandView",
    "ConfirmationNeeded",
    "Demand",
    "FileView",
    "FollowError",
    "FollowSession",
    "HostPosition",
    "HostView",
    "ProgramView",
    "SecretsNeeded",
    "StepPosition",
    "StepState",
    "StepView",
    "TaskView",
    "UndoOffer",
    "Value",
    "ValueKind",
    "open_following",
    "this_person",
]
