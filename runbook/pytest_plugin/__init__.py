"""The pytest plugin: a guide's steps as pytest's items, beside tests that share its lab.

Nothing here decides a verdict. It opens runs as the command line does, and says in pytest's
terms what came of them.
"""

import pytest


class FindingWarning(pytest.PytestWarning):
    """A finding about a step that did not fail, such as a check that never was red."""


class PlanWarning(pytest.PytestWarning):
    """What `runbook plan` warns of: a line of the guide that may be meant otherwise."""
