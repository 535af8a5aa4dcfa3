"""A transcript is brought up to what the program prints; what the author said stays."""

from __future__ import annotations

import textwrap

import pytest

from runbook.execution.texts.revise import revised
from runbook.model import Turn

DOCUMENTED = """\
[ INFO  ] Stage: Initializing
          Log file: /var/log/setup-....log
          Version: 1.0
# the next question is about the firewall
          Open the firewall, for the storage network alone? (Yes, No) [Yes]: no
          Size [5]:
...
          Old line
          Done.""".splitlines()


def test_what_is_as_shown_stays_to_the_letter() -> None:
    """Blanks and broken lines do not count, nor does what dots stand for."""
    printed = [
        "[ INFO  ] Stage: Initializing",
        "          Log file: /var/log/setup-2026.log",
        "          Version: 1.0",
        "          Open the firewall, for the",
        "          storage network alone? (Yes, No)",
        "          [Yes]: no",
        "          Size [5]:",
        "          anything",
        "          and more",
        "          Old line",
        "          Done.",
    ]
    assert revised(DOCUMENTED, printed) == DOCUMENTED


def test_only_literal_lines_change() -> None:
    """New ones come in, old ones go, remarks, dots and answers stay."""
    printed = [
        "[ INFO  ] Stage: Initializing",
        "[ INFO  ] Stage: Late",
        "          Log file: /var/log/setup-2026.log",
        "          Version: 2.0",
        "          Open the firewall, for the storage network alone? (Yes, No) [Yes]: no",
        "          Size [7]:",
        "          New line",
        "          Done.",
    ]
    assert revised(DOCUMENTED, printed) == [
        "[ INFO  ] Stage: Initializing",
        "[ INFO  ] Stage: Late",
        "          Log file: /var/log/setup-....log",
        "          Version: 2.0",
        "# the next question is about the firewall",
        "          Open the firewall, for the storage network alone? (Yes, No) [Yes]: no",
        "          Size [7]:",
        "...",
        "          Done.",
    ]


def test_another_default_is_the_programs_and_the_answer_is_the_authors() -> None:
    """Both are in one line."""
    assert revised(["Go on? (Yes, No) [Yes]: no"], ["Go on? (Yes, No) [No]: no"]) == [
        "Go on? (Yes, No) [No]: no"
    ]


def test_a_question_that_did_not_come_keeps_its_answer() -> None:
    """It may come again on another host."""
    assert revised(["Name [a]: b", "Done."], ["Done."]) == ["Name [a]: b", "Done."]


def test_a_value_stays_under_its_name() -> None:
    """The page does not say what the cluster file says."""
    shown = lambda line: line.replace("|domain|", "example.com")  # noqa: E731
    assert revised(["Host gs1.|domain|", "old"], ["Host gs1.example.com", "new"], shown) == [
        "Host gs1.|domain|",
        "new",
    ]


def test_a_long_output_is_revised_in_time() -> None:
    """Every line of a guide is looked for among a thousand."""
    printed = [f"line {n} of output" for n in range(1000)]
    documented = [line for line in printed if not line.startswith("line 5")]
    assert revised(documented, printed) == printed


FIREWALL = "Do you want Setup to configure the firewall of this machine? (Yes, No) [Yes]:"
STORE = "Overwrite the old store? (Yes, No) [No]:"
NAME = "Full name of this server, as its clients will know it [new.example.com]:"


def broken(text: str, columns: int) -> list[str]:
    """Return a text as installers print it in a terminal of a width; 0 means that it has none."""
    lines = textwrap.wrap(text, columns - 26) if columns else text.split()
    return [f"          {line}" for line in lines]


def answered(question: str, answer: str, columns: int) -> list[str]:
    """Return a question as it is printed, with the answer behind it."""
    *lines, last = broken(question, columns)
    return [*lines, f"{last} {answer}"]


@pytest.mark.parametrize("columns", [0, 50, 80, 132])
def test_questions_are_the_same_at_any_width(columns: int) -> None:
    """Shortened ones stay, defaults are the program's, and what the answers have is not added."""
    documented = [
        "[ INFO  ] Stage: Setup 1",
        "          Do you want Setup to ... (Yes, No) [Yes]: no",
        "          Full name of this server, as its clients will know it [old.example.com]: gs1",
        "          The log is in ...",
        "          Done.",
    ]
    printed = [
        "[ INFO  ] Stage: Setup 2",
        *answered(FIREWALL, "no", columns),
        *answered(STORE, "yes", columns),
        *answered(NAME, "gs1", columns),
        *broken("The log is in /var/log, and the certificate is beside it", columns),
        *broken("Done.", columns),
    ]
    turns = [
        Turn("Do you want Setup to ... (Yes, No) [Yes]:", "no"),
        Turn("Overwrite the old store?", "yes", sometimes=True),
        Turn("Full name of this server, as its clients will know it [old.example.com]:", "gs1"),
    ]
    changed = [
        documented[0].replace("1", "2"),
        documented[1],
        documented[2].replace("old", "new"),
        *documented[3:],
    ]
    assert revised(documented, printed, turns=turns) == changed
    assert revised(changed, printed, turns=turns) == changed


def test_new_words_in_a_line_each_become_the_lines_that_are_meant() -> None:
    """A terminal without a width is no reason to show one word a line."""
    printed = broken("The old store is there. It will be kept for now.", 0)
    assert revised(["Go on? (Yes, No) [No]:"], printed, turns=[Turn("Go on? (Yes, No) [No]:")]) == [
        "          The old store is there.",
        "          It will be kept for now.",
        "Go on? (Yes, No) [No]:",
    ]
    assert revised(["x"], ["a", "b", "c", "d"]) == ["a", "b", "c", "d"]


def test_a_pattern_takes_no_line_that_is_another() -> None:
    """Dots at the end of a line stand for the rest of that line."""
    documented = ["The key is in ...", "The certificate was in a file"]
    printed = ["The key is in a file", "The certificate is in a file"]
    assert revised(documented, printed) == ["The key is in ...", "The certificate is in a file"]


def test_an_output_that_is_compared_is_revised_to_the_letter() -> None:
    """What would fail the comparison is no less a difference for being blanks or broken lines."""
    documented = ["a b", "one two", "Port [80]: 81", "x ..."]
    printed = ["a  b", "one", "two", "Port [80]: 82", "x 1", "y"]
    assert revised(documented, printed, exact=True) == [*printed[:4], "x ...", "y"]
    assert revised(printed, printed, exact=True) == printed


def test_a_secret_is_never_written_into_a_guide() -> None:
    """Where one was printed, dots stand for it."""
    assert revised(["Token: old"], ["Token: [secret]", "[secret]"]) == ["Token: ...", "..."]
