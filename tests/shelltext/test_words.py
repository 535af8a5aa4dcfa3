"""Words are what a program gets: bash itself says what that is."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.shelltext.parsing.lexer import read, split
from runbook.shelltext.programs import programs
from runbook.shelltext.variables import Variables

PIECES = [
    "a", "b1", "-x", "=", "/", ".", ",", "%", "'c d'", '"e f"', "''", '""', "\\ ", "\\g", "\\'",
    '"\\"h"', "'i\"'", '"it\'s"', "$'j\\x41\\101\\u00e9'", "$'k\\tl'", "$'\\''", '$"m"', "\\\n",
    '"n\\\no"', '"$"', "$'p\\0q'", "'\\'", '"\\\\"', '"\\r"', "{s,t}", "{1..3}", "{u..w}",
    "{x}", "{,y}", "{a,{b,c}}", "\\{d,e}", '{"f g",h}', "é", "#i",
]  # fmt: skip
"""Ways to write words, without anything that a shell would have to compute."""

words = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)


def given_by_bash(text: str) -> list[str]:
    """Return the words that bash gives to the program in `text`, whose name is `show`."""
    script = f"set -f; show() {{ printf '%s\\0' \"$@\"; }}\n{text}\n"
    done = subprocess.run(
        ["bash"], input=script.encode(), capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    return done.stdout.decode().split("\0")[:-1]


@settings(deadline=None)
@given(st.lists(words, min_size=1, max_size=3))
def test_quotes_and_braces_are_read_as_bash_reads_them(written: list[str]) -> None:
    """Whatever they are combined of."""
    text = " ".join(["show", "-", *(f"x{word}" for word in written)])
    (command,) = split(text)
    assert [word.text for word in command.words[1:]] == given_by_bash(text)


VALUES = ["a", "'b c'", '"d"', "$x", '"$y z"', "e$x", "${y}f", "$(echo g h)", "$(printf '%s-' i j)"]
USES = ["$x", '"$x"', "$y$x", "k${x}", '"$y" $x', "${none:-l}", "${x:-m}", "`echo n`", "$(echo $y)"]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from(VALUES)), max_size=4),
    st.lists(st.sampled_from(USES), min_size=1, max_size=3),
)
def test_what_bash_makes_of_variables_is_among_the_possible_forms(
    assigned: list[tuple[str, str]], used: list[str]
) -> None:
    """Each value is possible, wherever it is assigned."""
    lines = [f"{name}={value}" for name, value in (("x", "o"), ("y", "p"), *assigned)]
    text = "\n".join([*lines, f"show {' '.join(used)}"])
    shell = read(text)
    variables = Variables()
    variables.add(shell.assignments)
    forms = [[word.text for word in form[1:]] for form in variables.forms(shell.own[-1].words)]
    unknown = any("$" in word for form in forms for word in form)
    assert unknown or given_by_bash(text) in forms


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("echo $'it\\'s time'; rm a", ["echo", "rm"]),
        ('"${a:-$(rm a)}"', ["${a:-$(rm a)}", "rm"]),
        ("cat <<EOF\n$(ls `rm a`)\nEOF", ["cat", "ls", "rm"]),
        ("cat <<'EOF'\n$(ls)\nEOF\nwc", ["cat", "wc"]),
        ("echo `ls \\`rm a\\``", ["echo", "ls", "rm"]),
        ("! { ls; } | wc", ["ls", "wc"]),
        ("time (ls); coproc wc", ["ls", "wc"]),
        ("a >b c 2>&1 | d <<< e", ["a", "d"]),
        ("cat <<A; ls\nx\nA\nwc", ["cat", "ls", "wc"]),
        ("echo $(( $(ls) + 1 )) ${x/$(wc)/y} <(sort)", ["echo", "ls", "wc", "sort"]),
        ("case $(ls) in $(wc)) sort;; esac", ["ls", "wc", "sort"]),
        ("a[$(ls)]=1 b=(1 `wc`)", ["ls", "wc"]),
        ("[[ $(ls) =~ a && -n `wc` ]]", ["ls", "wc"]),
        ("f() { ls; }; function g { wc; }", ["ls", "wc"]),
        ("sudo -u bob -- env A=1 nice -n 5 ls", ["sudo", "env", "nice", "ls"]),
        ("docker compose exec -u root web ls -l", ["docker", "ls"]),
        ("find . -exec ls {} \\; -exec wc {} +", ["find", "ls", "wc"]),
        ("ssh -p 22 h 'ls | wc'", ["ssh", "ls", "wc"]),
        ("ssh h 'bash -s' <<EOF\nls\nEOF", ["ssh", "bash", "ls"]),
        ("echo ls | sudo sh", ["echo", "sudo", "sh", "ls"]),
        ("cat <<E | bash\nls\nE", ["cat", "bash", "ls"]),
        ("bash <(echo ls)", ["bash", "ls", "echo"]),
        ("command -v ls; command ls", ["command", "command", "ls"]),
        ("watch -n 1 'ls | wc'", ["watch", "ls", "wc"]),
        ("su - bob -c ls", ["su", "ls"]),
    ],
)
def test_every_program_is_found(text: str, names: list[str]) -> None:
    """Within quotes, expansions, here-documents and compound commands, and through other ones."""
    assert [program.name for program in programs(text)] == names


def test_large_scripts_are_read_in_linear_time() -> None:
    """As seen by the number of what is found, which is right at any size."""
    text = 'if true; then\necho "$(date)" > out | wc\nfi\n'
    assert len(programs(text * 300)) == 300 * len(programs(text))
