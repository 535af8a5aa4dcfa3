"""Chapters become jobs by what they depend on."""

from __future__ import annotations

from runbook.fleet.jobs import Variant, jobs_of, variants
from runbook.model import Chapter, Cluster, Host, Location, Runbook, Step

CLUSTER = Cluster("one", "10.0.0.0/24", (Host("box", "10.0.0.1", platform="debian12"),))


def chapter(name: str, *, needs: tuple[str, ...] | None = (), platform: str = "") -> Chapter:
    """Return a chapter of one step, which depends on that of the chapters `needs`, or on all."""
    step = Step(
        f"{name}/step", "Step", Location(f"{name}.rst", 1),
        needs=needs if needs is None else tuple(f"{one}/step" for one in needs),
        platforms=(platform,) if platform else (),
    )  # fmt: skip
    return Chapter(name, name, (step,))


def edges(*chapters: Chapter, variant: Variant | None = None, **seconds: float) -> dict[str, str]:
    """Return the ids of the jobs of a guide, each with those that it comes after."""
    took = {f"{name}/step": one for name, one in seconds.items()}
    found = jobs_of(Runbook("Guide", chapters), CLUSTER, variant or Variant(), took)
    return {job.id: " ".join(job.after) for job in found}


def test_chapters_that_only_follow_each_other_are_one_job() -> None:
    """To part them would cost a lab each, and nothing would be done sooner."""
    assert edges(chapter("a"), chapter("b", needs=None), chapter("c", needs=None)) == {"a..c": ""}


def test_a_job_does_not_grow_without_end() -> None:
    """What is lost with a worker is bounded, by what chapters took before."""
    assert edges(chapter("a"), chapter("b", needs=None), a=400, b=300) == {"a": "", "b": "a"}


def test_branches_are_jobs_of_their_own() -> None:
    """Each begins as soon as what it depends on is done, and no edge follows from others."""
    assert edges(
        chapter("base"), chapter("left", needs=("base",)), chapter("right", needs=("base",)),
        chapter("more", needs=("right",)), chapter("all", needs=None),
    ) == {"base": "", "left": "base", "right..more": "base", "all": "left right..more"}  # fmt: skip


def test_a_chapter_that_is_not_for_the_platform_is_told_of_by_the_job_before_it() -> None:
    """It has nothing to run, but its steps are part of the report."""
    chapters = chapter("a"), chapter("b", needs=None, platform="debian13"), chapter("c")
    assert edges(*chapters) == {"a..b": "", "c": ""}
    on13 = Variant("debian13")
    assert edges(*chapters, variant=on13) == {"a..b [debian13]": "", "c [debian13]": ""}


def test_every_platform_has_every_combination_of_alternatives() -> None:
    """Without any there is one variant: what the cluster file says."""
    assert [one.name for one in variants((), {})] == [""]
    found = variants(("debian12", "debian13"), {"x": ["1", "2"], "y": ["3"]})
    assert [one.name for one in found] == [
        "debian12 x=1 y=3", "debian12 x=2 y=3", "debian13 x=1 y=3", "debian13 x=2 y=3",
    ]  # fmt: skip
