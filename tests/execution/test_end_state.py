"""What steps have proven is looked at again: after steps about the same things, and at the end."""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attrs import evolve

from runbook.execution.end_state import rare_words
from runbook.results import EndCheck
from tests.support.steps import (
    Hosts,
    check,
    counts,
    events,
    history_of,
    lines,
    runbook,
    step,
)


def ends(happened: list[object]) -> dict[str, tuple[bool, str]]:
    """For the checks of the end state: whether each holds, and who made it false."""
    return {
        one.check.sentence: (one.check.held, one.broken_by)
        for one in happened
        if isinstance(one, EndCheck)
    }


def test_the_step_that_made_an_earlier_check_false_is_named(hosts: Hosts, tmp_path: Path) -> None:
    """Not the one whose check is red."""
    made = counts(tmp_path / "spool")
    steps = runbook(made, step("other", "true"), step("clean", f"rm {tmp_path}/spool"))
    assert ends(list(events(steps, hosts))) == {"spool is there": (False, "sample/clean")}


def test_a_check_may_be_meant_to_hold_only_until_a_step(hosts: Hosts, tmp_path: Path) -> None:
    """`:until:` takes it out of the end state."""
    made = counts(tmp_path / "spool")
    made = evolve(made, checks=(evolve(made.checks[0], until=("sample/clean",)),))
    assert ends(list(events(runbook(made, step("clean", f"rm {tmp_path}/spool")), hosts))) == {}


def test_what_was_changed_behind_our_back_is_found_at_the_end(hosts: Hosts, tmp_path: Path) -> None:
    """Nothing is typed, and no step is blamed."""
    steps = runbook(counts(tmp_path / "x"))
    first = events(steps, hosts)
    (tmp_path / "x").unlink()
    second = events(steps, hosts, history=history_of(first))
    assert ends(list(second)) == {"x is there": (False, "")}
    assert lines(tmp_path / "x") == 0


def test_a_check_that_was_false_already_is_not_blamed_on_a_later_step(
    hosts: Hosts, tmp_path: Path
) -> None:
    """The run goes on after a repair, and what broke the check is known from the one before."""
    made = counts(tmp_path / "spool")
    clean = step("clean", f"rm {tmp_path}/spool", checks=(check("assert 1 == 1"),))
    first = events(runbook(made, clean), hosts)
    assert ends(list(first))["spool is there"] == (False, "sample/clean")
    known = {("sample/count", "a", "spool is there"): "sample/clean"}
    history = evolve(history_of(first), broken_by=known)
    more = step("more", f"ls {tmp_path}/spool || true")
    second = events(runbook(made, clean, more), hosts, history=history)
    assert ends(list(second))["spool is there"] == (False, "sample/clean")


def test_a_step_is_named_if_it_speaks_of_a_longer_word(hosts: Hosts, tmp_path: Path) -> None:
    """The package glusterfs-server has the program gluster: removing one breaks the other."""
    there = check(f'assert host.run("ls {tmp_path} | grep -x gluster").rc == 0', "it is")
    made = step("install", f"a={tmp_path}/gluster; touch $a", checks=(there,))
    steps = runbook(made, step("other", "true"), step("purge", "rm $a  # glusterfs-server"))
    assert ends(list(events(steps, hosts))) == {"it is": (False, "sample/purge")}


def test_a_step_on_several_hosts_is_followed_by_one_look(hosts: Hosts, tmp_path: Path) -> None:
    """Not by one for each of its hosts: checks take their time."""
    looks = tmp_path / "looks"
    there = check(f'host.run("echo >>{looks}"); assert host.file("{tmp_path}/spool").exists')
    made = step("make", f"touch {tmp_path}/spool", checks=(there,))
    ends(list(events(runbook(made), hosts)))
    alone = lines(looks)
    looks.unlink()
    (tmp_path / "spool").unlink()
    used = step("use", f"ls {tmp_path}/spool", on=("all",))
    assert ends(list(events(runbook(made, used), hosts))) == {"it is so": (True, "")}
    assert lines(looks) == alone + 1


def test_hosts_are_looked_at_side_by_side(hosts: Hosts, tmp_path: Path) -> None:
    """Two checks that wait for each other would wait in vain if each had its turn."""
    steps = []
    for own, other in ("ab", "ba"):
        # They meet at the look alone, of which the step before it makes a note.
        met = f"touch {own}; timeout 20 sh -c 'until [ -e {other} ]; do sleep 0.1; done'"
        text = f"cd {tmp_path} && ls spool-{own} && if [ -e look ]; then {met}; fi || echo >>alone"
        source = f'assert host.run("""{text}""").stdout.strip() == "spool-{own}"'
        making = f"touch {tmp_path}/spool-{own}"
        steps.append(step(f"make-{own}", making, on=(own,), checks=(check(source, f"{own} is"),)))
    names = f"{tmp_path}/spool-a {tmp_path}/spool-b"
    look = step("look", f"rm {tmp_path}/alone; ls {names}; touch {tmp_path}/look")
    found = ends(list(events(runbook(*steps, look), hosts)))
    assert found == {"a is": (True, ""), "b is": (True, "")}
    assert not (tmp_path / "alone").exists()


def test_a_word_of_many_steps_says_nothing_of_what_one_is_about() -> None:
    """In a long guide that is so for fewer than in a short one: `dev` is in a lot of paths."""
    few = [step(f"few-{n}", f"nft list ruleset {n}") for n in range(10)]
    many = [step(f"many-{n}", f"ls /dev/{n}") for n in range(31)]
    rest = [step(f"rest-{n}", "true") for n in range(200)]
    found = rare_words(runbook(*few, *many, *rest))
    assert {"nft", "ruleset"} <= found
    assert "dev" not in found


def waits_for_threads(ident: int) -> bool:
    """Tell whether the thread waits for those of a pool to end."""
    frames = traceback.extract_stack(sys._current_frames()[ident])
    return any(frame.name == ThreadPoolExecutor.shutdown.__name__ for frame in frames)


def test_who_interrupts_the_looks_waits_for_no_check_that_has_not_begun(
    hosts: Hosts, tmp_path: Path
) -> None:
    """Those of a host are evaluated one after the other, and each may take long."""
    begun = tmp_path / "begun"
    going = f"while pathlib.Path({str(tmp_path / 'go')!r}).exists(): time.sleep(0.05)"
    source = f"""import pathlib, time
with open({str(begun)!r}, "a") as note:
    print(file=note)
{going}
assert host.file("{tmp_path}/spool").exists"""
    several = tuple(check(source, f"{n} is so") for n in range(3))
    made = step("make", f"touch {tmp_path}/spool", checks=several)
    look = step("look", f"rm {begun}; touch {tmp_path}/go; ls {tmp_path}/spool")

    main = threading.get_ident()

    def interrupt() -> None:
        while not begun.exists() or not (tmp_path / "go").exists():
            time.sleep(0.05)
        signal.pthread_kill(main, signal.SIGINT)
        while not waits_for_threads(main):
            time.sleep(0.05)
        (tmp_path / "go").unlink()

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        events(runbook(made, look), hosts)
    interrupting.join()
    assert lines(begun) == 1
