"""A transcript is brought up to what the program prints; what the author said stays."""

from __future__ import annotations

from runbook.execution.revise import revised

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
