"""Programs with commands of their own: what is typed into them is not typed at the shell."""

from __future__ import annotations

import pytest

from runbook.console.clues.interactive import started
from tests.support.reading import expected, readings


def test_statements_after_a_database_client_are_its_input() -> None:
    """Each in one line, however many lines it has; words such as `use` are no commands there."""
    sample = "interactive/sql"
    assert readings(sample) == expected(sample)


def test_statements_in_a_transcript_are_input_with_or_without_prompts() -> None:
    """Continued by a backslash, by the client's prompt, or until the semicolon."""
    sample = "interactive/sql-in-a-transcript"
    assert readings(sample) == expected(sample)


def test_the_shells_of_other_programs_get_the_lines_that_follow() -> None:
    """Also those that a shell would understand, up to the one that leaves the program."""
    sample = "interactive/shells"
    assert readings(sample) == expected(sample)


def test_the_prompts_of_other_programs_are_recognised_in_a_transcript() -> None:
    """Whole inputs, in their order, and nothing else."""
    sample = "interactive/shells-in-a-transcript"
    assert readings(sample) == expected(sample)


def test_input_may_come_in_the_next_block() -> None:
    """Until one of them leaves the program; a client alone waits for a person."""
    sample = "interactive/next-block"
    assert readings(sample) == expected(sample)


def test_a_client_that_is_told_what_to_do_asks_for_nothing() -> None:
    """What follows is typed at the shell."""
    sample = "interactive/complete"
    assert readings(sample) == expected(sample)


def test_text_for_an_editor_is_not_typed() -> None:
    """Nor are lines of sudoers and crontab without an editor; tables that are loaded are."""
    sample = "interactive/editors"
    assert readings(sample) == expected(sample)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("mysql", "mysql"),
        ("mysql -u root -p", "mysql"),
        ("sudo mysql -uroot -psecret wiki", "mysql"),
        ("mysql -e 'SHOW TABLES'", ""),
        ("mysql wiki < wiki.sql", ""),
        ("psql <database>", "psql"),
        ("psql -f wiki.sql", ""),
        ("docker exec -it db psql -U postgres", "psql"),
        ("kubectl -n web exec -it db-0 -- mysql", "mysql"),
        ("redis-cli -h cache -p 6380", "redis-cli"),
        ("redis-cli -h cache ping", ""),
        ("virsh -c qemu:///system", "virsh"),
        ("virsh -c qemu:///system list", ""),
        ("vtysh -c 'show ip route'", ""),
        ("sqlite3 state.db", "sqlite3"),
        ("sqlite3 state.db .dump", ""),
        ("python3", "python3"),
        ("python3 -u serve.py", ""),
        ("node --test", ""),
        ("cat > greeting.txt", "cat"),
        ("cat greeting.txt", ""),
        ("echo 1 | bc", ""),
        ("nc -zv gs1 22", ""),
        ("ls", ""),
    ],
)
def test_the_command_line_tells_whether_a_program_will_ask(command: str, name: str) -> None:
    """By how many arguments are left, and by options that say what to do."""
    assert started(command) == name
