"""A console block is read as an interactive shell would read what was typed."""

from __future__ import annotations

import pytest

from runbook import console
from runbook.console import ConsoleError
from runbook.model import Command, Location

START = Location("docs/page.rst", 10)


def read(text: str, language: str = "console") -> list[tuple[int, str, str | None]]:
    """Return line, text and output of the commands in `text`, whose first line is 10."""
    found = console.actions(text, START, language=language)
    assert all(isinstance(action, Command) for action in found)
    return [(a.location.line, a.text, a.output) for a in found if isinstance(a, Command)]


@pytest.mark.parametrize(
    "shown",
    [
        "# ",
        "$ ",
        "[root@host ~]# ",
        "[root@gs1.example.com /etc]# ",
        "root@host:~# ",
        "admin@host:/var/log$ ",
        "bash-5.2# ",
        "sh-5.1$ ",
        "-bash-4.1# ",
        "(venv) $ ",
        "\u276f ",
    ],
)
def test_a_prompt_starts_a_command_and_other_lines_are_its_output(shown: str) -> None:
    """Whatever the prompt looks like, the command is the text after it."""
    text = f"{shown}uptime\n up 3 days\n\n{shown}id -u\n0\n"
    assert read(text) == [(10, "uptime", " up 3 days"), (13, "id -u", "0")]


@pytest.mark.parametrize(
    "command",
    [
        "gluster volume create data \\\n  gs1:/bricks/data",
        "echo 'one\n\ntwo'",
        'echo "one\n# two"',
        "cat <<EOF > /etc/motd\nWelcome\n\n# no prompt\n$ neither\nEOF",
        "cat <<-'END'\n\tindented\n\tEND",
        "cat <<A <<B\n1\nA\n2\nB",
        "for h in gs1 gs2; do\n  echo $h\ndone",
        "while read x; do\n  if test $x; then\n    echo $x\n  fi\ndone < /etc/hosts",
        "case $1 in\na) echo a;;\n(b) echo b;;\nesac",
        "f() {\n  echo hi\n}",
        "(cd /\nls)",
        "echo $(date\n)",
        "dmesg |\n  tail -1",
        "true &&\n  false ||\n  true",
        'echo "$(cat <<EOF\nit\'s\nEOF\n)"',
        "a=(1\n2)",
    ],
)
def test_a_command_lasts_until_the_shell_would_run_it(command: str) -> None:
    """Continuations, quotes, here-documents and compound commands are included."""
    assert read(f"# {command}\nits output\n# id") == [
        (10, command, "its output"),
        (12 + command.count("\n"), "id", None),
    ]
    assert [text for _, text, _ in read(f"{command}\nid", "bash")] == [command, "id"]


@pytest.mark.parametrize(
    "command",
    [
        "echo it\\'s",
        "echo ${#array[@]} $#",
        "echo $(( 1 << 4 ))",
        "(( x = 1 << 4 ))",
        "cat <<< word",
        "echo a # it's a comment",
        "echo for if case do",
        "echo a#b'c'",
        "ls 2>&1 | wc -l",
        "printf '%s' $'it\\'s'",
        "find . -name x -exec rm {} ;",
        "sleep 1 &",
        'test "$x" = "`date`"',
        "echo ${x:-'}'}",
    ],
)
def test_a_complete_line_does_not_swallow_its_output(command: str) -> None:
    """Text that only looks like an opening construct opens nothing."""
    assert read(f"# {command}\nout") == [(10, command, "out")]


def test_continuation_prompts_are_not_part_of_the_command() -> None:
    """`> ` counts as a prompt only where the shell would show one."""
    assert read("$ cat <<EOF\n> one\n>\n> EOF\none\n\n$ echo '> x'\n> x") == [
        (10, "cat <<EOF\none\n\nEOF", "one"),
        (16, "echo '> x'", "> x"),
    ]


def test_a_hash_is_output_where_the_prompt_is_a_dollar() -> None:
    """A printed configuration file may contain comments."""
    assert read("$ cat /etc/fstab\n# devices\n/dev/vda /") == [
        (10, "cat /etc/fstab", "# devices\n/dev/vda /")
    ]


def test_a_script_block_is_a_sequence_of_commands() -> None:
    """With comments and blank lines in between."""
    text = "# Prepare\nmkdir -p /bricks\n\nfor i in 1 2; do\n\n  echo $i\ndone\necho done"
    assert read(text, "bash") == [
        (11, "mkdir -p /bricks", None),
        (13, "for i in 1 2; do\n\n  echo $i\ndone", None),
        (17, "echo done", None),
    ]


def test_tabs_and_trailing_spaces_survive_in_a_here_document() -> None:
    """The text of a file that a command writes is exact."""
    assert read("# cat <<-EOF\n\tone \n\tEOF\n# id")[0][1] == "cat <<-EOF\n\tone \n\tEOF"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# id\n# cat <<EOF > /x\nfoo", 11, "here-document is not terminated by 'EOF'"),
        ("# echo 'a\nb\n# id", 10, "quote '"),
        ('# id\n\n# echo "a', 12, 'quote "'),
        ("# ls \\\n# id", 10, "backslash"),
        ("# ls |\n# id", 10, "'|'"),
        ("# true\n# for i in 1; do\n  echo", 11, "'done'"),
        ("# (ls", 10, "')'"),
        ("output\n# ls", 10, "before the first prompt"),
    ],
)
def test_an_unterminated_construct_is_reported_with_its_line(
    text: str, line: int, words: str
) -> None:
    """The author learns which line opened it, not where the block ends."""
    with pytest.raises(ConsoleError) as caught:
        read(text)
    assert caught.value.location == Location("docs/page.rst", line)
    assert words in caught.value.message
    assert str(caught.value).startswith(f"docs/page.rst:{line}: ")


def test_an_unterminated_script_is_reported_as_well() -> None:
    """The rule holds for blocks without prompts."""
    with pytest.raises(ConsoleError, match=r"page\.rst:11: the here-document"):
        read("id\ncat <<EOF\nx", "bash")


def test_output_is_compared_only_if_requested_and_shown() -> None:
    """A command without output below it has nothing to compare."""
    found = console.actions("# id -u\n0\n# true", START, compare=True)
    assert [(a.compare, a.output) for a in found if isinstance(a, Command)] == [
        (True, "0"),
        (False, None),
    ]


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("# yum install squid", True),
        ("$ ls", True),
        ("\n# ls", True),
        ("# Set this to your network\nacl net src 10.0.0.0/8", False),
        ("# 第5行\nacl localhost src 192.168.0.150", False),
        ("SELINUX=permissive", False),
        ("", False),
    ],
)
def test_a_block_without_a_language_is_a_console_block_if_it_starts_with_a_prompt(
    text: str, shows: bool
) -> None:
    """A comment at the top of a configuration file is not a prompt."""
    assert console.has_prompt(text) is shows


@pytest.mark.parametrize(
    ("command", "program"), [("mysql -u root -p", "mysql"), ("cat > notes", "cat"), ("bc", "bc")]
)
def test_lines_that_a_program_would_read_are_not_typed_at_the_shell(
    command: str, program: str
) -> None:
    """In a block without prompts nobody can tell whose they are."""
    with pytest.raises(ConsoleError, match=rf"page.rst:2: .* {program}, which reads"):
        console.actions(f"{command}\n1 + 1;", Location("page.rst", 1), language="bash")
    whole = f"{command} <<'END'\n1 + 1;\nEND\nls"
    assert len(console.actions(whole, Location("page.rst", 1), language="bash")) == 2
