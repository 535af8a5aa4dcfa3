"""A secret in shell text is a variable, in the quotes of its place, and shown to no program."""

from __future__ import annotations

import subprocess

import pytest

from runbook.shelltext.secret_words import SecretPlaceError, exposures, with_variables

VALUE = "a b*'\"$HOME`id`\\n"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("printf %s <secret:pw>", VALUE),
        ("printf %s x<secret:pw>y", f"x{VALUE}y"),
        ('printf %s "x <secret:pw>"', f"x {VALUE}"),
        ("printf %s 'x <secret:pw> y'", f"x {VALUE} y"),
        ("printf %s $'x\\t<secret:pw>\\ty'", f"x\t{VALUE}\ty"),
        ("printf %s \"it's <secret:pw> 'here'\"", f"it's {VALUE} 'here'"),
        ("cat <<EOF\np='<secret:pw>'\nEOF", f"p='{VALUE}'\n"),
        ("cat <<< <secret:pw>", f"{VALUE}\n"),
        ('x="$(printf %s "<secret:pw>")"; printf %s "$x"', VALUE),
        ("cat <(printf '%s' '<secret:pw>')", VALUE),
        ("x=<secret:pw>; printf %s \"$x\"", VALUE),
        ("f() { printf %s <secret:pw>; }; f", VALUE),
        ("for x in <secret:pw> <secret:pw>; do printf %s. \"$x\"; done", f"{VALUE}.{VALUE}."),
        ("[[ <secret:pw> == '<secret:pw>' ]] && printf same", "same"),
        ("printf %s one # <secret:pw>", "one"),
    ],
)  # fmt: skip
def test_the_value_is_one_word_in_any_quotes(text: str, printed: str) -> None:
    """As bash itself says; and no program gets it."""
    command = with_variables(text, lambda name: f"secret_{name}")
    assert "<secret:" not in command
    done = subprocess.run(
        ["bash", "-c", f"read -r -d '' secret_pw; {command}"],
        input=f"{VALUE}\0",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == printed
    assert exposures(text) == ()


@pytest.mark.parametrize(
    ("text", "program", "is_argument"),
    [
        ("mysql -p<secret:pw> -e x", "mysql", True),
        ("/bin/echo <secret:pw>", "/bin/echo", True),
        ("true && curl -u 'admin:<secret:pw>' http://x", "curl", True),
        ('curl -u "admin:$(echo "<secret:pw>")" http://x', "curl", True),
        ("bash -c 'echo <secret:pw>'", "bash", True),
        ("ssh gs1 'cat > /x' <<< x; ssh gs1 echo <secret:pw>", "ssh", True),
        ("for x in 1; do passwd <secret:pw>; done", "passwd", True),
        ("PGPASSWORD=<secret:pw> psql", "psql", False),
        ("export PW=<secret:pw>", "later programs", False),
        ("declare -x PW=<secret:pw>", "later programs", False),
    ],
)
def test_a_program_that_would_get_it_is_named(
    text: str, program: str, *, is_argument: bool
) -> None:
    """With whether it is an argument, or in its environment."""
    found = exposures(text)
    assert [(one.secret, one.program, one.is_argument) for one in found] == [
        ("pw", program, is_argument)
    ]


def test_where_the_shell_replaces_nothing_there_is_no_secret() -> None:
    """A here-document with a quoted delimiter is written as it is."""
    with pytest.raises(SecretPlaceError, match="quoted delimiter"):
        with_variables("cat <<'EOF'\n<secret:pw>\nEOF", str)


def test_text_without_secrets_is_left_alone() -> None:
    """Whatever else stands in angle brackets."""
    text = "cat <secret.txt >x; echo <vm-id>"
    assert (with_variables(text, str), exposures(text)) == (text, ())
