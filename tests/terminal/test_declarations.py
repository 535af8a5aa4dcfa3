from __future__ import annotations

import subprocess

import pytest

from runbook.terminal.declarations import UnreadableError, Variable, parse

SOURCE = r"""
plain=word; empty=; text='x  y'; quotes='it'\''s "q" $h `b` \'
lines=$'one\ntwo\n\n'; control=$'\t\001\033[1m\177'; umlaut='zwei é ☃'; bytes=$'a\377b'
exported='e $x'; export exported; declare -x unset_but_exported; declare -r readonly=1
declare -i number=41+1; declare -u upper=abc; declare -n reference=plain
declare -a array=(a 'b c' $'d\ne'); array[7]=far; declare -a none=(); declare -a unset_array
declare -A map=([k]=v ['a b']=$'1\n2' ['q"$x']=3 ["it's"]='")' ['=']='=')
paren=')'; bracket='a]b'; array_like='([0]="a")'; star='* ?'; tilde='~'
"""


def variables(script: str) -> dict[str, Variable]:
    """Return the variables of a bash after it has run `script`."""
    done = subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", f"{script}\ndeclare -p"],
        capture_output=True,
        check=True,
    )
    assert not done.stderr
    return parse(done.stdout)


def test_every_kind_of_variable_survives() -> None:
    """What is read of a bash, and written as statements, makes another bash equal to it."""
    found = variables(SOURCE)
    names = set(found) - set(variables("")) - {"PIPESTATUS"}
    assert {"plain", "bytes", "map", "unset_but_exported", "tilde"} <= names
    statements = "\n".join(found[name].statement(name) for name in sorted(names))
    again = variables(statements)
    assert {name: again[name] for name in names} == {name: found[name] for name in names}


def test_values_are_read_as_bytes() -> None:
    """Without the quotes that bash puts around them."""
    found = variables(SOURCE)
    assert found["quotes"].value == b'it\'s "q" $h `b` \\'
    assert found["lines"].value == b"one\ntwo\n\n"
    assert found["bytes"].value == b"a\xffb"
    assert found["number"] == Variable("i", b"42")
    assert dict(found["map"].elements or ())[b"it's"] == b'")'
    assert found["unset_but_exported"] == Variable("x")


def test_what_older_versions_of_bash_print_is_read() -> None:
    """They quote an array once more, and print line breaks as they are."""
    assert parse(b'declare -a a=\'([0]="x" [1]="y z")\'\n') == {
        "a": Variable("a", elements=((b"0", b"x"), (b"1", b"y z")))
    }
    assert parse(b'declare -- b="one\ntwo"\n') == {"b": Variable(value=b"one\ntwo")}


@pytest.mark.parametrize(
    "text",
    [b'declare -- a="x\n', b"request 4\n", b'declare -- a="x" late\n', b'declare -a a=([0]="x"\n'],
)
def test_what_bash_does_not_print_is_refused(text: bytes) -> None:
    """As when a job has printed into it."""
    with pytest.raises(UnreadableError):
        parse(text)
