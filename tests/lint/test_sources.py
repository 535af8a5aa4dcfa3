"""Steps that nobody has run say where their facts are from, and notes serve a step."""

from __future__ import annotations

from attrs import evolve

from runbook.lint.findings import findings
from runbook.model import Citation, Cluster, Host, Location, Manual, Runbook, SourceNote, Step
from tests.support.steps import runbook, step

CLUSTER = Cluster("lab", "10.9.8.0/24", (Host("a", "10.9.8.1", ("all",), "debian12"),))
NOTE = SourceNote(
    "engine-4.5/mode", "engine", "4.5", "https://example.com", "mode.py", "it asks",
    Location("sources/engine-4.5.yaml", 5),
)  # fmt: skip


def guide(*steps: Step) -> Runbook:
    """A guide with one source note."""
    return evolve(runbook(*steps), sources=(NOTE,))


def found(guide: Runbook, *evidenced: str) -> list[str]:
    """The findings about notes, as text."""
    kinds = ("unsourced", "unused-source")
    return [str(f) for f in findings(guide, CLUSTER, evidenced) if f.kind.value in kinds]


def test_a_step_for_a_platform_that_nobody_has_needs_a_note() -> None:
    """One that the lab has, or that a run has shown something of, does not."""
    steps = (
        step("here", "setup", platforms=("debian12",)),
        step("there", "setup", platforms=("debian12", "el9", "el6")),
        step("anywhere", "setup"),
        step("told", "setup", platforms=("el9",), sources=(NOTE.id,)),
    )
    message = "docs/sample.rst:10: 'There' has never run on el9 and el6, and has no ':sources:'"
    assert found(guide(*steps)) == [f"{message} [unsourced]"]
    assert "never run on el6," in found(guide(*steps), "el9")[0]
    assert found(guide(*steps), "el9", "el6") == []


def test_a_name_without_a_version_is_run_where_one_of_its_versions_is() -> None:
    """A step for Debian has run where Debian 12 has; one for Debian 11 has not."""
    assert found(guide(step("any", "setup", platforms=("debian",)))) == found(guide())
    assert "on debian11," in found(guide(step("old", "setup", platforms=("debian11",))))[0]


def test_a_step_of_programs_that_are_the_same_everywhere_needs_no_note() -> None:
    """There is nothing that the source of a program could contradict."""
    removal = step("remove", "rm -rf /root/drill\nmkdir -p /srv/x", platforms=("el9",))
    assert found(guide(removal)) == found(guide())
    assert len(found(guide(step("more", "rm x; dnf remove y", platforms=("el9",))))) == 2
    by_hand = step("hand", Manual("Click on Add.", Location("a.rst", 1)), platforms=("el9",))
    assert len(found(guide(by_hand))) == 2


def test_a_guide_without_notes_is_left_alone() -> None:
    """Nobody has to write notes."""
    assert found(runbook(step("there", "setup", platforms=("el9",)))) == []


def test_a_note_that_no_step_names_is_found_at_its_own_line() -> None:
    """It serves nobody, or a step has forgotten it."""
    assert found(guide(step("here", "true"))) == [
        "sources/engine-4.5.yaml:5: no step names the source note 'engine-4.5/mode', "
        "and no prose does [unused-source]"
    ]
    cited = evolve(guide(step("here", "true")), cited=(Citation(NOTE.id, Location("a.rst", 1)),))
    assert found(cited) == []
