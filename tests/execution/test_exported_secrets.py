"""A variable is exported in the shell that was told so, and in those that it opens."""

from __future__ import annotations

import pytest
from attrs import evolve

from runbook.execution.actions.perform import refused
from runbook.model.actions import Command, InnerShell, Place, Start
from runbook.sphinx.planning.exposed_secrets import exposed_secrets
from tests.support.steps import PLACE, runbook, step

INNER = Place(shells=(InnerShell(1, Start.ENVIRONMENT),))
OTHER = Place(shells=(InnerShell(2, Start.ENVIRONMENT),))
BOB = InnerShell(1, Start.VARIABLES)


@pytest.mark.parametrize(
    ("earlier", "later", "same"),
    [
        (None, None, True),
        (None, Place(user="bob"), False),
        (None, Place(host="b"), False),
        (Place(user="bob"), Place(user="bob"), True),
        (None, INNER, True),
        (INNER, None, False),
        (INNER, OTHER, False),
        (None, Place(user="bob", shells=(BOB,)), True),
        (Place(user="bob"), Place(user="bob", shells=(BOB,)), False),
        (None, Place(shells=(InnerShell(1, Start.LOGIN),)), False),
        (None, Place(shells=(InnerShell(1, Start.LOGIN), InnerShell(2, Start.ENVIRONMENT))), False),
    ],
)
def test_a_secret_is_refused_where_its_variable_is_exported(
    earlier: Place | None, later: Place | None, same: bool
) -> None:
    """With the plan, and once more before it is typed."""
    said = Command("export PW", PLACE, place=earlier)
    given = Command("PW=<secret:pw>", PLACE, place=later)
    told = list(exposed_secrets(runbook(evolve(step("one"), actions=(said, given)))))
    assert len(told) == same
    assert (refused(given, (said, given)) is not None) is same
