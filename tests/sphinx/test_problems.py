"""Every problem of a guide is reported with file and line, in every build."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.sphinx.planning.plan import build
from tests.support.problematic import CHECKED, complaints, one, without_documents, write


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """The directory of a guide without documents."""
    return without_documents(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            one(":on: gs1 gs9"),
            "index.rst:4: on: there is no host or group 'gs9'; hosts: gs1, gs2; "
            "groups: all, bricks; did you mean 'gs1'?",
        ),
        (
            one(":on: brciks"),
            "index.rst:4: on: there is no host or group 'brciks'; hosts: gs1, gs2; "
            "groups: all, bricks; did you mean 'bricks'?",
        ),
        (
            one(":platform: debain12"),
            "index.rst:4: platform: no host is of the platform 'debain12'; "
            "did you mean 'debian12'?",
        ),
        (
            one(":requires: !kmv"),
            "index.rst:4: requires: there is no capability 'kmv'; did you mean 'kvm'? known are ",
        ),
        (one(":requires: xyz"), "there is no capability 'xyz'; known are kvm, "),
        (
            one(":choice: engnie=hosted"),
            "index.rst:4: choice: lab/cluster.yaml does not choose a value for 'engnie'; "
            "did you mean 'engine'?",
        ),
        (
            one(":choice: engine=standalon"),
            "index.rst:4: choice: lab/cluster.yaml chooses 'standalone' for 'engine', which no "
            "step is for; did you mean 'standalon'?",
        ),
        (
            one(":provides: /root/x@gs2 vm:guest@gs9"),
            "index.rst:4: provides: there is no host or group 'gs9'; hosts: gs1, gs2; "
            "groups: all, bricks",
        ),
        (one(":needs: two"), "index.rst:4: needs: there is no step 'index/two'"),
        (
            one(":on: gs1") + "\n" + one(":needs: noe").replace("One", "Two"),
            "index.rst:15: needs: there is no step 'index/noe'; did you mean 'index/one'?",
        ),
        (one(":on: gs1", "   Words.\n"), "index.rst:4: the step has neither actions nor checks"),
        (
            one(":on: gs1") + "\n" + one(":on: gs1"),
            "index.rst:15: the step id 'index/one' is taken by the step at index.rst:4",
        ),
        (
            one(":on: gs1", "   .. check:: it is\n\n      x = 1\n      assert (\n"),
            "index.rst:10: the check has a syntax error: '(' was never closed",
        ),
        (
            one(":on: gs1", "   .. check:: it is\n\n      x = 1\n"),
            "index.rst:9: the check asserts nothing",
        ),
        (
            one(":on: gs1", "   ::\n\n      # id\n      # cat <<E\n" + CHECKED),
            "index.rst:10: the here-document is not terminated by 'E'",
        ),
        (".. check:: it is\n\n   assert 1\n", "the directive 'check' belongs inside a step"),
        (
            one(":on: gs1", "   .. step:: Two\n\n      Words\n" + CHECKED),
            "index.rst:7: the directive 'step' is not allowed inside a step",
        ),
        (
            one(
                ":on: gs1",
                "   ::\n\n      # id\n      0\n\n   .. answers::\n\n      :A: ``b``\n" + CHECKED,
            ),
            "index.rst:12: no program of this step asks 'A'",
        ),
    ],
)
def test_an_invalid_step_fails_the_plan(guide: Path, text: str, expected: str) -> None:
    """Hosts, ids, needs, checks and blocks are validated before anything runs."""
    write(guide, text)
    (complaint,) = complaints(guide)
    assert expected in complaint


def test_what_a_guide_leaves_out_must_be_a_pattern(guide: Path) -> None:
    """One that can match nothing would leave out nothing without a word."""
    conf = guide / "conf.py"
    conf.write_text(f"{conf.read_text()}runbook_unchecked = ['/etc/**', 'prot:tcp://80']\n")
    write(guide, one(":on: gs1\n   :unchecked: /srv/ port:tcp://81"))
    (complaint,) = complaints(guide)
    assert complaint.startswith("conf.py:1: runbook_unchecked: 'prot:tcp://80' is no path")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (one(":onn: gs1"), 'unknown option: "onn"; did you mean "on".'),
        (one(":xyz: gs1"), 'unknown option: "xyz".'),
        (one(":timeout: soon"), "'soon' is not a duration"),
        (one(":status: 0 300"), "'300' is not an exit status"),
        (one(":requires: N!"), "not a capability"),
        (one(":unchecked: /etc/a units:b"), "'units:b' is no path, and no name behind one of"),
        (one(":capture: x ("), "not a regular expression"),
        (one(":output: maybe"), "'maybe' is not one of shown, compared"),
        (one(":name: a b"), "not an id"),
        (one(":user: a b"), "not the name of a user"),
        (one(":on:"), "at least one word is needed"),
        (".. step::\n\n   Words\n", "1 argument(s) required"),
        (".. nonsense::\n\n   # rm -rf /\n", 'Unknown directive type "nonsense"'),
    ],
)
def test_an_option_or_directive_that_docutils_refuses_fails_the_plan(
    guide: Path, text: str, words: str
) -> None:
    """Sphinx reports it only when it reads the page, the plan every time."""
    write(guide, text)
    (complaint,) = complaints(guide)
    assert complaint.startswith("index.rst:4: ")
    assert words in complaint


@pytest.mark.parametrize(
    ("directive", "words"),
    [
        (".. file:: etc/motd\n\n      x\n", "not the absolute path"),
        (".. file:: /etc/motd\n      :edit: nonsense\n\n      x\n", "'nonsense' is not one of"),
        (".. file:: /etc/motd\n      :mode: rw\n\n      x\n", "'rw' is not a mode"),
        (".. file:: /etc/motd\n      :owner: a b\n\n      x\n", "'a b' is not an owner"),
        (".. file:: /etc/motd\n      :section: a\n\n      x\n", "needs ':edit: keys'"),
        (".. check:: it is\n      :within: later\n\n      assert 1\n", "not a duration"),
        (".. check:: it is\n", "Content block expected"),
        (".. answers::\n\n      Words.\n", "answers are a field list"),
        (".. answers::\n\n      :A: words\n", "is written as ``text``"),
        (".. answers::\n\n      :A: :secret:`No!`\n", "not the name of a secret"),
    ],
)
def test_a_wrong_value_inside_a_step_is_reported_with_its_line(
    guide: Path, directive: str, words: str
) -> None:
    """The line is that of the directive, or of the text in it."""
    write(guide, one(":on: gs1", f"   ::\n\n      # id\n\n   {directive}\n{CHECKED}"))
    found = [text for text in complaints(guide) if words in text]
    assert found
    assert found[0].startswith(("index.rst:11: ", "index.rst:13: "))


def test_all_problems_of_all_documents_are_reported_at_once(guide: Path) -> None:
    """So that one build shows every mistake."""
    (guide / "b.rst").write_text(f"B\n=\n\n{one(':on: gs8')}", encoding="utf-8")
    write(guide, ".. toctree::\n\n   b\n\n" + one(":on: gs9") + "\n.. nonsense::\n\n   # id\n")
    assert [text.split(":")[0] for text in complaints(guide)] == ["b.rst", "index.rst", "index.rst"]


@pytest.mark.parametrize("settings", ["", "keep_warnings = True\n", "suppress_warnings = ['*']\n"])
def test_the_body_of_an_unknown_directive_is_never_planned(guide: Path, settings: str) -> None:
    """The plan fails, whatever the guide does with warnings."""
    with (guide / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(settings)
    write(guide, "::\n\n   # id\n\n.. nonsense::\n\n   .. code-block:: console\n\n      # false\n")
    (complaint,) = complaints(guide)
    assert "nonsense" in complaint


def test_a_step_without_check_is_a_warning_and_strictly_an_error(
    guide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each build writes the warning once, without colour."""
    write(guide, one(":on: gs1", "   ::\n\n      # id\n"))
    for _ in range(2):
        build(guide, output=guide / "build")
        assert capsys.readouterr().err == (
            "index.rst:4: WARNING: the step has no check, so nothing can prove it; "
            "add one, or ':readonly:'\n"
        )
    assert complaints(guide, strict=True) == [
        "index.rst:4: the step has no check, so nothing can prove it; add one, or ':readonly:'"
    ]


@pytest.mark.parametrize(
    ("transcript", "expected"),
    [
        ("Manager (a):\x20", "'Manager (a):' has neither an answer nor a default"),
        ("Go on? (Yes, No) [No]: y", "the answer 'y' is not among the choices of"),
        (
            "Admin password: hunter2",
            "the answer to 'Admin password:' is a secret, and is written out",
        ),
        (
            "Admin password:\x20",
            "the answer to 'Admin password:' is a secret, and no :secret:`name` is",
        ),
    ],
)
def test_a_question_that_an_operator_cannot_answer_is_a_warning(
    guide: Path, transcript: str, expected: str
) -> None:
    """At the line of the program; with `strict` it is an error."""
    body = f"   ::\n\n      # setup\n      Name [a]: b\n      {transcript}\n"
    if "hunter2" in transcript:
        body += "\n   .. answers::\n\n      :Admin password: ``hunter2``\n"
    write(guide, one(":on: gs1", body + "\n" + CHECKED))
    (complaint,) = complaints(guide, strict=True)
    assert complaint.startswith("index.rst:9: ")
    assert expected in complaint


def test_answers_for_an_unknown_host_fail_the_plan(guide: Path) -> None:
    """As with steps."""
    body = "   ::\n\n      # setup\n      Name [a]: b\n\n"
    body += "   .. answers::\n      :on: gs9\n\n      :Name: ``c``\n"
    write(guide, one(":on: gs1", body + "\n" + CHECKED))
    (complaint,) = complaints(guide)
    assert complaint.startswith("index.rst:9: on: there is no host or group 'gs9'")
