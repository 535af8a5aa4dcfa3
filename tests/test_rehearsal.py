"""A rehearsal plays every dialogue against a stand-in, in ways that programs really behave."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from attrs import evolve

from runbook import console, foreground
from runbook.connect import LocalConnection
from runbook.errors import RunbookError
from runbook.model import (
    Dialogue,
    Location,
    Turn,
)
from runbook.pipe import Pipe
from runbook.rehearsal.modes import MODES, Mode
from runbook.rehearsal.play import Theatre, play
from runbook.rehearsal.script import Question, Script, compile_script
from runbook.session import Session
from tests.waiting import until

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
    """A session of this machine, watched from beside."""
    with Theatre().stage() as opened:
        yield opened


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_the_driver_ends_every_mode_as_it_should(mode: Mode) -> None:
    """Each answer arrives, or the driver stops and says why; afterwards the shell is in order."""
    with Theatre().stage(watched=mode.watched) as session:
        session.run("here=still", timeout=5)
        assert play(dialogue(), mode, session) == ""
        assert session.run("echo $here", timeout=5).output == "still\n"


def test_every_mode_would_notice_a_driver_that_goes_wrong() -> None:
    """The script of a mode differs from the transcript, or the program behaves otherwise."""
    plain = compile_script(dialogue())
    for mode in MODES[1:]:
        assert mode.change(dialogue(), plain) != plain, mode.name


def test_an_answer_that_the_program_would_refuse_is_found(session: Session) -> None:
    """`y` is no `Yes`."""
    turns = (evolve(dialogue().turns[0], answer="y"), *dialogue().turns[1:])
    said = play(evolve(dialogue(), turns=turns), MODES[0], session)
    assert said is not None
    assert "refused" in said
    assert "Invalid value" in said


def test_a_question_that_needs_an_answer_and_has_none_is_found(session: Session) -> None:
    """The program takes no empty line for a password."""
    turns = tuple(evolve(turn, secret=None) for turn in dialogue().turns)
    silent = play(evolve(dialogue(), turns=turns), MODES[0], session)
    # Without a secret the stand-in cannot know that the question hides its answer.
    assert silent == ""
    choice = Turn("Manager (iptables):", before="Managers: iptables")
    said = play(Dialogue("setup", PLACE, (choice,)), MODES[0], session)
    assert said is not None
    assert "Please specify value" in said


def test_a_documented_exit_status_is_the_programs(session: Session) -> None:
    """A step that says `:status: 3` is rehearsed with it."""
    assert play(dialogue(), MODES[0], session, status=3) == ""


def test_a_death_is_never_taken_for_a_documented_end(session: Session) -> None:
    """Not even where the guide says that the program ends with status 1."""
    (death,) = (mode for mode in MODES if mode.name == "death")
    plain = compile_script(dialogue(), status=1)
    dying = death.change(dialogue(), plain)
    assert dying is not None
    assert dying.status != plain.status
    assert play(dialogue(), death, session, status=1) == ""


def test_an_answer_that_is_wanted_only_sometimes_is_tried(session: Session) -> None:
    """The transcript does not show its question, and still the answer must be one it takes."""
    turns = tuple(evolve(turn, answer="y") if turn.sometimes else turn for turn in dialogue().turns)
    (every,) = (mode for mode in MODES if mode.name == "every question")
    said = play(evolve(dialogue(), turns=turns), every, session)
    assert said is not None
    assert "Use weak password?" in said
    assert "Invalid value" in said


def test_a_secret_that_the_terminal_shows_is_found(session: Session) -> None:
    """A program that asks for a secret without hiding it gives it away."""
    (first, *others) = dialogue().turns
    shown = evolve(first, answer=None, secret="a")

    def careless(_: Dialogue, script: Script) -> Script:
        asked = (evolve(script.questions[0], hidden=False, choices=()), *script.questions[1:])
        return evolve(script, questions=asked)

    said = play(evolve(dialogue(), turns=(shown, *others)), Mode("careless", careless), session)
    assert said is not None
    assert "a secret was typed before" in said


def test_a_closed_theatre_plays_no_more() -> None:
    """What plays is ended, and what would begin is refused."""
    theatre = Theatre()
    with theatre.stage() as opened:
        theatre.close()
        with pytest.raises(RunbookError):
            opened.run("true", timeout=5)
    with pytest.raises(RunbookError), theatre.stage():
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

        with Session.open(here.shell(user), host="here", aside=late) as session:
            passed = "printf 'A? '; sleep 0.3; echo; echo provided answer: x"
            asks = Dialogue(
                f"{passed}; read -p 'B? ' b; echo got $b",
                PLACE,
                (Turn("A?", "first"), Turn("B?", "second")),
            )
            said = session.converse(asks, secrets=lambda _: "", timeout=15).output
    assert "got second" in said


class Asked:
    """A stand-in on a terminal of its own."""

    def __init__(self, directory: Path, *questions: Question) -> None:
        self.report = directory / "report.json"
        script = directory / "script.json"
        script.write_text(json.dumps(Script(questions, after="done").plain()))
        stand_in = Path(play.__code__.co_filename).with_name("standin.py")
        self.child = pexpect.spawn(
            sys.executable, [str(stand_in), str(script), str(self.report)], timeout=10
        )
        self.child.delaybeforesend = None

    def answers(self) -> list[list[object]]:
        """Return what the stand-in was told, once it has ended."""
        self.child.expect(pexpect.EOF)
        found = json.loads(self.report.read_text())
        assert isinstance(found, list)
        return found


def test_a_stand_in_asks_again_until_the_answer_is_one_of_the_choices(tmp_path: Path) -> None:
    """With an error between, and whole words in any case."""
    asked = Asked(tmp_path, Question("Go on? (Yes, No)", 0, choices=("Yes", "No")))
    for answer in ("", "y", "YES"):
        asked.child.expect_exact("Go on? (Yes, No)")
        asked.child.sendline(answer)
    assert asked.answers() == [[0, ""], [0, "y"], [0, "YES"]]
    assert asked.child.wait() == 0


def test_a_stand_in_hides_what_it_is_told_and_forgets_what_was_typed_before(
    tmp_path: Path,
) -> None:
    """As programs do that ask for passwords."""
    asked = Asked(tmp_path, Question("Password:", 0, hidden=True))
    asked.child.send("too early\r")
    asked.child.expect_exact("Password:")
    until(lambda: not asked.child.getecho())
    asked.child.sendline("in time")
    asked.child.expect_exact("done")
    assert b"in time" not in (asked.child.before or b"")
    assert asked.answers() == [[0, "in time"]]
