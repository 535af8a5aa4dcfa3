"""A rehearsal plays every dialogue against a stand-in that behaves as real programs do."""

from __future__ import annotations

import getpass
import marshal
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from attrs import evolve

from runbook import console
from runbook.dialogue import foreground
from runbook.errors import RunbookError
from runbook.execution.sessions.session import Session
from runbook.model import Dialogue, Location, Turn
from runbook.rehearsal.modes import MODES, Mode
from runbook.rehearsal.play import StandInSessions, play
from runbook.rehearsal.script import Question, Script, compile_script
from runbook.terminal.connection import LocalConnection
from runbook.terminal.pipe import Pipe
from tests.support.waiting import until

PLACE = Location("docs/page.rst", 7)
ANSWERS = (
    Turn("Store admin password", secret="a"),
    Turn("Confirm store admin", secret="a"),
    Turn("Use weak password? (Yes, No) [No]:", "yes", sometimes=True),
)
TRANSCRIPT = """# store-setup
[ INFO  ] Stage: Initializing
          --== PRODUCTS ==--

          Configure the store on this host (Yes, No) [No]: yes
          Setup can open the firewall on this system, for the storage network alone and no other.
          Note: the present rules are overwritten, and there is no way back to them afterwards.
          Do you want Setup to open the firewall? (Yes, No) [Yes]:
          Name of this server [...]:
          Store admin password:
          Confirm store admin password:
          Mode of operation (Virt, Store, Both) [Virt]: both
          Please confirm the settings (OK, Cancel) [OK]:
[ INFO  ] Execution of setup completed successfully
"""


def dialogue() -> Dialogue:
    """Return a dialogue with every kind of question."""
    text = TRANSCRIPT.replace("]:\n", "]: \n").replace("password:\n", "password: \n")
    (found,) = console.actions(text, PLACE, answers=ANSWERS)
    assert isinstance(found, Dialogue)
    assert len(found.turns) == 8
    return found


@pytest.fixture
def session() -> Iterator[Session]:
    """A session on the local machine whose processes can be watched."""
    with StandInSessions().open() as opened:
        yield opened


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_the_driver_ends_every_mode_as_it_should(mode: Mode) -> None:
    """Each answer arrives, or the driver stops with a reason; the shell still works after it."""
    with StandInSessions().open(watched=mode.watched) as session:
        session.run("here=still", timeout=5)
        assert play(dialogue(), mode, session) == ""
        assert session.run("echo $here", timeout=5).output == "still\n"


def test_every_mode_changes_the_script() -> None:
    """Otherwise it would test nothing new."""
    plain = compile_script(dialogue())
    for mode in MODES[1:]:
        assert mode.change(dialogue(), plain) != plain, mode.name


def test_an_answer_that_the_program_would_refuse_is_found(session: Session) -> None:
    """`y` is not `Yes`."""
    turns = (evolve(dialogue().turns[0], answer="y"), *dialogue().turns[1:])
    said = play(evolve(dialogue(), turns=turns), MODES[0], session)
    assert said is not None
    assert "refused" in said
    assert "Invalid value" in said


def test_a_required_answer_that_is_missing_is_found(session: Session) -> None:
    """The program does not accept an empty line."""
    turns = tuple(evolve(turn, secret=None) for turn in dialogue().turns)
    blank = play(evolve(dialogue(), turns=turns), MODES[0], session)
    assert blank is not None
    assert ":Store admin password\\:: :secret:`NAME`" in blank
    required = Turn("Manager (iptables):", before="Managers: iptables")
    said = play(Dialogue("setup", PLACE, (required,)), MODES[0], session)
    assert said is not None
    assert "Please specify value" in said


def test_a_stand_in_exits_with_the_documented_status(session: Session) -> None:
    """A step that says `:status: 3` is rehearsed with it."""
    assert play(dialogue(), MODES[0], session, status=3) == ""


def test_a_crash_is_never_taken_for_the_documented_end(session: Session) -> None:
    """Not even if the guide says that the program exits with status 1."""
    (crash,) = (mode for mode in MODES if mode.name == "crash")
    plain = compile_script(dialogue(), status=1)
    crashing = crash.change(dialogue(), plain)
    assert crashing is not None
    assert crashing.status != plain.status
    assert play(dialogue(), crash, session, status=1) == ""


def test_the_answer_to_an_optional_question_is_tried(session: Session) -> None:
    """Although the transcript does not show the question."""
    turns = tuple(evolve(turn, answer="y") if turn.sometimes else turn for turn in dialogue().turns)
    (every,) = (mode for mode in MODES if mode.name == "every question")
    said = play(evolve(dialogue(), turns=turns), every, session)
    assert said is not None
    assert "Use weak password?" in said
    assert "Invalid value" in said


def test_an_echoed_secret_is_found(session: Session) -> None:
    """A program that asks for a secret must turn the echo off."""
    (first, *others) = dialogue().turns
    shown = evolve(first, answer=None, secret="a")

    def careless(_: Dialogue, script: Script) -> Script:
        asked = (evolve(script.questions[0], hidden=False, choices=()), *script.questions[1:])
        return evolve(script, questions=asked)

    said = play(evolve(dialogue(), turns=(shown, *others)), Mode("careless", careless), session)
    assert said is not None
    assert "the terminal would show it" in said


MARKED = """# setup
Press any key... *Enter*
Delete it? *key* y
Port: *edit* 443
Name [x]: bob
Name [x]: *again* eve
done"""


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_pauses_keys_and_proposals_are_rehearsed(mode: Mode) -> None:
    """The stand-in takes single keys, and lets a proposal be edited."""
    (marked,) = console.actions(MARKED, Location("guide.rst", 1))
    assert isinstance(marked, Dialogue)
    sessions = StandInSessions()
    with sessions.open(watched=mode.watched) as opened:
        assert not play(marked, mode, opened)


ASKED_TWICE = """# cleanup
Are you sure? [y/n] y
  -=== Destroying ===-
  -=== Networks ===-
Are you sure? [y/n] *again* y
done"""


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_a_question_that_is_asked_twice_is_rehearsed(mode: Mode) -> None:
    """The second one is no sign that the first answer was refused."""
    (twice,) = console.actions(ASKED_TWICE, Location("guide.rst", 1))
    assert isinstance(twice, Dialogue)
    with StandInSessions().open(watched=mode.watched) as opened:
        assert not play(twice, mode, opened)


def test_closed_sessions_stay_closed() -> None:
    """Open ones are ended, and new ones are refused."""
    sessions = StandInSessions()
    with sessions.open() as opened:
        sessions.close()
        with pytest.raises(RunbookError):
            opened.run("true", timeout=5)
    with pytest.raises(RunbookError), sessions.open():
        pass


def test_a_question_that_was_passed_over_during_a_look_is_not_answered() -> None:
    """The answer would reach the next question, for which the program waits by then."""
    here = LocalConnection("here")
    user = getpass.getuser()
    with Pipe.open(here.pipe(user), host="here") as pipe:

        def late(script: str) -> str:
            """Look, but only once the program waits for its second question."""
            said: list[str] = []

            def waits() -> bool:
                said.append(pipe.run(script, timeout=5).stdout.decode())
                return bool(foreground.parse(said[-1]).waits)

            until(waits)
            return said[-1]

        with Session.open(here.shell(user), host="here", side_channel=late) as session:
            passed = "printf 'A? '; sleep 0.3; echo; echo provided answer: x"
            asks = Dialogue(
                f"{passed}; read -p 'B? ' b; echo got $b",
                PLACE,
                (Turn("A?", "first"), Turn("B?", "second")),
            )
            said = session.converse(asks, secrets=lambda _: "", timeout=15).output
    assert "got second" in said


class Asked:
    """A stand-in on its own terminal."""

    def __init__(self, directory: Path, *questions: Question) -> None:
        self.report = directory / "report"
        script = directory / "script"
        script.write_bytes(marshal.dumps(Script(questions, after="done").plain()))
        stand_in = Path(play.__code__.co_filename).with_name("standin.py")
        self.child = pexpect.spawn(
            sys.executable, [str(stand_in), str(script), str(self.report)], timeout=10
        )
        self.child.delaybeforesend = None

    def answers(self) -> list[tuple[object, ...]]:
        """Return the answers that the stand-in got, once it has ended."""
        self.child.expect(pexpect.EOF)
        found = marshal.loads(self.report.read_bytes())
        assert isinstance(found, list)
        return found


def test_a_stand_in_asks_again_until_the_answer_is_one_of_the_choices(tmp_path: Path) -> None:
    """With an error in between; whole words, in any case."""
    asked = Asked(tmp_path, Question("Go on? (Yes, No)", 0, choices=("Yes", "No")))
    for answer in ("", "y", "YES"):
        asked.child.expect_exact("Go on? (Yes, No)")
        asked.child.sendline(answer)
    assert asked.answers() == [(0, ""), (0, "y"), (0, "YES")]
    assert asked.child.wait() == 0


def test_a_stand_in_turns_the_echo_off_and_discards_earlier_input(
    tmp_path: Path,
) -> None:
    """As programs that ask for passwords do."""
    asked = Asked(tmp_path, Question("Password:", 0, hidden=True))
    asked.child.send("too early\r")
    asked.child.expect_exact("Password:")
    until(lambda: not asked.child.getecho())
    asked.child.sendline("in time")
    asked.child.expect_exact("done")
    assert b"in time" not in (asked.child.before or b"")
    assert asked.answers() == [(0, "in time")]


def test_a_borrowed_session_is_left_for_the_next_play() -> None:
    """A shell takes longer to start than most plays take; one with an error is not used again."""
    sessions = StandInSessions()
    with sessions.borrow() as first:
        pass
    with sessions.borrow() as second:
        assert second is first
    with pytest.raises(ZeroDivisionError), sessions.borrow():
        raise ZeroDivisionError
    with sessions.borrow() as third:
        assert third is not first
    sessions.close()
    assert not first.alive
    assert not third.alive
