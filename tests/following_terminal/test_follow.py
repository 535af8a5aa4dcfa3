"""A guide is followed at a real terminal: on machines behind ssh, by one person after the other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from runbook.following import StepState, open_following
from tests.support.guides import Guide, making
from tests.support.needs import lacking_for_ssh
from tests.support.secret_search import files_with
from tests.support.sshd import Server

KEYS = "? help"
SECRET = "correct-horse-battery"
CLUSTER = """
name: sample
network: 10.9.8.0/24
platform: debian12
hosts:
  one: {address: 10.9.8.1}
  two: {address: 10.9.8.2}
"""
LOG_IN = r"""
    The service wants its key.

    .. step:: Log in
       :on: one

       .. code-block:: console

          # printf '%s\n' <secret:admin> > PLACE/key; cat PLACE/key

       .. check:: the key is there

          assert host.file("PLACE/key").exists
"""
EVERYWHERE = """
    .. step:: Mark all hosts
       :on: all
       :serial:

       .. code-block:: console

          # echo "$$ marks" >> PLACE/marks

       .. check:: it is marked

          assert host.file("PLACE/marks").exists
"""
REMOVE = """
    .. step:: Remove the marks
       :on: two

       .. code-block:: console

          # rm -rf PLACE/marks

       .. check:: they are gone

          assert not host.file("PLACE/marks").exists
"""
LAMP = """
    .. step:: Look at the lamp
       :on: one

       .. manual::

          The lamp must be green.
"""


class Person:
    """Somebody who follows a guide at a terminal."""

    def __init__(
        self, guide: Guide, *options: str, columns: int = 100, lab: str = "static"
    ) -> None:
        argv = ["-m", "runbook", "follow", str(guide.directory), "--lab", lab, *options]
        # A worker of pytest-xdist says how wide a terminal is that it does not have.
        given = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        self.child = pexpect.spawn(
            sys.executable,
            argv,
            env={**given, "TERM": "xterm", "NO_COLOR": "1"},
            dimensions=(40, columns),
            timeout=120,
            encoding="utf-8",
        )
        self.child.delaybeforesend = None

    def press(self, key: str) -> str:
        """Press a key once it is asked for; return what was shown since the last one."""
        shown = self.see(KEYS)
        self.child.send(key)
        return shown

    def see(self, text: str) -> str:
        """Wait until a text is shown, and return what is shown before it, without its style."""
        self.child.expect_exact(text)
        return re.sub(r"\x1b\[[0-9;]*m", "", str(self.child.before)).replace("\r\n", "\n")

    def answer(self, question: str, text: str) -> str:
        """Answer a question with a line."""
        shown = self.see(question)
        self.child.sendline(text)
        return shown

    def status(self) -> int | None:
        """Wait until the program has ended, and return its exit status."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[dict[str, Server]]:
    """Two machines behind ssh."""
    with Server(tmp_path / "one") as one, Server(tmp_path / "two") as two:
        yield {"one": one, "two": two}


def static(tmp_path: Path, servers: dict[str, Server], *steps: str) -> Guide:
    """A guide whose hosts are these machines."""
    guide = Guide(tmp_path, *steps, cluster=CLUSTER)
    lines = [
        f"  {name}: {{address: 127.0.0.1, port: {server.port}, user: {server.user}, "
        f"key: {server.directory}/user, known_hosts: {server.known_hosts}}}\n"
        for name, server in servers.items()
    ]
    (guide.directory / "lab/inventory.yaml").write_text(f"hosts:\n{''.join(lines)}")
    return guide


def record(guide: Guide, *options: str, lab: str = "static") -> str:
    """The record of what was followed, as the command prints it."""
    argv = [sys.executable, "-m", "runbook", "record", str(guide.directory), "--lab", lab]
    done = subprocess.run([*argv, "-o", "-", *options], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.skipif(bool(lacking_for_ssh()), reason=lacking_for_ssh() or "-")
def test_a_change_is_made_by_two_people_over_a_connection_that_is_cut(
    tmp_path: Path, servers: dict[str, Server]
) -> None:
    """What one left another one takes up, and the record says it all, but no secret."""
    wait = "[ -e PLACE/go ] || { touch PLACE/waits; while [ ! -e PLACE/go ]; do sleep 0.1; done; }"
    guide = static(
        tmp_path, servers, LOG_IN, making("slow", wait).replace(":on: box", ":on: two"),
        EVERYWHERE, REMOVE, LAMP,
    )  # fmt: skip
    ann = Person(guide, "--who", "ann")
    shown = ann.press("r")
    assert "1/5  Log in" in shown
    assert "The service wants its key." in shown
    assert "red the key is there" in shown
    assert "Secrets that are asked for: admin" in shown
    assert "| [secret]" not in ann.answer("(not shown, stored nowhere): ", SECRET)
    shown = ann.press("r")
    assert "[secret]" in shown
    assert "proven one" in shown
    assert SECRET not in shown
    # In the middle of the second step the connections to its host are cut.
    while not (guide.place / "waits").exists():
        ann.child.expect([pexpect.TIMEOUT, r"."], timeout=0.1)
    for pid in servers["two"].processes()[1:]:
        os.kill(pid, signal.SIGKILL)
    (guide.place / "go").touch()
    assert "error two" in ann.see("It is not done.")
    ann.press("n")
    ann.answer("Note: ", "the switch was rebooted")
    ann.press("p")
    ann.answer("(may be empty): ", "my shift is over")
    assert "4 steps left" in ann.see("goes on from there")
    assert ann.status() == 0

    early = Person(guide, "--who", "bob")
    early.see("ann followed this guide here until")
    early.see("and paused: my shift is over; take it up with --resume")
    assert early.status() == 3

    bob = Person(guide, "--who", "bob", "--resume", columns=40)
    shown = bob.press("r")
    assert "the switch was rebooted" in " ".join(shown.split())
    assert max(map(len, shown.splitlines()[-25:])) <= 40
    bob.answer("to let it run: ", "one")
    assert "That is not the name" in bob.press("r")
    bob.answer("to let it run: ", "two")
    assert "proven two" in bob.press("1")
    bob.answer("On which host, of one two [one]: ", "")
    assert "Left: two" in bob.press("k")
    bob.answer("for what reason: ", "two needs no mark")
    assert "4/5  Remove the marks" in bob.press("r")
    bob.answer("to let it run: ", "two")
    bob.press("r")
    bob.answer("Is it done? [y/N]: ", "y")
    assert "All hold." not in bob.press("q")  # the marks are gone, as the fourth step wants it
    assert bob.status() == 1

    page, text = record(guide), record(guide, "--format", "markdown")
    for one in (page, text):
        said = " ".join(one.split())
        for words in (
            "ann", "bob", "the switch was rebooted", "two needs no mark", "my shift is over",
            "typed the names of the hosts", "The lamp must be green.", "before",
        ):  # fmt: skip
            assert words in said, words
        assert SECRET not in one
    assert text.index("ann left: my shift is over") < text.index("bob took the guide up")
    assert files_with(guide.directory, SECRET) == []
    with open_following(guide.directory, "static", act=False) as looking:
        states = [one.state for one in looking.positions()]
    done = StepState.DONE
    assert states == [done, done, StepState.SKIPPED, done, done]


def test_a_step_is_interrupted_undone_and_done_by_hand(tmp_path: Path) -> None:
    """Ctrl-C ends what runs and nothing else; a lost terminal ends it as well, and says so."""
    undo = """
        .. step:: Clean up
           :on: box
           :undo:

           .. code-block:: console

              # rm PLACE/one

           .. check:: one is gone

              assert not host.file("PLACE/one").exists
    """
    guide = Guide(tmp_path, making("one"), making("two", "echo starts; sleep 600"), undo)
    ann = Person(guide, lab="local")
    ann.press("u")
    ann.see("nothing of this chapter was done here")
    ann.press("r")
    ann.press("r")
    ann.see("| starts")
    ann.child.sendintr()
    assert "error box" in ann.see("It is not done.")
    second = Person(guide, lab="local")
    second.see("is in use by process")
    assert second.status() == 3
    ann.press("s")
    ann.see("is yours")
    ann.child.expect(r"[#$] $")
    ann.child.sendline(f"touch {guide.place}/two && exit")
    ann.press("d")
    ann.answer("why, and how: ", "with touch, in the shell")
    ann.press("u")
    ann.answer("step by step? [y/N]: ", "y")
    assert "undo 1/1  Clean up" in ann.press("r")
    assert "1/2  Make one" in ann.press("c")
    ann.see(KEYS)
    ann.child.kill(signal.SIGHUP)
    ann.see("the terminal is gone")
    assert ann.status() == 130
    text = record(guide, "--format", "markdown", lab="local")
    for words in ("interrupted", "used a shell", "did it by hand: with touch, in the shell",
                  "undo: Clean up on box:"):  # fmt: skip
        assert words in text


def test_without_a_terminal_nothing_is_followed(tmp_path: Path) -> None:
    """The message says what else there is."""
    guide = Guide(tmp_path, making("one"))
    done = guide.call("follow", "--lab", "local")
    assert done.returncode == 3
    assert "a guide is followed at a terminal" in done.stderr
    assert "ssh -t" in done.stderr
    done = guide.call("record", "--lab", "local")
    assert done.returncode == 3
    assert "nobody has followed the guide on this lab" in done.stderr
