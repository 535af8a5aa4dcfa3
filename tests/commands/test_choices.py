"""Choices of the operator are those that the guide or its cluster file has."""

from __future__ import annotations

import pytest

from runbook.commands.running.choices import refuse_unknown_choices
from runbook.errors import RunbookError
from runbook.model import Cluster, Host
from tests.support.steps import runbook, step

CLUSTER = Cluster(
    "lab",
    "10.9.8.0/24",
    (Host("a", "10.9.8.1"), Host("engine", "10.9.8.9", when="engine=own")),
    choices={"engine": "own"},
)


def test_a_choice_that_only_a_host_depends_on_may_be_made() -> None:
    """With another value than its own the host is not there."""
    refuse_unknown_choices(runbook(step("one", "true")), {"engine": "hosted"}, CLUSTER)


def test_a_choice_that_neither_steps_nor_hosts_have_is_refused() -> None:
    """With what was probably meant."""
    guide = runbook(step("one", "true", choices=("login=keycloak",)))
    with pytest.raises(RunbookError, match="no choice 'engin'; it has: engine"):
        refuse_unknown_choices(guide, {"engin": "hosted"}, CLUSTER)


def test_a_mistyped_value_is_refused_and_another_one_is_not() -> None:
    """Of one that was mistyped all steps would be skipped, and nobody would know."""
    guide = runbook(step("one", "true", choices=("engine=standalone", "release=el9")))
    with pytest.raises(RunbookError, match="did you mean 'standalone'"):
        refuse_unknown_choices(guide, {"engine": "standalon"}, CLUSTER)
    refuse_unknown_choices(guide, {"engine": "hosted", "release": "el10"}, CLUSTER)
