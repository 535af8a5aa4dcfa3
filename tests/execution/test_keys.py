"""A step is done under one key, which changes with everything that decides what it does."""

from __future__ import annotations

import pytest
from attrs import evolve

from runbook.execution.checks.shared_checks import SharedChecks
from runbook.execution.keys import keyed, prerequisites
from runbook.model import (
    Capture,
    Command,
    Dialogue,
    FileContent,
    Host,
    Prompt,
    Retry,
    Step,
    Turn,
)
from runbook.model.actions import Override
from runbook.model.content import content_digest
from tests.support.steps import PLACE, check, command, step

HERE = [("a", "debian12")]
ONE = step("one", "touch /x", checks=(check('assert host.file("/x").exists'),))
TWO = step("two", "touch /y")


def keys(*steps: Step, base: str = "lab") -> list[str]:
    """The keys of steps that are all for one host."""
    return [one.key for one in keyed([(s, HERE) for s in steps], base)]


@pytest.mark.parametrize(
    "edited",
    [
        evolve(ONE, title="Another title", id="sample/another"),
        evolve(ONE, timeout=5.0, retry=Retry(3), tags=("slow",)),
        evolve(ONE, sources=("engine-4.5/mode",)),
        evolve(ONE, checks=(check('assert host.file("/x").exists', "in other words", within=9),)),
        evolve(ONE, actions=(Command("touch /x", PLACE, output="shown, never compared"),)),
        evolve(ONE, actions=(Command("touch /x", PLACE, prompt=Prompt("#", "root", "gs1")),)),
    ],
)
def test_prose_and_time_limits_change_no_key(edited: Step) -> None:
    """Editing them re-runs nothing."""
    assert keys(edited) == keys(ONE)


@pytest.mark.parametrize(
    "edited",
    [
        evolve(ONE, actions=(command("touch /x /z"),)),
        evolve(ONE, user="vdsm"),
        evolve(ONE, statuses=(1,)),
        evolve(ONE, checks=(check('assert host.file("/x").is_file'),)),
        evolve(ONE, actions=(Command("touch /x", PLACE, output="compared", compare=True),)),
        evolve(ONE, actions=(*ONE.actions, FileContent("/f", "text\n", PLACE))),
        evolve(ONE, actions=(Dialogue("touch /x", PLACE, (Turn("Sure?", "yes"),)),)),
        evolve(ONE, actions=(Dialogue("touch /x", PLACE, (Turn("Really?", "yes"),)),)),
    ],
)
def test_what_is_typed_written_or_checked_changes_the_key(edited: Step) -> None:
    """And that of every step which depends on it."""
    before, after = keys(ONE, TWO), keys(edited, TWO)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_a_step_that_names_what_it_depends_on_is_chained_to_that_alone() -> None:
    """Editing another step does not change it."""
    free = evolve(TWO, needs=())
    edited = evolve(ONE, actions=(command("rm /x"),))
    assert keys(ONE, free)[1] == keys(edited, free)[1]
    bound = evolve(TWO, needs=("sample/one",))
    assert keys(ONE, bound)[1] != keys(edited, bound)[1]


def test_where_a_chapter_begins_changes_the_keys_after_it() -> None:
    """A chapter begins in fresh shells, so what was typed in the last one is another matter."""
    last, other = evolve(TWO, id="other/two"), evolve(ONE, id="other/one")
    assert keys(ONE, last)[1] != keys(ONE, TWO)[1]
    assert keys(other, last)[1] == keys(ONE, TWO)[1]
    bound = evolve(TWO, needs=(ONE.id,))
    assert keys(ONE, bound)[1] != keys(ONE, evolve(bound, id="other/two"))[1]


def test_a_host_that_gets_other_answers_by_a_group_has_the_step_done_again() -> None:
    """It leaves the group, and the next run types what it is answered now."""
    turn = Turn("Sure?", "no", overrides=(Override(("fast",), ("yes",)),))
    asks = evolve(ONE, actions=(Dialogue("ask", PLACE, (turn,)),))

    def key(*groups: str, host: str = "a") -> str:
        known = [Host(host, "10.9.8.1", groups=groups)]
        return keyed([(asks, HERE)], "lab", known=known)[0].key

    assert key("fast") != key()
    assert key("slow") == key()
    assert key("fast", host="b") == key(host="b")


def test_a_step_depends_on_what_captures_its_values() -> None:
    """Whatever it says that it needs."""
    take = step("take", "echo 1", capture=Capture("vm_id"))
    use = step("use", "echo <vm-id>", needs=())
    changed = evolve(take, actions=(command("echo 2"),))
    assert keys(take, use)[1] != keys(changed, use)[1]


def test_what_the_lab_is_made_of_is_part_of_every_key() -> None:
    """Another image is another lab."""
    assert keys(ONE, base="lab") != keys(ONE, base="other")


def test_the_same_commands_twice_are_two_steps() -> None:
    """Doing them once more is another step, also if neither depends on anything."""
    free = evolve(ONE, needs=())
    assert len(set(keys(free, evolve(free, id="sample/again")))) == 2


def test_a_shared_function_belongs_to_the_checks_that_use_it() -> None:
    """Directly or through another; what no check uses changes nothing."""
    used = evolve(ONE, checks=(check("ready(host)"),))
    source = "LIMIT = 1\ndef deep(h): assert LIMIT\ndef ready(h): deep(h)\ndef other(h): pass\n"

    def digest(text: str) -> str:
        return content_digest(used, SharedChecks(text))

    assert digest(source) == digest(source.replace("other(h): pass", "other(h): assert 0"))
    assert digest(source) != digest(source.replace("assert LIMIT", "assert True"))
    assert digest(source) != digest(source.replace("LIMIT = 1", "LIMIT = 2"))


def test_a_step_has_its_prerequisites_however_far() -> None:
    """By name, or all before it."""
    steps = keyed(
        [
            (s, HERE)
            for s in (
                step("zero", "true"),
                step("one", "true", needs=()),
                step("two", "true", needs=("sample/one",)),
                step("three", "true", needs=("sample/two",)),
                step("four", "true"),
            )
        ],
        "lab",
    )
    assert prerequisites(steps, [3]) == {1, 2, 3}
    assert prerequisites(steps, [4]) == {0, 1, 2, 3, 4}
    assert prerequisites(steps, [1, 0]) == {0, 1}


def test_the_text_of_a_question_is_part_of_the_key() -> None:
    """Unlike the prompt of the shell, which says only who types."""
    one, other = (
        evolve(ONE, actions=(Dialogue("ask", PLACE, (Turn(question, "yes"),)),))
        for question in ("Sure?", "Really?")
    )
    assert keys(one) != keys(other)
