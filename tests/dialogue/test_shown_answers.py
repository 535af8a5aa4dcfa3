"""What a program has printed is never typed as an answer, nor what it has yet to print.

The host is this machine. The transcripts are compared with what is printed.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from runbook import console
from runbook.dialogue.shown import ShownAnswers
from runbook.execution.actions.perform import perform
from runbook.execution.hosts.host import HostConnection
from runbook.model import Location, Turn
from runbook.results import Performed
from runbook.terminal.connection import LocalConnection

COLUMNS = 132
SETTINGS = "echo 'Current settings:'; echo 'Host name: old'; echo 'Port: 80'; "


class Box:
    """A host on which blocks of a guide are followed."""

    def __init__(self, live: HostConnection) -> None:
        self._live = live

    def follow(self, command: str, *lines: str, compare: bool = True) -> Performed:
        """Carry out a command below which the guide shows these lines."""
        block = "\n".join((f"# {command}", *lines))
        (action,) = console.actions(block, Location("guide.rst", 1), compare=compare)
        return perform(
            action,
            self._live.session(getpass.getuser()),
            timeout=30,
            statuses=(0,),
            secrets=lambda _: "correct horse",
        )


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A session on this machine."""
    live = HostConnection(LocalConnection("box"), {})
    yield Box(live)
    live.close()


def test_lines_that_were_printed_whole_are_no_answers(box: Box) -> None:
    """They begin as the questions do that come later."""
    done = box.follow(
        SETTINGS + "read -p 'Host name: ' h; read -p 'Port: ' p; echo \"<$h $p>\"",
        "Current settings:",
        "Host name: old",
        "Port: 80",
        "Host name: new",
        "Port: 8080",
        "<new 8080>",
    )
    assert not done.complaint


def test_lines_printed_before_a_recognised_question_are_no_answers(box: Box) -> None:
    """The question between them and the real ones is told by its choices."""
    done = box.follow(
        SETTINGS + "read -p 'Change them? [y/N] ' y; read -p 'Host name: ' h; read -p 'Port: ' p;"
        ' echo "<$y $h $p>"',
        "Current settings:",
        "Host name: old",
        "Port: 80",
        "Change them? [y/N] y",
        "Host name: new",
        "Port: 8080",
    )
    assert "<y new 8080>" in done.output
    assert not done.complaint


def test_questions_may_come_in_another_order(box: Box) -> None:
    """A line that was passed over, and that the program has not printed, is still an answer."""
    done = box.follow(
        "read -p 'Change it? [y/N] ' y; read -p 'Name: ' n; echo \"<$y $n>\"",
        "Name: ada",
        "Change it? [y/N] y",
    )
    assert "<y ada>" in done.output


def test_examples_of_answers_are_not_typed(box: Box) -> None:
    """The real questions follow below them, with the same words."""
    done = box.follow(
        "echo 'Example answers:'; echo '  User: alice'; echo '  Limit: 10G'; echo;"
        " read -p '  User: ' u; read -p '  Limit: ' l; read -p 'Apply? [y/N] '; echo \"<$u $l>\"",
        "Example answers:",
        "  User: alice",
        "  Limit: 10G",
        "",
        "  User: bob",
        "  Limit: 20G",
        "Apply? [y/N] y",
    )
    assert "<bob 20G>" in done.output


@pytest.mark.parametrize("name", ["sd", "vd"])
def test_a_list_in_the_words_of_the_question_is_no_answer(box: Box, name: str) -> None:
    """Also where the list differs from host to host."""
    done = box.follow(
        f"echo 'Disk: {name}a (root file system)'; echo 'Disk: {name}b (empty)';"
        " read -p 'Disk: ' d; echo \"<$d>\"",
        "Disk: sda (root file system)",
        "Disk: sdb (empty)",
        "Disk: sdb",
        compare=False,
    )
    assert "<sdb>" in done.output


def test_a_question_that_the_guide_does_not_show_gets_nothing_from_a_summary(box: Box) -> None:
    """The message names the line that should have come before."""
    done = box.follow(
        "read -p 'Name: ' n; echo \"Checking $n\"; read -p 'Owner: ' o; echo \"<$o>\"",
        "Name: data",
        "Checking data",
        "Size: 5",
        "Created:",
        "Owner: root",
    )
    assert "does not answer here: 'Owner:'" in done.complaint
    assert "\n    Size: 5\n" in done.complaint
    assert "<root>" not in done.output


def test_lines_that_differ_from_version_to_version_keep_no_answer_back(box: Box) -> None:
    """If the output is not compared, the guide may show that of another version."""
    done = box.follow(
        "echo 'Setup: version 2.4.1'; echo; echo working; echo 'Ready to ask about motto'; "
        "read -p 'Motto: ' m; echo \"<$m>\"",
        "Setup: version 2.4.0",
        "Created /srv/data: yes",
        "Ready to ask about motto",
        "Motto: x",
        compare=False,
    )
    assert "<x>" in done.output


def test_dots_stand_for_lines_before_a_question(box: Box) -> None:
    """For any, and for none."""
    command = "echo 'Release: 7'; read -p 'Motto: ' m; echo \"<$m>\""
    assert not box.follow(command, "...", "Motto: x", "<x>").complaint
    assert not box.follow(command, "Release: 7", "...", "Motto: x", "<x>").complaint


def test_a_pause_on_a_line_of_its_own_gets_enter_and_no_output(box: Box) -> None:
    """The line below it comes from the program."""
    done = box.follow(
        "echo 'Press any key to continue . . .'; read -rsn1 k; echo Installed.;"
        " read -p 'Port [22]: ' p; echo \"<$k $p>\"",
        "Press any key to continue . . .",
        "Installed.",
        "Port [22]: 2222",
    )
    assert "< 2222>" in done.output
    assert not done.complaint


def test_the_empty_line_of_a_pause_may_be_missing_in_the_guide(box: Box) -> None:
    """The terminal shows one when Enter is typed."""
    command = "echo 'License: GPL. Press ENTER to accept.'; read d; echo \"<$d>\""
    pause = "License: GPL. Press ENTER to accept."
    assert not box.follow(command, pause, "<>").complaint
    assert not box.follow(command, pause, "", "<>").complaint


def test_output_is_not_typed_at_a_pause_that_takes_a_text(box: Box) -> None:
    """The message says how to type Enter or a text."""
    line = "Press RETURN to use sda, or type the name of another disk"
    done = box.follow(f'echo "{line}"; read d; echo "Formatting $d"', line, "Formatting sda")
    assert "waits for input that the guide does not give" in done.complaint
    assert "*Enter*" in done.complaint
    assert "Formatting" not in done.output


def test_a_blank_line_below_a_pause_says_that_enter_alone_is_typed(box: Box) -> None:
    """Where the program would take a text as well."""
    line = "Press RETURN to use sda, or type the name of another disk"
    done = box.follow(f'echo "{line}"; read d; echo "<$d>"', line, "", "<>", compare=False)
    assert "<>" in done.output


def test_the_line_below_a_question_is_its_answer(box: Box) -> None:
    """The question ends its line, and the program waits on the next."""
    for line in ("Path?", "Comment:"):
        done = box.follow(f"echo '{line}'; read p; echo \"<$p>\"", line, "my server", "<my server>")
        assert "<my server>" in done.output


@pytest.mark.parametrize(
    ("question", "mask"),
    [("Admin password:", "********"), ("Token:", "xxxxxxxx"), ("PIN:", "\u2022\u2022\u2022\u2022")],
)
def test_stars_are_never_typed_as_a_secret(box: Box, question: str, mask: str) -> None:
    """They stand for one that the guide does not tell."""
    done = box.follow(f"read -sp '{question} ' p; echo; echo \"<$p>\"", f"{question} {mask}")
    assert "asks for a secret that the guide does not name" in done.complaint
    assert mask not in done.output


def test_stars_at_a_recognised_question_are_never_typed(box: Box) -> None:
    """Not even where the program would take an empty secret."""
    question = "Enter passphrase (empty for no passphrase):"
    done = box.follow(f"read -sp '{question} ' p; echo \"<$p>\"", f"{question} ****")
    assert "asks for a secret that the guide does not name" in done.complaint


def test_stars_may_answer_a_question_that_shows_what_is_typed(box: Box) -> None:
    """As in a timetable of cron."""
    assert not box.follow("read -p 'Day: ' d; echo \"<$d>\"", "Day: *", "<*>").complaint


@pytest.mark.parametrize("answer", ["<user-name>", "<your user name>", "/home/<user>"])
def test_a_placeholder_is_not_typed(box: Box, answer: str) -> None:
    """Nothing stands for it."""
    done = box.follow("read -p 'User: ' t; echo \"got $t\"", f"User: {answer}")
    assert "no earlier step captures <" in done.complaint
    assert "got" not in done.output


def test_an_answer_that_the_terminal_hides_is_not_expected_in_the_output(box: Box) -> None:
    """The guide shows it, and the program does not."""
    done = box.follow("read -sp 'Token: ' t; echo; echo \"<$t>\"", "Token: abc", "<abc>")
    assert not done.complaint


def test_one_character_is_a_question_below_a_line_of_the_guide(box: Box) -> None:
    """Alone it would be no sign of any."""
    command = "printf 'Pick a pool\\n> '; read a; echo \"<$a>\""
    assert not box.follow(command, "Pick a pool", "> tank", "<tank>").complaint
    assert "does not answer: '>'" in box.follow(command, "Take one", "> tank").complaint


def test_a_proposal_is_replaced_by_a_mark(box: Box) -> None:
    """The message has the line to write."""
    done = box.follow("read -e -i eth0 -p 'Interface: ' i; echo \"<$i>\"", "Interface: ens3")
    assert "\n    Interface: *edit* ens3" in done.complaint


def test_a_line_after_one_that_was_not_printed_is_told_apart() -> None:
    """It is found, with the line that is missing."""
    shown = ShownAnswers("Size: 5\nOwner: root")
    found = shown.find("Owner: ", COLUMNS)
    assert found is not None
    assert (found.answer, found.missing) == ("root", "Size: 5")


def test_the_line_of_a_recognised_question_may_be_missing() -> None:
    """Such questions are told by their text, in any order."""
    shown = ShownAnswers("Proxy? [y/N] y\nOwner: root", (Turn("Proxy? [y/N]", "y"),))
    found = shown.find("Owner: ", COLUMNS)
    assert found is not None
    assert not found.missing
