"""Every artefact can be written down and read back."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from runbook.model import (
    SCHEMA,
    Capture,
    Chapter,
    Check,
    Command,
    Dialogue,
    Edit,
    FileContent,
    Location,
    Manual,
    Runbook,
    Step,
    Turn,
    codec,
)
from runbook.results import CheckResult, Outcome, Performed, Probed, Run, Verdict

texts = st.text(max_size=30)
locations = st.builds(Location, texts, st.integers(1, 9999))
optional_texts = st.none() | texts
actions = st.one_of(
    st.builds(Command, texts, locations, optional_texts, st.booleans()),
    st.builds(
        Dialogue,
        texts,
        locations,
        st.lists(
            st.builds(Turn, texts, optional_texts, optional_texts, st.booleans()), max_size=3
        ).map(tuple),
        texts,
    ),
    st.builds(FileContent, texts, texts, locations, st.sampled_from(Edit), optional_texts),
    st.builds(Manual, texts, locations),
)
names = st.lists(texts, max_size=3).map(tuple)
steps = st.builds(
    Step,
    id=texts,
    title=texts,
    location=locations,
    on=names,
    actions=st.lists(actions, max_size=3).map(tuple),
    checks=st.lists(st.builds(Check, texts, texts, locations, st.floats(0, 100)), max_size=3).map(
        tuple
    ),
    platforms=names,
    requires=names,
    needs=st.none() | names,
    timeout=st.floats(0, 1000),
    readonly=st.booleans(),
    serial=st.booleans(),
    statuses=st.lists(st.integers(0, 255), max_size=3).map(tuple),
    capture=st.none() | st.builds(Capture, texts, optional_texts),
    marked=st.booleans(),
)
runbooks = st.builds(
    Runbook,
    texts,
    st.lists(
        st.builds(Chapter, texts, texts, st.lists(steps, max_size=3).map(tuple)), max_size=2
    ).map(tuple),
)
results = st.lists(st.builds(CheckResult, texts, st.booleans(), locations, texts), max_size=3)
outcomes = st.builds(
    Outcome,
    step=texts,
    host=texts,
    verdict=st.sampled_from(Verdict),
    digest=texts,
    started=texts,
    seconds=st.floats(0, 1000),
    reason=texts,
    before=results.map(tuple),
    after=results.map(tuple),
    actions=st.lists(
        st.builds(Performed, texts, locations, texts, st.none() | st.integers(0, 255)), max_size=2
    ).map(tuple),
    captured=st.dictionaries(texts, texts, max_size=2),
    resumed=st.booleans(),
)


# No shrinking: a counterexample of nested steps takes minutes to shrink, and reads well enough.
quickly = settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])


@quickly
@given(runbooks)
def test_a_plan_comes_back_as_it_was_written(runbook: Runbook) -> None:
    """`loads(dumps(x)) == x` for any runbook."""
    assert codec.loads(codec.dumps(runbook), Runbook) == runbook


@quickly
@given(outcomes)
def test_an_outcome_comes_back_as_it_was_written(outcome: Outcome) -> None:
    """`loads(dumps(x)) == x` for any outcome, also as one line."""
    text = codec.dumps(outcome, indent=None)
    assert "\n" not in text
    assert codec.loads(text, Outcome) == outcome


def test_what_a_host_said_comes_back_with_its_run() -> None:
    """A run's header holds platform and capabilities of each host."""
    run = Run(
        "1", "now", "lab", "i", "p", hosts={"gs1": Probed("debian12", frozenset({"fuse", "kvm"}))}
    )
    assert codec.loads(codec.dumps(run), Run) == run


def test_an_artefact_names_its_schema() -> None:
    """The schema number is written even though it is the default."""
    assert json.loads(codec.dumps(Runbook("guide")))["schema"] == SCHEMA


def test_another_schema_is_refused_by_number() -> None:
    """A plan of another version is not half understood."""
    with pytest.raises(codec.CodecError, match="schema 99"):
        codec.loads('{"title": "guide", "schema": 99}', Runbook)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', '{"schema": 1, "titel": "x"}'])
def test_what_is_not_a_plan_is_refused(text: str) -> None:
    """Torn, foreign and misspelt JSON is an error with a message, not a traceback."""
    with pytest.raises(codec.CodecError):
        codec.loads(text, Runbook)


def _step(line: int, text: str = "true") -> Step:
    place = Location("a.rst", line)
    return Step("a/b", "B", place, actions=(Command(text, place),))


def test_moving_a_step_in_its_document_does_not_change_its_digest() -> None:
    """What was proven stays proven when a line is added above it."""
    assert codec.digest(_step(1)) == codec.digest(_step(7))


def test_a_source_note_does_not_change_the_digest_of_its_step() -> None:
    """What was proven stays proven when somebody writes down where a fact is from."""
    assert codec.digest(evolve(_step(1), sources=("engine-4.5/mode",))) == codec.digest(_step(1))


def test_editing_a_step_changes_its_digest() -> None:
    """What was proven is stale when the step says something else."""
    assert codec.digest(_step(1)) != codec.digest(_step(1, "false"))
