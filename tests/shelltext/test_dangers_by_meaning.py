"""Dangers are known by what commands mean; what a shell would have to compute is one, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbook.lint.consent import consent_reasons
from runbook.model import Edit, FileContent
from runbook.shelltext.dangers import dangers, step_dangers
from runbook.shelltext.dangers.lists import bold_options, rules, verbs
from runbook.shelltext.dangers.rules import FUNCTIONS
from tests.support.paths import ROOT
from tests.support.unmarked import at, plan, unmarked

SAMPLES = ROOT / "tests/samples/commands"
LISTS = ROOT / "runbook/shelltext/dangers/lists"


def lines(path: Path) -> list[str]:
    """Return the commands in a file of samples."""
    found = path.read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in found if line and not line.startswith("# ")]


@pytest.mark.parametrize("text", lines(SAMPLES / "destructive.txt"))
def test_destructive_commands_need_consent(text: str) -> None:
    """Whether a list names the program, or its words say what it does."""
    assert dangers(text)


@pytest.mark.parametrize("text", lines(SAMPLES / "everyday.txt"))
def test_everyday_commands_need_none(text: str) -> None:
    """An operator who is asked too often stops reading."""
    assert dangers(text) == ()


@pytest.mark.parametrize("verb", [verb for verb in verbs() if verb != "format"])
def test_a_verb_of_destruction_counts_for_any_program(verb: str) -> None:
    """As a word, as a part of a word, and as an option; with `no`, an option says the opposite."""
    for text in (f"tool {verb} x", f"tool a-{verb} x", f"tool a:{verb}", f"tool --{verb}-all x"):
        assert dangers(text), text
    assert dangers(f"tool --no-{verb} x") == ()
    assert dangers(f"echo {verb}; man {verb}; grep -r {verb} .; vi {verb}") == ()


@pytest.mark.parametrize(
    "text",
    [
        "$x -l",
        "$(echo l)s$(date)",
        "/bin/l?",
        "eval $x",
        "bash -c $x",
        "sh < <(date)",
        "date | sh",
        "echo aGk= | base64 -d | bash",
        "while read -r c; do $c; done < list",
        "xargs -I@ @ < list",
        "find . -exec {} \\;",
        "trap $x EXIT",
        "PROMPT_COMMAND=date",
        "echo ${x@P}",
        "source <(date)",
        "f() { sh; }",
        "echo $(rev <<< x) | xargs tool; tool $(rev <<< eteled)",
        "p+=m; $p x",
        "date > a; . ./a",
    ],
)
def test_what_cannot_be_told_needs_consent(text: str) -> None:
    """A program that is computed, and text for a shell that is."""
    assert dangers(text)


@pytest.mark.parametrize(
    "text", ["echo 'a", "if true; then ls", "ls )", "cat <<EOF\na", "[[ a =~ (b|c]] ]]"]
)
def test_text_that_bash_refuses_needs_consent(text: str) -> None:
    """Nobody knows what was meant."""
    assert dangers(text)


def test_variables_have_each_value_that_is_assigned() -> None:
    """Before or after, in any branch, in a loop, and within other variables."""
    for text in (
        "x=ls; if true; then x=rm; fi; $x -r a",
        "a=r; b=m; $a$b -r c",
        "for x in ls rm; do $x -r a; done",
        "opts='-r -f'; rm $opts a",
        "x=rm; y=$x; ${y} -r a",
        "export x=rm; sudo $x -r a",
        "x=${none:-rm}; $x -r a",
    ):
        assert any("deletes directories" in one for one in dangers(text)), text
    assert dangers("x=ls; $x -r a") == ()


def test_a_file_is_known_that_an_earlier_step_writes() -> None:
    """By a command or as a block; its content is what counts."""
    wrote = unmarked("write", "cat > /usr/local/bin/tidy <<'EOF'\nrm -r /srv/a\nEOF")
    file = FileContent("/opt/tidy.sh", "rm -r /srv/a\n", at(3))
    guide = plan(
        wrote,
        unmarked("file", file),
        unmarked("run", "chmod +x /usr/local/bin/tidy\ntidy"),
        unmarked("shell", "bash /opt/tidy.sh"),
        unmarked("other", "bash /opt/other.sh"),
    )
    assert consent_reasons(guide).keys() == {"old/run", "old/shell"}


def test_a_device_is_no_place_for_a_file() -> None:
    """Whatever a block of the guide is said to contain."""
    assert step_dangers(unmarked("one", FileContent("/dev/sdb", "x\n", at(3), Edit.LINES)))


def test_the_manual_has_what_the_lists_have() -> None:
    """So that an operator can look up why a step was refused."""
    manual = (ROOT / "docs/harness/unmarked.rst").read_text(encoding="utf-8")
    named = set(re.findall(r"``([^`]+)``", manual))
    programs = {*rules("programs").exact, *(name for name, _ in rules("programs").patterns)}
    assert programs - named == set()
    assert set(FUNCTIONS) - {word for one in named for word in one.split()} == set()
    assert {*verbs(), *bold_options()} - named == set()
    rows = set(re.findall(r"^   \* - (.+)$", manual, re.MULTILINE))
    reasons = {rule.reason for several in rules("programs").exact.values() for rule in several}
    assert reasons - rows == set()


def test_the_lists_say_nothing_twice() -> None:
    """A name in two lists would be found by chance."""
    for name in ("programs", "readers"):
        text = (LISTS / f"{name}.txt").read_text(encoding="utf-8")
        section = ""
        seen: set[str] = set()
        for line in text.splitlines():
            section = line if line.startswith("[") else section
            if line and not line.startswith(("#", "[")):
                key = f"{section} {line.partition(':')[0]}"
                assert key not in seen, key
                seen.add(key)
