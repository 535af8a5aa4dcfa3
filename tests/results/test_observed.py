"""What a step changed stands in the journal, without secrets."""

from __future__ import annotations

from attrs import evolve

from runbook.model import codec
from runbook.observation.change import Change, Observed
from runbook.redaction.known import KnownSecrets
from runbook.results import Outcome, Verdict
from runbook.results.redacted import redacted_outcome
from tests.support.reports import OBSERVED, STORAGE, outcome

SECRET = "rosebud-rosebud"


def test_an_observation_is_read_back_from_the_journal() -> None:
    """An outcome that nobody observed has no word of it."""
    seen = evolve(outcome(STORAGE.steps[0], "gs1", Verdict.PROVEN), observed=OBSERVED)
    assert codec.loads(codec.dumps(seen), Outcome) == seen
    assert "observed" not in codec.dumps(evolve(seen, observed=None))


def test_a_secret_is_masked_in_all_that_is_said_of_a_change() -> None:
    """It may be in a line of a file, in a name, and in a state."""
    known = KnownSecrets()
    known.add(SECRET)
    change = Change("file", f"/{SECRET}", SECRET, f"link to {SECRET}", lines=(f"pw={SECRET}",))
    seen = evolve(outcome(STORAGE.steps[0], "gs1", Verdict.PROVEN), observed=Observed((change,)))
    assert SECRET not in codec.dumps(redacted_outcome(seen, known))


def test_a_secret_in_several_lines_is_masked_in_those_of_a_file() -> None:
    """It may have several itself, or be encoded in them."""
    known = KnownSecrets()
    known.add("ab12\ncd34x\nef56")
    change = Change("file", "/x", "", "new", lines=("ab12", "cd34x", "ef56"))
    seen = evolve(outcome(STORAGE.steps[0], "gs1", Verdict.PROVEN), observed=Observed((change,)))
    observed = redacted_outcome(seen, known).observed
    assert observed is not None
    assert observed.changes[0].lines == ("[secret]",)
    empty = evolve(seen, observed=Observed((Change("file", "/x"),)))
    assert redacted_outcome(empty, known) == empty
