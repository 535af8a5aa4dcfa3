"""Mutants of a step: what is changed, under which name, and that it is still shell text."""

from __future__ import annotations

import subprocess

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.model import Command, Dialogue, Edit, FileContent, Location, Manual, Runbook, Step
from runbook.model.actions import Turn, Typing
from runbook.mutation.mutants import OPERATORS, mutants
from runbook.mutation.sample import Batch, in_guide_order, shares, spread
from runbook.mutation.values import other
from tests.support.steps import PLACE, command, step


def is_shell(text: str) -> bool:
    """Whether bash can read a text."""
    done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    return done.returncode == 0


def told(*actions: Command | Dialogue | FileContent | str) -> list[str]:
    """What is different in each mutant of a step with these actions."""
    return [one.told for one in mutants(step("make", *actions))]


@pytest.mark.parametrize(
    ("value", "instead"),
    [
        ("yes", "no"),
        ("ON", "OFF"),
        ("restart", "stop"),
        ("200", "401"),
        ("400M", "801M"),
        ("0700", "0755"),
        ("0644", "0700"),
        ("10.77.0.1/24", "10.77.0.8/24"),
        ("count=200", "count=401"),
        ("/etc/hosts", "/etc/hostsx"),
        (".", None),
        ("s/^a/b/", None),
        ("/copied/ { print $1 }", None),
    ],
)
def test_another_value_is_the_opposite_or_another_number_or_name(
    value: str, instead: str | None
) -> None:
    """Of what is a program or a pattern there is none: with more at its end it means nothing."""
    assert other(value) == instead


def test_what_is_changed_in_a_command() -> None:
    """Options go, values and arguments change; the names of what a program does stay."""
    assert told("systemctl enable --now nginx.service") == [
        "without the command systemctl enable --now nginx.service",
        "with disable for enable",
        "without --now",
        "with nginx.servicex for nginx.service",
    ]
    assert told("gluster volume start data")[1:] == ["with stop for start", "with datax for data"]
    assert told("apt-get install -y nginx-light curl")[1:] == [
        "without -y",
        "without nginx-light",
        "without curl",
    ]
    assert told("tool --size=10 'a b' \"c\" $d >>/root/log 2>/dev/null")[1:] == [
        "without --size=10",
        "with 21 for 10",
        "with a bx for a b",
        "with cx for c",
        "with /root/logx for /root/log",
    ]


def test_lines_of_here_documents_and_files_are_dropped() -> None:
    """Not those that are blank, a remark, or only close something."""
    assert told("cat >/f <<'END'\n# a remark\none\n\n}\ntwo\nEND")[2:] == [
        "without the line 'one'",
        "without the line 'two'",
    ]
    file = FileContent("/f", "# a remark\none = 1\n\ntwo = 2\n", PLACE)
    assert told(file) == [
        "without the file /f",
        "without the line 'one = 1' of /f",
        "without the line 'two = 2' of /f",
    ]
    one_line = evolve(file, text="one = 1\n", edit=Edit.LINES)
    assert told(one_line) == ["without the file /f"]


def test_answers_are_changed() -> None:
    """But not a secret, nor a key that is pressed."""
    turns = (
        Turn("Go on?", "yes"),
        Turn("Password:", secret="admin"),
        Turn("Press q", "q", typing=Typing.KEY),
    )
    assert told(Dialogue("setup", PLACE, turns)) == [
        "without the command setup",
        "with the answer 'no' for 'yes'",
    ]


def test_some_steps_have_none() -> None:
    """Those that change nothing, that undo, or are not marked, and those that a person must do."""
    made = step("make", "touch /f")
    assert mutants(made) != ()
    for one in (evolve(made, readonly=True), evolve(made, undo=True), evolve(made, marked=False)):
        assert mutants(one) == ()
    assert mutants(step("make", "touch /f", Manual("Push it in", PLACE))) == ()


WORDS = st.sampled_from(
    ["-x", "--all", "--size=4", "-n 3", "yes", "/etc/f", "'a b'", '"c d"', '"$HOME"', "$(id -u)",
     "<<<here", "`date`", "a=1", "*.img", "{1,2}", "> /f", "2>&1", "\\;", "é"]
)  # fmt: skip
JOINS = st.sampled_from([" && ", " | ", "; ", "\n", " || "])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Shell text of some commands with all kinds of words."""
    text = ""
    for number in range(draw(st.integers(1, 3))):
        words = draw(st.lists(WORDS, max_size=5))
        text += draw(JOINS) if number else ""
        text += " ".join(["tool", *words])
    return draw(st.sampled_from([text, f"if true; then\n{text}\nfi", f"({text})"]))


@settings(max_examples=40)
@given(texts())
def test_a_mutant_is_another_step_of_the_same_form(text: str) -> None:
    """It differs in one action, it is shell text if the step is, and its name is its own."""
    original = step("make", command(text), "touch /f")
    found = mutants(original)
    assert len({one.id for one in found}) == len(found)
    for one in found:
        assert one.step != original
        assert evolve(one.step, actions=original.actions) == original
        assert one.operator in OPERATORS
    shell = [a.text for one in found for a in one.step.actions if isinstance(a, Command)]
    assert not is_shell(text) or all(map(is_shell, dict.fromkeys(shell)))


def test_names_stay_when_other_actions_and_lines_change() -> None:
    """An explanation that names a mutant is for the same one tomorrow."""
    now = mutants(step("make", "tool -a x", "touch /f"))
    moved = evolve(command("tool -a x"), location=Location("other.rst", 99))
    later = mutants(step("make", moved, "touch /g"))
    names = {one.id for one in now}
    assert [one.id for one in later if one.id in names] == [
        "sample/make drop 1 tool -a x",
        "sample/make option 1 -a",
        "sample/make argument 1 x",
    ]


def test_every_mutant_of_a_real_guide_is_shell(ovirt_guide: Runbook) -> None:
    """One of fifty is read by bash; all have names of their own."""
    found = [one for each in ovirt_guide.steps() for one in mutants(each)]
    assert len({one.id for one in found}) == len(found) > 3000
    for one in found[::50]:
        for action in one.step.actions:
            assert not isinstance(action, Command) or is_shell(action.text), one.id


def of_chapters(*names: str) -> list[Step]:
    """Two steps of each of these chapters."""
    each = [step(f"make-{n}", "tool -a -b x y", "touch /f") for n in (1, 2)]
    return [evolve(one, id=f"{name}/{one.id[7:]}") for name in names for one in each]


def test_a_sample_is_of_all_chapters_and_operators_and_follows_from_its_seed() -> None:
    """Steps of a chapter take turns, and a few mutants of a step are tried together."""
    steps = of_chapters("one", "two", "three")
    found = [one for each in steps for one in mutants(each)]
    batches = spread(found, 7)
    assert sorted(m.id for b in batches for m in b.mutants) == sorted(m.id for m in found)
    assert {b.step.partition("/")[0] for b in batches[:3]} == {"one", "two", "three"}
    assert {m.operator for m in batches[0].mutants} == {"drop", "option", "argument"}
    assert spread(found, 7) == batches != spread(found, 8)
    few = spread(found, 7, 6)
    assert sum(len(b.mutants) for b in few) == 6
    assert [m for b in few for m in b.mutants] == [m for b in batches for m in b.mutants][:6]
    ordered = in_guide_order(batches, [one.id for one in steps])
    assert [b.step for b in ordered] == [one.id for one in steps]


def sizes(found: tuple[tuple[Batch, ...], ...]) -> list[int]:
    """How many mutants are in each share."""
    return [sum(len(batch.mutants) for batch in share) for share in found]


def test_labs_side_by_side_have_chapters_each_or_parts_of_them() -> None:
    """Everything is tried once, in the guide's order, and nobody has all the work."""
    steps = of_chapters("one", "two", "three")
    all_ = [one for each in steps for one in mutants(each)]
    batches = in_guide_order(spread(all_, 7), [one.id for one in steps])
    assert sizes(shares(batches, 1)) == [14, 14, 14]
    assert sizes(shares(batches, 2)) == [7, 7, 7, 7, 7, 7]
    for jobs in (1, 2, 3, 9):
        again = [batch for share in shares(batches, jobs) for batch in share]
        assert in_guide_order(again, [one.id for one in steps]) == batches
    long = step("make", *(f"tool-{n} x" for n in range(20)))
    assert sizes(shares((Batch(long.id, mutants(long)),), 2)) == [5, 5, 5, 5, 10, 10]
    assert sizes(shares((Batch(long.id, mutants(long)[:7]),), 2)) == [7]
    assert shares((), 3) == ()
