from __future__ import annotations

import pytest

from runbook.shelltext.background import starts_job


@pytest.mark.parametrize(
    "text",
    [
        "server &",
        "sleep 1& wait",
        "(one;\ntwo) &",
        "for i in 1 2; do\n  work $i &\ndone",
        "f() { server & }",
        "server >log 2>&1 &",
        "coproc cat",
        "true; coproc NAME { cat; }",
        "x=$(server & echo $!)",
    ],
)
def test_a_command_that_starts_a_job_is_recognised(text: str) -> None:
    """Wherever in the text it does so."""
    assert starts_job(text)


@pytest.mark.parametrize(
    "text",
    [
        "make && make install",
        "make 2>&1 | tee log",
        "make |& tee log",
        "make &>log; make &>>log",
        "exec 3<&0; read x <&3",
        "echo 'a & b' \"c & d\" e\\&f",
        "# server &",
        "cat <<END\na & b\nEND",
        "curl 'http://box/?a=1&b=2'",
        "man coproc",
        "",
    ],
)
def test_other_commands_are_not(text: str) -> None:
    """Whatever else the character means."""
    assert not starts_job(text)
