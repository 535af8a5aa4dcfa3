"""A command ends where bash ends it: bash itself is the judge."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.console.shell import script_commands
from runbook.shelltext.parsing.reader import Reader, explain
from tests.support.bash import Verdict, parsed, scripts_of_this_machine

SCRIPTS = int(os.environ.get("SCRIPTS", "40"))
"""How many scripts of this machine are cut; `SCRIPTS=10000` takes all, and minutes."""

COMMANDS = [
    "greet()\n{\necho hello\n}",
    "function f\n{\necho hello\n}",
    "function f() (\necho hello\n)",
    "ls |\n# a remark\nwc",
    "ls &&\n\n# a remark\nwc",
    "ls ||\nwc &",
    "[[ -n $a\n]]",
    "[[ -n $a &&\n$b =~ ^(x|y )+$ ]]",
    "coproc {\ncat\n}",
    "coproc CAT {\ncat\n}",
    "cat <<-A <<B\n\tone\n\tA\ntwo\nB",
    "cat <<A; ls\none\nA",
    "cat <<'A B'\n$(\nA B",
    "cat <<A\none \\\nA\nA",
    "x=$(cat <<A\n)\nA\n)",
    "case $x in\n(a) ls;;\nb|c)\nls ;&\n*) esac",
    "case $x in a) case $y in b) ;; esac ;; esac",
    "a=(\none # remark\n$(two)\n)",
    "declare -a a=(\none\n)",
    "((\na = 1 +\n(2 * 3)\n))",
    "((a); (b))",
    "for ((i = 0;\ni < 3; i++)); do ls; done",
    "for x in a \\\nb\ndo ls; done",
    "for x\ndo ls; done",
    "select x in a b; do\nls\ndone < /dev/null",
    "if ls; then\nls\nelif ls\nthen ls; else\nls; fi > out",
    "while read -r x; do ls; done <<A\none\nA",
    "until false\ndo\nbreak\ndone",
    "echo 'one\ntwo' \"three\nfour\"",
    "echo $'it\\'s\ntime'",
    'echo "$(ls "a\nb")"',
    "echo ${a:-\nb}",
    "echo `ls\nls`",
    "echo $((1 +\n2)) $[1 +\n2]",
    "diff <(ls\n) >(cat\n)",
    "ls \\\n-l \\\n/",
    "l\\\ns",
    "! ls",
    "time -p ls",
    "time",
    "{ ls; } 2>&1 | { wc; }",
    "( ls; (ls) )",
    "a[1 + 2]=3",
    "echo a#b # c",
    "echo {a,b}",
    "if [ -f x ]; then ls; fi; ls",
    "f() { ls; }; f",
    "echo ${#a} $# ${a#*x} ${a%%\\}*}",
    "{fd}>/dev/null ls",
    "ls >| a 2>&1 &> b <<< c",
]


def cut(text: str) -> list[str]:
    """Return the commands of a script."""
    found, problem = script_commands(text.split("\n"))
    assert problem is None
    return [one.text for one in found]


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_is_read_to_its_end(text: str) -> None:
    """And no further: the lines before the last are not complete, and the next is another one."""
    assert parsed(text) is Verdict.COMPLETE
    lines = text.split("\n")
    for count in range(1, len(lines)):
        assert parsed("\n".join(lines[:count])) is not Verdict.COMPLETE
    assert cut(f"true\n{text}\n\n# remark\ntrue") == ["true", text, "true"]


def test_scripts_of_this_machine_are_cut_where_bash_ends_a_command() -> None:
    """Each piece is complete for bash, and no part of its lines is."""
    found = sorted(scripts_of_this_machine(everywhere=SCRIPTS > 1000))
    chosen = Random(1).sample(found, min(SCRIPTS, len(found)))  # the same each time
    for path in chosen:
        _is_cut_right(path, Random(2))


def _is_cut_right(path: Path, random: Random) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape").rstrip("\n")
    if parsed(text) is not Verdict.COMPLETE or "\r" in text:
        return
    for piece in cut(text):
        lines = piece.split("\n")
        if len(lines) == 1:
            continue
        assert parsed(piece) is Verdict.COMPLETE, f"{path}: {piece}"
        counts = random.sample(range(1, len(lines)), min(4, len(lines) - 1))
        for count in counts:
            part = "\n".join(lines[:count])
            assert parsed(part) is not Verdict.COMPLETE, f"{path}: {part}"


TOKENS = [
    "if", "then", "else", "fi", "while", "do", "done", "for", "x", "in", "case", "esac", "a)", "*)",
    ";;", ";&", "{", "}", "(", ")", "((", "))", "[[", "]]", "echo", "&&", "||", "|", ";", "&", "!",
    "time", "function", "coproc", "a=(", "a=1", ">f", "<<E", "E", "#", "\\", "f()", "$(", "`", "'",
    '"', "${a", "$((", "\n", "\n", "\n",
]  # fmt: skip
PIECES = st.sampled_from([*COMMANDS, *TOKENS])


@given(st.lists(PIECES, min_size=1, max_size=4).map(" ".join))
def test_bash_agrees_on_what_is_complete(text: str) -> None:
    """Where bash finds an error, this may be more lenient; it never goes on where bash ends."""
    verdict = parsed(text.rstrip("\n"))
    reader = Reader()
    for line in text.rstrip("\n").split("\n"):
        reader.feed(line)
        if reader.errors:
            return
    if verdict is Verdict.COMPLETE:
        assert reader.awaits is None
    elif verdict is Verdict.OPEN:
        assert reader.awaits is not None


@given(st.text(alphabet="ab'\"`$(){}[]<>|&;#\\=!* \n", max_size=40))
def test_a_text_is_read_alike_at_once_and_line_by_line(text: str) -> None:
    """A page shows a command as it is typed."""
    one, other = Reader(), Reader()
    one.read(text)
    for line in text.split("\n"):
        other.feed(line)
    assert (one.awaits, one.whole, one.errors) == (other.awaits, other.whole, other.errors)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("echo 'a", "the quote ' is not closed", 0),
        ("ls\ncat <<E\na", "the here-document is not terminated by 'E'", 1),
        ("ls |", "the line ends with '|', but no command follows", 0),
        ("ls \\", "the line ends with a backslash, but nothing follows", 0),
        ("if true\nthen\nfor x in a", "'for' is not closed: 'done' is missing", 2),
        ("greet()", "a function has no body", 0),
        ("echo $(ls", "'$(' is not closed: ')' is missing", 0),
        ("echo ${a", "'${' is not closed: '}' is missing", 0),
        ("(( 1 +", "'((' is not closed: '))' is missing", 0),
    ],
)
def test_what_is_open_is_said_with_its_line(text: str, said: str, line: int) -> None:
    """An author sees where to look."""
    reader = Reader()
    reader.read(text)
    assert reader.awaits is not None
    assert (explain(reader.awaits), reader.awaits.line) == (said, line)


def test_a_line_that_bash_refuses_ends_there() -> None:
    """What follows is another command, as at a prompt."""
    assert cut("ls )\nls") == ["ls )", "ls"]
    assert cut("foo (bar\nls") == ["foo (bar", "ls"]


def test_deep_nesting_ends() -> None:
    """As an error, in time."""
    reader = Reader()
    reader.read("echo " + "$(" * 5000)
    assert reader.errors == ["it is nested too deeply"]
