from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.execution.texts.expect import mismatch, mismatch_of_redacted
from runbook.redaction.known import KnownSecrets


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("", ""),
        ("a\nb", "\na  \nb\n\n"),
        ("...", ""),
        ("...", "a\nb"),
        ("a\n...\nd", "a\nb\nc\nd"),
        ("a\n...\nd", "a\nd"),
        ("...\nb\n...\nb", "a\nb\nb"),
        ("Volume ID: ...", "Volume ID: 3f-9"),
        ("gs[123] (glob)", "gs2"),
        ("[1] 4711", "[2] 243"),
        ("hi", "hi\n[1]+  Done                    sleep 1"),
        ("hi", "[2]-  Exit 3                  false\nhi"),
        ("[1]+  Done ... sleep 1", "[1]+  Done                    sleep 1"),
        (r"port \d+ (re)", "port 49152"),
        ("( (re)", "( (re)"),
        ("  indented", "\n  indented\n"),
    ],
)
def test_output_is_as_the_guide_shows_it(expected: str, actual: str) -> None:
    """The notations of the guide, each with an output that they stand for."""
    assert mismatch(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual", "difference"),
    [
        ("a\nb", "a\nc", "  a\n- b\n+ c"),
        ("a", "", "- a"),
        ("", "a", "+ a"),
        ("a\n...\nd\ne", "a\nb\nd\nf", "  a\n  b\n  d\n- e\n+ f"),
        ("gs[12] (glob)", "gs3", "- gs[12] (glob)\n+ gs3"),
        ("[1] 4711", "[1] Done", "- [1] 4711\n+ [1] Done"),
        ("[1]+  Done   a", "[1]+  Done   b", "- [1]+  Done   a"),
        ("port (re)", "port 1", "- port (re)\n+ port 1"),
        ("a\n...\nz", "a\nb\nc", "  a\n- z\n+ b\n+ c"),
    ],
)
def test_a_difference_says_what_was_expected_and_what_came(
    expected: str, actual: str, difference: str
) -> None:
    """What matched comes first, then both sides."""
    assert mismatch(expected, actual) == difference


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("web one true", "web one [secret]"),
        ("web one true", "web one true"),
        ("web one <secret:app>", "web one [secret]"),
        ("web .* true (re)", "web one [secret]"),
        ("web \\w+ <secret:app> (re)", "web one [secret]"),
        ("web * true (glob)", "web one [secret]"),
        ("web ... true", "web one [secret]"),
        ("untrue", "un[secret]"),
    ],
)
def test_a_secret_that_is_shown_in_clear_is_masked_as_in_what_came(
    expected: str, actual: str
) -> None:
    """It may be a word that stands anywhere, which the guide does not mean as one."""
    redact = KnownSecrets(["true"]).redact
    assert mismatch_of_redacted(expected, actual, redact) is None
    assert mismatch_of_redacted(f"{expected}\nmore", actual, redact)
    assert "true" not in (mismatch_of_redacted(f"{expected}\nmore", actual, redact) or "")


def test_what_only_looks_like_a_part_of_a_secret_is_compared_as_it_is() -> None:
    """The guide leaves something out behind it."""
    redact = KnownSecrets(["listening-port"]).redact
    assert mismatch_of_redacted("listening...", "listening on 80", redact) is None


def test_a_long_difference_is_cut() -> None:
    """A flood does not fill the report."""
    difference = mismatch("a", "b\n" * 100_000)

    assert difference is not None
    assert len(difference.splitlines()) == 201


LINES = st.lists(st.text("ab ", max_size=3), max_size=6)


@given(LINES)
def test_every_output_matches_itself(lines: list[str]) -> None:
    """Without notations the guide's text is the output."""
    assert mismatch("\n".join(lines), "\n".join(lines)) is None


@given(LINES, LINES, LINES)
def test_three_dots_swallow_any_lines(head: list[str], middle: list[str], tail: list[str]) -> None:
    """Also none."""
    expected = "\n".join(["x", *head, "...", *tail, "y"])

    assert mismatch(expected, "\n".join(["x", *head, *middle, *tail, "y"])) is None
