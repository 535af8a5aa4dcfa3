from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve
from rich.cells import cell_len

from runbook.commands.authoring.plan import DirectiveFinder
from runbook.lint.consent import consent_reasons
from runbook.lint.findings import findings
from runbook.model import Command, Dialogue, FileContent, Kind, Reading, Runbook, Step, Turn, codec
from runbook.report.explain import print_explanation
from runbook.report.markers import MarkerPosition, marker, markers
from runbook.report.plan_table import print_plan
from tests.support.guides import Guide, making
from tests.support.steps import step as marked
from tests.support.unmarked import asked, at, plan, reading, typed, unmarked

LIST = unmarked("list", typed("store-ctl list", 12, "a\nb"), line=12, confidence=0.97)
DELETE = unmarked("delete", typed("rm -r /srv/a", 22), "ls", line=22, confidence=0.85)
GUESS = unmarked("guess", typed("setenfoce 0", 32), line=32, confidence=0.42)
SHOWN = Reading("old/shown", at(42), Kind.OUTPUT, 0.9, ("nothing in it is typed",))
FORM = Reading("old/form", at(50), Kind.SYNOPSIS, 0.9, commands=("store-ctl <verb>",))
OLD = plan(
    LIST,
    DELETE,
    GUESS,
    blocks=(
        reading(LIST, Kind.TRANSCRIPT),
        reading(DELETE),
        reading(
            GUESS,
            reasons=("no prompt", "a known command is near"),
            hosts=("the controller node", "gs1"),
            user="root",
            directory="/srv",
            placeholders=("<id>",),
        ),
        SHOWN,
        FORM,
    ),
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def shown(guide: Runbook, *, commands: bool = False, stream: io.StringIO | None = None) -> str:
    """The plan as it is written to a log."""
    stream = stream or io.StringIO()
    print_plan(
        guide,
        stream,
        findings=findings(guide),
        consent_reasons=consent_reasons(guide),
        commands=commands,
    )
    return stream.getvalue()


def row(text: str, name: str) -> list[str]:
    """The words of the line with that name."""
    return next(line for line in text.splitlines() if name in line.split()).split()


def test_a_row_says_what_a_block_is_and_how_certain_that_is() -> None:
    """Line, kind, confidence in a word and a number, id, first command and how many follow."""
    text = shown(OLD)
    assert row(text, "list") == [
        ":12",
        "transcript",
        "certain",
        "0.97",
        "list",
        "store-ctl",
        "list",
    ]
    assert row(text, "delete")[1:4] == ["commands", "likely", "0.85"]
    assert row(text, "delete")[-1] == "(+1)"
    assert row(text, "guess")[1:4] == ["commands", "doubtful", "0.42"]
    assert row(text, "shown")[1] == "output"
    assert row(text, "form")[-2:] == ["store-ctl", "<verb>"]


def test_rows_stand_in_reading_order() -> None:
    """Marked steps without blocks among the others."""
    check = evolve(marked("look"), id="old/look", location=at(17))
    text = shown(plan(LIST, check, DELETE, blocks=(reading(LIST), SHOWN, reading(DELETE))))
    lines = [line.split()[0] for line in text.splitlines() if line.startswith((":", " :"))]
    assert lines == [":12", ":17", ":42", ":22"]


def test_findings_stand_below_their_chapter() -> None:
    """With file and line: why a step needs consent, and what lint found."""
    text = shown(OLD)
    assert "old.rst:22: old/delete does not run unless you agree: rm: deletes directories" in text
    assert "old.rst:32: setenfoce: unknown command; write setenforce [typo]" in text
    assert text.rstrip().endswith(
        "2 of which do not run unless you agree; 2 blocks that are not commands; 1 finding"
    )


def test_all_commands_can_be_shown_in_full() -> None:
    """Whatever the width."""
    long = f"store-ctl add {'x' * 300}"
    text = shown(plan(unmarked("one", f"{long} \\\n  --last", "ls")), commands=True)
    assert f"      # {long} \\\n      #   --last\n      # ls\n" in text


def test_a_terminal_of_80_columns_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row is two lines then, and no command is broken; colours say how certain it is."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    long = unmarked("第三章-a-name-of-some-length", f"store-ctl {'ab' * 45}", confidence=0.5)
    text = shown(plan(LIST, long), stream=Terminal())
    plain = uncoloured(text)
    rows = [line for line in plain.splitlines() if "does not run" not in line]
    assert max(cell_len(line) for line in rows) <= 80
    assert "\x1b[31mdoubtful 0.50" in text
    assert "\x1b[32mcertain 0.97" in text
    assert "\x1b" not in shown(plan(LIST, long))


def uncoloured(text: str) -> str:
    """The text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def explained(*ids: str, guide: Runbook = OLD) -> str:
    """Everything known about these."""
    stream = io.StringIO()
    print_explanation(guide, set(ids), consent_reasons(guide), stream)
    return stream.getvalue()


def test_an_explanation_has_everything_known() -> None:
    """Place, kind, confidence, every reason, hosts, user, directory, placeholders, commands."""
    text = explained("old/guess")
    for part in ("old.rst:32", "commands", "doubtful 0.42", "no prompt", "a known command is near",
                 "the controller node", "root", "/srv", "<id>", "      setenfoce 0\n"):  # fmt: skip
        assert part in text, part
    assert "skipped, even with --unmarked: the reading is doubtful" in text
    assert "--agree old/guess" in text
    assert "old/list" not in text


def test_an_explanation_says_what_a_run_would_do() -> None:
    """For each kind of step and block."""
    assert "runs with --unmarked" in explained("old/list")
    assert "never runs: it is what a program prints" in explained("old/shown")
    step = marked("one", "ls")
    assert "runs: the guide marks it" in explained(step.id, guide=plan(step))
    assert "deletes directories" in explained("old/delete")


def test_an_explanation_names_the_source_notes_of_a_step() -> None:
    """Where its facts are from."""
    step = evolve(marked("one", "ls"), sources=("engine-4.5/mode", "engine-4.5/ports"))
    text = explained(step.id, guide=plan(step))
    assert "facts from  engine-4.5/mode\n" in text
    assert "engine-4.5/ports\n" in text


def built(tmp_path: Path, *parts: str) -> Guide:
    """A guide with these parts."""
    return Guide(tmp_path, *parts)


def test_the_command_line_explains_by_id_and_pattern(tmp_path: Path) -> None:
    """An unknown id names the closest; --json and --markers exclude each other."""
    guide = built(tmp_path, making("one"), "Old\n---\n\n::\n\n   # ls -l\n")
    done = guide.call("plan", "--explain", "index/make-one", "--explain", "*/old-*")
    assert done.returncode == 0, done.stderr
    assert "touch" in done.stdout
    assert "ls -l" in done.stdout
    done = guide.call("plan", "--explain", "index/make-on")
    assert done.returncode == 3
    assert "the closest are: index/make-one" in done.stderr
    assert guide.call("plan", "--json", "--markers").returncode == 2


def test_a_marker_is_placed_at_the_directive_of_its_block(tmp_path: Path) -> None:
    """And is indented as deep."""
    lines = ["Title", "", "* point", "", "  .. code::", "     :number-lines:", "", "     $ ls"]
    (tmp_path / "old.rst").write_text("\n".join(lines))
    assert DirectiveFinder(tmp_path)(at(8)) == MarkerPosition(at(5), 2)
    assert DirectiveFinder(tmp_path)(at(99)) == MarkerPosition(at(99), 0)
    step = unmarked("one", typed("ls", 8), line=8, confidence=0.5)
    (made,) = markers(plan(LIST, step), DirectiveFinder(tmp_path))
    assert str(made).startswith("old.rst:5: ")
    assert "\n  .. step:: One\n" in str(made)
    assert not any(line != line.rstrip() for line in str(made).splitlines())


ROUND: dict[str, Sequence[Command | Dialogue | FileContent]] = {
    "commands": (typed("ls -l"), typed("cat /etc/hosts | sort")),
    "continued": (typed("store-ctl add \\\n  --name a \\\n  --size 1"),),
    "loop": (typed("for i in 1 2; do\n  echo $i\ndone"),),
    "here-document": (typed("cat > a <<EOF\none\n\n# two\n  three\nEOF"), typed("ls")),
    "dialogue": (
        typed("ls"),
        Dialogue(
            "store-setup",
            at(10),
            (Turn("Open the firewall? (Yes, No) [Yes]:", "no"),),
            output="Open the firewall? (Yes, No) [Yes]: no\nDone.",
            after="Done.",
        ),
    ),
    "secret": (
        Dialogue(
            "store-setup",
            at(10),
            (Turn("Administrator's password:"),),
            output="Administrator's password:\nDone.",
            after="Done.",
        ),
    ),
    "file": (FileContent("/etc/a.conf", "[a]\n\nb = 1\n", at(10), mode="0644"), typed("ls")),
}


@pytest.mark.parametrize("name", ROUND)
def test_a_marker_in_a_guide_is_a_step_with_the_same_commands(tmp_path: Path, name: str) -> None:
    """The doubtful block becomes certain, and nothing else changes."""
    step = unmarked("the-step", *ROUND[name], confidence=0.5)
    guide = built(tmp_path, textwrap.dedent(marker(step, None)))
    done = guide.call("plan", "--json")
    assert done.returncode == 0, done.stderr
    (planned,) = codec.loads(done.stdout, Runbook).steps()
    assert planned.marked
    assert planned.confidence == 1.0
    assert actions_of(planned) == actions_of(step)


def actions_of(step: Step) -> list[object]:
    """What a step does, without its lines; secrets without their names."""
    found: list[object] = []
    for action in step.actions:
        if isinstance(action, Dialogue):
            turns = tuple((turn.prompt, turn.answer) for turn in action.turns)
            found.append((action.text, turns))
        elif isinstance(action, FileContent):
            found.append((action.path, action.text, action.mode))
        elif isinstance(action, Command):
            found.append(action.text)
    return found


def test_markers_are_for_doubtful_or_requested_blocks() -> None:
    """Also for a block of which no step was made, if it has commands."""
    lost = Reading("old/lost-block", at(60), Kind.COMMANDS, 0.3, commands=("ls -l",))
    guide = plan(LIST, GUESS, blocks=(reading(LIST), reading(GUESS), SHOWN, FORM, lost))
    assert [made.position.location.line for made in markers(guide, MarkerPosition)] == [32, 60]
    (made,) = markers(guide, MarkerPosition, ids={"old/list", "old/shown"})
    assert "# store-ctl list" in made.text
    assert "a\nb" not in made.text


def test_a_marker_names_known_hosts_and_the_user() -> None:
    """Others are named in a comment."""
    read = reading(GUESS, hosts=("the controller node", "gs1"), user="stack")
    text = marker(GUESS, read, ("gs1", "gs2"))
    assert "   :on: gs1\n   :user: stack\n" in text
    assert "$ setenfoce 0" in text
    assert "names these hosts: the controller node" in text
    assert ".. check::" in text


def test_the_row_of_a_dialogue_shows_the_command_that_starts_it() -> None:
    """What is typed into it is shown in full."""
    step = unmarked("one", asked("mysql", Turn("mysql>", "select 1;")))
    assert "mysql> select 1;" in shown(plan(step), commands=True)
