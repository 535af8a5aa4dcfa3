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
        ("declare -xg PW=<secret:pw>", "later programs", False),
        ("declare '-x' PW=<secret:pw>", "later programs", False),
        ("export PW; PW=<secret:pw>", "later programs", False),
        ("declare -x PW\ndeclare PW=<secret:pw>", "later programs", False),
        ("set -eua; PW=<secret:pw>", "later programs", False),
        ("set -o allexport; PW=<secret:pw>", "later programs", False),
        ("cat <<EOF\n$(curl -u <secret:pw> http://x)\nEOF", "curl", True),
        ("cat <<EOF\n`PW=<secret:pw> psql`\nEOF", "psql", False),
        ("x=`mysql -p<secret:pw>`", "mysql", True),
        ("bash <<EOF\nmysql -p'<secret:pw>'\nEOF", "mysql", True),
        ("ssh gs1 <<EOF\nmysql -p<secret:pw>\nEOF", "mysql", True),
        ("cat <<EOF | sudo bash -s\nmysql -p<secret:pw>\nEOF", "mysql", True),
        ("bash <<< 'mysql -p<secret:pw>'", "mysql", True),
        ("echo 'mysql -p<secret:pw>' | bash", "mysql", True),
        ("printf '%s\\n' \"mysql -p<secret:pw> $DB\" | ssh gs1 sh", "mysql", True),
        (". <(echo 'mysql -p<secret:pw>')", "mysql", True),
        ("echo 'bash <<< \"mysql -p<secret:pw>\"' | bash", "mysql", True),
        ('echo() { mysql "$@"; }; echo <secret:pw>', "echo", True),
        ("alias printf=/bin/printf\nprintf <secret:pw>", "printf", True),
        ("enable -n printf; printf <secret:pw>", "printf", True),
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


@pytest.mark.parametrize("before", ["export PW", "typeset -x PW", "set -a", "export PW=1; true"])
def test_a_variable_that_the_shell_exports_already_is_in_the_environment(before: str) -> None:
    """Whichever command of the step has said so; until another one takes it back."""
    (found,) = exposures("PW=<secret:pw>", [before])
    assert (found.program, found.is_argument) == ("later programs", False)
    assert not exposures("PW=<secret:pw>", [before, "export -n PW; set +a"])
    assert not exposures("PW=<secret:pw>; true", ["(true); x=$(export PW)"])
    assert not exposures("PW=<secret:pw>", ["set -- -a /srv", "set -o errexit", "set a -a"])


def test_an_alias_for_a_builtin_with_options_is_that_builtin() -> None:
    """One for something else may be a program."""
    assert not exposures("echo <secret:pw> > /etc/x", ["alias echo='echo -e'"])
    assert exposures("echo <secret:pw> > /etc/x", ["alias echo=/bin/echo"])


@pytest.mark.parametrize(
    "text",
    [
        "PW=<secret:pw>; export OTHER",
        "cat > /etc/profile.d/pw.sh <<EOF\nexport PW=<secret:pw>\nEOF\nPW=<secret:pw>",
        "cat <<'EOF'\n$(mysql -p<secret:pw>)\nEOF",
        "cat <<EOF\n$(printf %s <secret:pw>) mysql -p<secret:pw>\nEOF",
        "psql <<EOF\nALTER ROLE app PASSWORD '<secret:pw>';\nEOF",
        "ssh gs1 psql <<EOF\nALTER ROLE app PASSWORD '<secret:pw>';\nEOF",
        "bash <<EOF\nPW=<secret:pw>; printf '%s' '<secret:pw>' | passwd --stdin app\nEOF",
        "sudo -S bash <<EOF\n<secret:pw>\nid\nEOF",
        "echo '<secret:pw>' | sudo -S bash -c id",
        "mapfile -t lines <<EOF\nuser <secret:pw>\nEOF",
        "passwd --stdin app <<< <secret:pw>",
    ],
)
def test_what_only_standard_input_has_is_seen_by_nobody_else(text: str) -> None:
    """Nor what a builtin of a shell gets that runs such a text."""
    assert exposures(text) == ()


def test_where_the_shell_replaces_nothing_there_is_no_secret() -> None:
    """A here-document with a quoted delimiter is written as it is."""
    with pytest.raises(SecretPlaceError, match="quoted delimiter"):
        with_variables("cat <<'EOF'\n<secret:pw>\nEOF", str)


def test_text_without_secrets_is_left_alone() -> None:
    """Whatever else stands in angle brackets."""
    text = "cat <secret.txt >x; echo <vm-id>"
    assert (with_variables(text, str), exposures(text)) == (text, ())
