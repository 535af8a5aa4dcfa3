"""A rehearsal plays every dialogue against a stand-in, in ways that programs really behave."""

from __future__ import annotations

import getpass
import json
import signal
import subprocess
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
    Capture,
    Chapter,
    Cluster,
    Command,
    Dialogue,
    Host,
    Location,
    Override,
    Runbook,
    Step,
    Turn,
)
from runbook.pipe import Pipe
from runbook.rehearsal import lint
from runbook.rehearsal.modes import MODES, Mode
from runbook.rehearsal.play import Theatre, play
from runbook.rehearsal.rehearse import rehearse
from runbook.rehearsal.script import Question, Script, compile_script
from runbook.result import Verdict
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


@pytest.mark.xfail(
    reason="the driver takes what it sees now for the state of a text that it read before"
)
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


def outcomes(
    *steps: Step, cluster: Cluster | None = None, shellcheck: bool = True
) -> list[tuple[Verdict, str]]:
    """Return verdicts and reasons of a rehearsal."""
    runbook = Runbook("Guide", (Chapter("docs/page", "Page", steps),))
    found = rehearse(runbook, cluster, refuses=lambda _: "", shellcheck=shellcheck)
    return [(outcome.verdict, outcome.reason) for outcome in found]


def step(*actions: Command | Dialogue) -> Step:
    """Return a step with these actions."""
    return Step("page/step", "Step", PLACE, actions=actions)


def test_a_command_that_bash_cannot_read_is_found_at_its_line() -> None:
    """Nothing is run for that."""
    text = "echo one\nfor x in 1 2; do\n  echo (\ndone"
    ((verdict, reason),) = outcomes(step(Command(text, PLACE)), shellcheck=False)
    assert verdict is Verdict.FAILED
    assert "docs/page.rst:9: bash cannot read this:" in reason


def test_a_here_document_without_an_end_is_found_where_it_begins() -> None:
    """Bash only warns of it and would run it; a session does not."""
    ((verdict, reason),) = outcomes(step(Command("true\ncat <<EOF\ntext", PLACE)), shellcheck=False)
    assert verdict is Verdict.FAILED
    assert reason == "docs/page.rst:8: the here-document has no end (wanted `EOF')"


def test_a_missing_shellcheck_is_said_and_is_not_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it is left out on purpose."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    with pytest.raises(RunbookError, match=r"not installed.*--no-shellcheck"):
        lint.shellcheck([])


def test_what_shellcheck_warns_of_is_found_at_its_line() -> None:
    """With ShellCheck's own number, to read more about it."""
    text = "cd /tmp\nrm -rf $nowhere/*"
    ((verdict, reason),) = outcomes(step(Command(text, PLACE)))
    assert verdict is Verdict.FAILED
    assert "docs/page.rst:8: " in reason
    assert "[SC2115]" in reason


def test_a_captured_value_is_no_redirection() -> None:
    """`<vm-id>` is filled in before a shell sees it."""
    first = evolve(step(Command("virsh list", PLACE)), capture=Capture("vm_id"))
    second = Step("page/two", "Two", PLACE, actions=(Command("virsh start <vm-id>", PLACE),))
    assert [verdict for verdict, _ in outcomes(first, second)] == [Verdict.REHEARSED] * 2


def test_the_answers_of_every_host_are_played() -> None:
    """One host's answer that is no choice is found, though the others' are right."""
    turn = Turn("Go on? (Yes, No)", "yes", overrides=(Override(("two",), answer="maybe"),))
    hosts = (Host("one", "10.0.0.1"), Host("two", "10.0.0.2"))
    ((verdict, reason),) = outcomes(
        step(Dialogue("setup", PLACE, (turn,))), cluster=Cluster("c", "10.0.0.0/24", hosts)
    )
    assert verdict is Verdict.FAILED
    assert "as written" in reason
    assert reason.count("\n    ") > 0


GUIDE = """
Guide
=====

.. step:: Set the store up
   :on: one

   .. code-block:: console

      # store-setup
      Go on? (Yes, No) [No]: yes
      Done.

   .. check:: it is there

      assert host.file("/store").exists

.. step:: Look at it
   :on: one

   .. code-block:: console

      # fi

   .. check:: it is there

      assert host.file("/store").exists
"""


def test_a_guide_is_rehearsed_from_the_command_line(tmp_path: Path) -> None:
    """Without a lab; the findings have their lines, and the record says `rehearsed`."""
    (tmp_path / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (tmp_path / "index.rst").write_text(GUIDE)
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/cluster.yaml").write_text(
        "name: c\nnetwork: 10.0.0.0/24\nplatform: debian12\nhosts:\n  one: {address: 10.0.0.1}\n"
    )

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "runbook", "rehearse", str(tmp_path), *options]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    done = run()
    assert done.returncode == 1, done.stderr
    assert "rehearsed stand-in index/set-the-store-up" in done.stdout
    assert "index.rst:23: bash cannot read this" in done.stdout
    assert "1 step rehearsed" in done.stdout
    recorded = (tmp_path / "build/rehearsal/journal.jsonl").read_text()
    assert '"rehearsed"' in recorded
    assert "proven" not in recorded
    good = run("--only", "*store*")
    assert good.returncode == 0
    assert "chapter" in good.stdout, "the closing table"
    assert run("--only", "nothing").returncode == 4


def test_an_interrupted_rehearsal_ends_at_once_and_says_so(tmp_path: Path) -> None:
    """No stand-in is waited for; the reports are written, and nothing counts as a finding."""
    turns = "".join(f"      Question {n}? (Yes, No) [No]: yes\n" for n in range(30))
    head, _, tail = GUIDE.partition("      Go on? (Yes, No) [No]: yes\n")
    (tmp_path / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    (tmp_path / "index.rst").write_text(head.replace("   :on: one\n", "") + turns + tail)
    argv = [sys.executable, "-m", "runbook", "rehearse", str(tmp_path), "--no-shellcheck"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        until(lambda: any(tmp_path.glob("build/rehearsal/plan.json")), 30)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=30)
    assert running.returncode == 130, said
    assert b"interrupted" in said
    assert (tmp_path / "build/rehearsal/report.html").exists()
