"""Patterns that never end are ended, and those that can be matched are matched as before."""

from __future__ import annotations

import fnmatch
import re
import time

import pytest

from runbook.execution.texts import expect, patterns
from runbook.execution.texts.expect import mismatch
from runbook.execution.texts.patterns import (
    Matcher,
    PatternTooSlowError,
    dots_match,
    glob_matches,
)
from tests.attack.seeds import attempts

LIMIT = 40.0
"""Seconds in which each of them has to be over: the patterns' own limit, on a busy machine."""

HOSTILE = {
    "nested": ("(a+)+c (re)", "a" * 41),
    "nested-blanks": (r"(\s*\w+\s*)+: (re)", "word " * 60),
    "alternatives": ("(a|a)*b (re)", "a" * 60),
    "neighbours": (f"{'.*' * 12}x (re)", "a" * 4000),
    "references": (r"(.*)(.*)(.*)\1\2\3x (re)", "ab" * 4000),
    "dots": (f"{'x...' * 200}y", "x" * 20_000),
    "dots-at-both-ends": (f"...{'ab...' * 500}c", "ab" * 50_000),
    "stars": (f"{'*a' * 60}b (glob)", "a" * 20_000),
    "large": ("(((a{200}){200}){200}){200}x (re)", "a" * 5000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pattern_ends_in_a_difference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pattern is named if it was given up, and the output shown if it was not."""
    monkeypatch.setattr(patterns, "BUDGET", 0.5)
    pattern, printed = HOSTILE[name]
    began = time.monotonic()
    said = mismatch(pattern, printed)
    assert time.monotonic() - began < LIMIT
    assert said is not None
    assert said.startswith("- ") or "cannot be compared with" in said


def test_many_lines_with_gaps_end_in_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of lines that may be anywhere, and come very often."""
    monkeypatch.setattr(expect, "_BUDGET", 0.5)
    for between in ("a", "a\na"):
        began = time.monotonic()
        said = mismatch("\n...\n".join([between] * 2000 + ["b"]), "a\n" * 30_000)
        assert time.monotonic() - began < LIMIT
        assert said is not None


def test_a_capture_that_never_ends_is_ended() -> None:
    """And says which it is."""
    with Matcher(budget=0.5) as matcher:
        assert matcher.search(r"id=(\d+)", "x id=17\ny") == ["id=17", "17"]
        with pytest.raises(PatternTooSlowError, match=r"the pattern '\(a\+\)\+c' cannot"):
            matcher.search("(a+)+c", "a" * 60)


def test_shell_patterns_and_dots_mean_what_they_meant() -> None:
    """Compared with Python's own translation, for texts of few characters."""
    tried = 0
    for chance in attempts("patterns"):
        for _ in range(200):
            line = "".join(chance.choice("ab.[") for _ in range(chance.randint(0, 8)))
            glob = "".join(chance.choice("ab*?[]!^.-") for _ in range(chance.randint(0, 8)))
            parts = [chance.choice(("", "a", "b", "ab")) for _ in range(chance.randint(2, 5))]
            dotted = "...".join(parts)
            assert glob_matches(glob, line) == fnmatch.fnmatchcase(line, glob), (glob, line)
            regex = ".*".join(re.escape(part) for part in parts)
            assert dots_match(dotted, line) == (re.fullmatch(regex, line) is not None), dotted
            tried += 1
    assert tried
