"""What a step leaves behind in its shell is given to the shell of a later run."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from runbook.errors import RunbookError
from runbook.execution.sessions.session import Session
from runbook.model import Dialogue, Location, Turn
from runbook.results import ShellState

HERE = Location("guide.rst", 3)

CHANGES = r"""
mkdir -p "/tmp/it's a place"; cd "/tmp/it's a place"; umask 027
plain='a  b'; export EXPORTED=$'one\ntwo "three" $four \\'; control=$'\t\001\033[1m'
declare -a array=(a 'b c' $'d\ne'); array[7]=far; declare -A map=([k]=v ['a b']=$'1\n2')
declare -i number=41; declare -r fixed=1; umlaut='zwei é ☃'; bytes=$'a\377b'; empty=
unset GIVEN
alias ll='ls -l' say="echo 'it is'"
shopt -s extglob nullglob; shopt -u sourcepath
"""
FUNCTIONS = r"""
greet() { cat <<EOF
hello $1
EOF
}
kind() { case $1 in @(a|b)) echo letter;; esac; cat <<'X' | tr a-z A-Z
q"$
X
}
export -f greet; declare -t kind_of=1
set -o noglob; set -u
"""
QUESTIONS = r"""
pwd; umask; printf '%s|' "$plain" "$control" "${array[@]}" "${!array[@]}" "${map[a b]}" "$umlaut"
printf '%s|' "$bytes" "$empty" "${GIVEN-unset}"; number=number+1; echo $number $(fixed=2; echo no)
printenv EXPORTED; bash -c 'greet me'; greet you; kind a; type kind | head -1
alias ll say; shopt extglob nullglob sourcepath; echo $-; declare -p fixed number kind_of
"""


@pytest.fixture
def other(argv: list[str]) -> Iterator[Session]:
    """Give a second session on the same host."""
    with Session.open(argv, host="box", environment={"GIVEN": "1"}) as session:
        yield session


@pytest.fixture
def first(argv: list[str]) -> Iterator[Session]:
    """Give the first session."""
    with Session.open(argv, host="box", environment={"GIVEN": "1"}) as session:
        yield session


def test_a_new_shell_is_given_everything(first: Session, other: Session) -> None:
    """Directory, umask, variables of all kinds, functions, aliases, options."""
    for text in (CHANGES, FUNCTIONS):
        first.run(text, timeout=20)
    state = first.state()
    assert state.lost == ()

    other.restore(state, "root")

    expected = first.run(QUESTIONS, timeout=20).output
    assert "hello me\nhello you\n" in expected
    assert other.run(QUESTIONS, timeout=20).output == expected


def test_an_untouched_shell_has_nothing_to_give(first: Session) -> None:
    """Whatever the profile, the lab's environment and bash itself set."""
    assert first.state() == ShellState()
    first.run("ls >/dev/null; (exit 3); echo $RANDOM $SECONDS", timeout=10)
    assert first.state() == ShellState()


def test_reading_the_state_leaves_no_trace(argv: list[str]) -> None:
    """Nothing is recorded, printed or changed, not even `$?`, whatever the shell is set to."""
    sink = io.BytesIO()
    with Session.open(argv, host="box", sink=sink) as session:
        session.run("set -x; exec 3>&1 >/dev/null; (exit 7)", timeout=10)
        recorded = len(sink.getvalue())
        session.state()
        assert len(sink.getvalue()) == recorded
        assert session.run("s=$?; set +x; echo $s >&3", timeout=10).output.endswith("\n7\n")


def test_the_value_of_a_secret_is_not_kept(first: Session, other: Session) -> None:
    """The variable is named, and a shell that lacks it is not passed off as complete."""
    ask = Dialogue("read -s -p 'Password: ' p; echo", HERE, (Turn("Password:", secret="admin"),))
    first.converse(ask, secrets=lambda _: "correct 'horse'", timeout=20)
    first.run('export TOKEN="t-$p"; f() { echo "correct \'horse\'"; }; other=1', timeout=10)

    state = first.state()

    assert set(state.lost) == {"p", "TOKEN"} or set(state.lost) == {"p", "TOKEN", "f"}
    assert "horse" not in state.script
    assert "other=1" in state.script
    with pytest.raises(RunbookError, match=r"box: the shell of root cannot .*TOKEN.*secret"):
        other.restore(state, "root")
    assert not other.alive


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("cd -- /nowhere/at/all\nleft=1\n", "/nowhere/at/all"),
        ("declare -r fixed=1\nfixed=2\n", "fixed: readonly variable"),
        ("f () \n{ \n", "syntax error"),
    ],
)
def test_a_state_that_cannot_be_given_back_is_an_error(
    other: Session, script: str, why: str
) -> None:
    """The message names the host, the user, and what is in the way."""
    with pytest.raises(RunbookError, match=f"(?s)box: the shell of me cannot .*: .*{why}"):
        other.restore(ShellState(script), "me")
    assert not other.alive


def test_errexit_is_given_back_last(first: Session, other: Session) -> None:
    """The shell then ends at the first failure, as the reader's does."""
    first.run("set -e; x=1", timeout=10)
    other.restore(first.state(), "root")
    assert other.run("echo $-", timeout=10).output.count("e") == 1


def test_the_state_is_read_while_a_job_prints(first: Session) -> None:
    """What the job prints is not taken for it."""
    first.run("talk() { while :; do echo request; sleep 0.002; done & }", timeout=10)
    first.run("talk; x=1", timeout=10)
    state = first.state()
    assert "request" not in state.script.partition("talk ()")[0]
    assert "x=1\n" in state.script or state.lost == ("*",)
    first.run("kill %1", timeout=10)
