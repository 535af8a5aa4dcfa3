"""A secret that the guide leaves blank is never typed as an empty one, unless that is meant."""

from __future__ import annotations

import getpass
from collections.abc import Iterator

import pytest

from runbook.execution.hosts.host import HostConnection
from runbook.execution.sessions.session import Session
from runbook.model import Dialogue, Location, Turn, Typing
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import DialogueStopped
from runbook.terminal.running import Completed

TWICE = (
    "read -rsp 'Passphrase{}: ' a; echo; read -rsp 'Verify passphrase: ' b; echo; echo \"<$a$b>\""
)


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A session on this machine."""
    live = HostConnection(LocalConnection("box"), {})
    yield live.session(getpass.getuser())
    live.close()


def converse(session: Session, text: str, *turns: Turn) -> Completed:
    """Run a dialogue whose secrets are all the same."""
    dialogue = Dialogue(text, Location("guide.rst", 1), turns)
    return session.converse(dialogue, secrets=lambda _: "correct horse", timeout=30)


def test_a_blank_secret_stops_the_step_with_the_lines_of_all_that_are_missing(
    session: Session,
) -> None:
    """Programs such as cryptsetup would take the empty one, and the step would be proven."""
    turns = Turn("Passphrase:"), Turn("Verify passphrase:")
    with pytest.raises(DialogueStopped) as caught:
        converse(session, TWICE.format(""), *turns)
    said = str(caught.value)
    assert "asks for a secret that the guide does not name: 'Passphrase:'" in said
    assert ":Passphrase\\:: :secret:`NAME`\n" in said
    assert ":Verify passphrase\\:: :secret:`NAME`\n" in said


def test_an_empty_secret_is_typed_where_the_program_offers_it(session: Session) -> None:
    """And confirmed, as for ssh-keygen."""
    turns = Turn("Passphrase (empty for none):"), Turn("Verify passphrase:")
    assert converse(session, TWICE.format(" (empty for none)"), *turns).output.endswith("<>\n")


def test_an_empty_secret_is_typed_where_the_guide_says_enter(session: Session) -> None:
    """With the mark of a pause."""
    turns = (
        Turn("Passphrase:", typing=Typing.ENTER),
        Turn("Verify passphrase:", typing=Typing.ENTER),
    )
    assert converse(session, TWICE.format(""), *turns).output.endswith("<>\n")


def test_questions_that_a_program_did_not_ask_are_named(session: Session) -> None:
    """Except those that come only sometimes, and lines that it has merely printed."""
    turns = (
        Turn("Name:", "x"),
        Turn("Sector size (logical):", "512"),
        Turn("Port [22]:", "2"),
        Turn("Proxy:", "y", sometimes=True),
    )
    text = "read -p 'Name: ' a; echo 'Sector size (logical): 512'"
    assert converse(session, text, *turns).unasked == ("Port [22]:",)


def test_the_refused_answer_of_a_group_is_quoted(session: Session) -> None:
    """The one that the complaint names, although the program begins anew with the first."""
    text = (
        "while :; do read -p 'Address: ' a; read -p 'Mask: ' m; read -p 'Gateway: ' g;"
        ' echo "Error: $m is no mask"; done'
    )
    turns = Turn("Address:", "10.0.0.1"), Turn("Mask:", "77"), Turn("Gateway:", "10.0.0.9")
    with pytest.raises(DialogueStopped) as caught:
        converse(session, text, *turns)
    assert "the answer '77' to 'Mask:' was refused, and the program asks again: 'Address:'" in str(
        caught.value
    )


def test_lines_below_what_was_printed_are_typed_where_no_prompt_is(session: Session) -> None:
    """As into bc, once it is seen to wait."""
    text = 'echo banner; while read -r a; do [ "$a" != quit ] || break; echo "=$((a))"; done'
    dialogue = Dialogue(text, Location("guide.rst", 1), (), "banner\n6*7\n=42\nquit")
    done = session.converse(dialogue, secrets=lambda _: "", timeout=30)
    assert done.output == "banner\n6*7\n=42\nquit\n"
