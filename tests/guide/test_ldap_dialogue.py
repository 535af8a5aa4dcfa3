"""The guide's dialogue with the setup of the LDAP extension is the program's, and can be answered.

The program needs an engine. The stand-in asks as ovirt-engine-extension-aaa-ldap 1.4.6 does
(`common.py`, `tool.py`), without checking what is answered.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from attrs import evolve

from runbook.execution.hosts.host import HostConnection
from runbook.model import Dialogue, Runbook
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import DialogueStopped

STEP = "integration/directory/connect-the-engine-to-the-directory"
SSO = "Are you going to use Single Sign-On for Virtual Machines (Yes, No)"
METHOD = "Please select method to obtain PEM encoded CA certificate"
QUESTIONS: list[tuple[str, str | None, str]] = [
    # The question, its default, and what the guide answers.
    ("Please select: ", None, "9"),
    ("Use DNS (Yes, No) [{}]: ", "Yes", "no"),
    ("Please select: ", None, "1"),
    ("Please enter host address: ", None, "gs3.example.com"),
    ("Please select protocol to use (startTLS, ldaps, plain) [{}]: ", "startTLS", ""),
    (f"{METHOD} (File, URL, Inline, System, Insecure): ", None, "File"),
    ("File path: ", None, "/root/directory-ca.pem"),
    (
        "Enter search user DN (for example uid=username,dc=example,dc=com or leave empty for "
        "anonymous): ",
        None,
        "uid=engine,ou=services,dc=example,dc=com",
    ),
    ("Enter search user password: ", None, "<directory-search>"),
    ("Please enter base DN (dc=example,dc=com) [{}]: ", "dc=example,dc=com", ""),
    (f"{SSO} [{{}}]: ", "Yes", "no"),
    (
        "Please specify profile name that will be visible to users [{}]: ",
        "gs3.example.com",
        "company",
    ),
    ("Enter user name: ", None, "alice"),
    ("Enter user password: ", None, "<directory-alice>"),
    ("Select test sequence to execute (Done, Abort, Login, Search) [{}]: ", "Done", "Done"),
]
NOTES = {
    0: [
        "Welcome to LDAP extension configuration program",
        "Available LDAP implementations:",
        " 1 - 389ds",
        " 2 - 389ds RFC-2307 Schema",
        " 3 - Active Directory",
        " 4 - IBM Security Directory Server",
        " 5 - IBM Security Directory Server RFC-2307 Schema",
        " 6 - IPA",
        " 7 - Novell eDirectory RFC-2307 Schema",
        " 8 - OpenLDAP RFC-2307 Schema",
        " 9 - OpenLDAP Standard Schema",
        "10 - Oracle Unified Directory RFC-2307 Schema",
        "11 - RFC-2307 Schema (Generic)",
        "12 - RHDS",
        "13 - RHDS RFC-2307 Schema",
        "14 - iPlanet",
    ],
    1: ["NOTE:", "It is highly recommended to use DNS resolution for LDAP server."],
    2: [
        "Available policy method:",
        " 1 - Single server",
        " 2 - DNS domain LDAP SRV record",
        " 3 - Round-robin between multiple hosts",
        " 4 - Failover between multiple hosts",
    ],
    4: ["NOTE:", "It is highly recommended to use secure protocol to access the LDAP server."],
    12: ["Please provide credentials to test login flow:"],
    14: ["Login output:", "Please make sure that user details are correct."],
}
"""What is printed before the question of this number. otopi indents it by ten characters."""

PROGRAM = """
import getpass, sys, time
questions, notes, log = {questions!r}, {notes!r}, open({log!r}, "a")
print("[ INFO  ] Stage: Environment customization")
for number, (question, default) in enumerate(questions):
    for note in notes.get(number, []):
        print("          " + note)
    text = "          " + question.format(default)
    if "password" in question:
        answer = getpass.getpass(text)
    else:
        print(text, end="", flush=True)
        answer = input()
    print(answer, file=log, flush=True)
    if not answer and default is None:
        print("[ ERROR ] Please specify value")
        sys.exit(1)
print("[ INFO  ] Stage: Termination")
"""


def dialogue(guide: Runbook) -> Dialogue:
    """Return what the guide shows of the program."""
    (step,) = (one for one in guide.steps() if one.id == STEP)
    (found,) = (one for one in step.actions if isinstance(one, Dialogue))
    return found


def converse(
    shown: Dialogue, questions: list[tuple[str, str | None, str]], directory: Path
) -> list[str]:
    """Answer the stand-in as the guide says, and return what it has read."""
    script, log = directory / "setup.py", directory / "log"
    asked = [(question, default) for question, default, _ in questions]
    script.write_text(PROGRAM.format(questions=asked, notes=NOTES, log=str(log)))
    live = HostConnection(LocalConnection("box"), {})
    try:
        done = live.session("root").converse(
            evolve(shown, text=f"{sys.executable} {script}"),
            secrets=lambda name: f"<{name}>",
            timeout=30,
        )
        assert done.status == 0, done.output
    finally:
        live.close()
    return log.read_text().splitlines()


def test_every_question_gets_the_answer_that_the_guide_shows(
    ovirt_guide: Runbook, tmp_path: Path
) -> None:
    """Also the two menus, whose question is the same."""
    answers = [answer for _, _, answer in QUESTIONS]
    assert converse(dialogue(ovirt_guide), QUESTIONS, tmp_path) == answers


def test_the_guide_shows_the_defaults_of_the_program(ovirt_guide: Runbook) -> None:
    """A default that the guide shows otherwise would mislead whoever presses Enter."""
    shown = {" ".join(turn.prompt.split()) for turn in dialogue(ovirt_guide).turns}
    with_default = {q.format(d).strip() for q, d, _ in QUESTIONS if d is not None}
    assert with_default <= shown


def test_a_question_that_the_guide_does_not_have_stops_the_step(
    ovirt_guide: Runbook, tmp_path: Path
) -> None:
    """Nothing is guessed."""
    more = [*QUESTIONS[:4], ("Use a proxy (Yes, No) [{}]: ", "Yes", ""), *QUESTIONS[4:]]
    with pytest.raises(DialogueStopped, match="Use a proxy"):
        converse(dialogue(ovirt_guide), more, tmp_path)
