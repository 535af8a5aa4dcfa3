"""Patterns of a guide, matched so that none takes forever.

Those with `...` and those of a shell take time that grows with the product of both lengths. A
regular expression may take any time, so another process tries it, which is ended when it has
had too much.
"""

from __future__ import annotations

import fnmatch
import functools
import json
import re
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from runbook.errors import RunbookError

ANY: Final = "..."
GLOB: Final = " (glob)"
REGEX: Final = " (re)"

BUDGET: Final = 5.0
"""Seconds that all patterns of one comparison may take together."""

_WORKER: Final = Path(__file__).with_name("pattern_worker.py")
_STARTS: Final = 30.0
"""Seconds in which the other process must be there, on a busy machine."""
_SHOWN: Final = 80

_JOB: Final = re.compile(r"\[\d+\] \d+")
"""What a shell says of a job that it starts in the background: its numbers are never the same."""

_JOB_STATUS: Final = re.compile(
    r"\[\d+\][-+ ] +(?:Done(?:\(\d+\))?|Exit \d+|Running|Stopped|Terminated|Killed|Hangup) +\S.*"
)
"""What a shell says of a job as soon as it notices, in whatever output that is."""


class PatternTooSlowError(RunbookError):
    """A pattern cannot be compared with what came in a reasonable time; the message names it."""


def is_pattern(wanted: str) -> bool:
    """Return whether a line of the guide stands for more than itself."""
    return wanted.endswith(GLOB) or _regex(wanted) is not None or ANY in wanted


def is_job_status(line: str) -> bool:
    """Return whether a shell says on `line` what became of a job: whenever it notices."""
    return _JOB_STATUS.fullmatch(line) is not None


class Matcher:
    """Compares lines and texts with patterns; a context manager that ends the other process."""

    def __init__(self, budget: float | None = None) -> None:
        self._budget = self._left = BUDGET if budget is None else budget
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Matcher:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def matches(self, wanted: str, line: str) -> bool:
        """Return whether a line of the guide, which is not `...` alone, stands for `line`.

        Raises:
            PatternTooSlowError: it takes too long to say.

        """
        if wanted == line or (_JOB.fullmatch(wanted) and _JOB.fullmatch(line)):
            return True
        if wanted.endswith(GLOB):
            return glob_matches(wanted.removesuffix(GLOB), line)
        if (pattern := _regex(wanted)) is not None:
            return self._ask(pattern, line, whole=True) is not None
        return ANY in wanted and dots_match(wanted, line)

    def search(self, pattern: str, text: str) -> list[str | None] | None:
        """Return what a regular expression finds first in `text`, and its groups, or `None`.

        Raises:
            PatternTooSlowError: it takes too long to say.

        """
        return self._ask(pattern, text, whole=False)

    def _ask(self, pattern: str, text: str, *, whole: bool) -> list[str | None] | None:
        process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101  # `_start` made both pipes
        assert process.stdout is not None  # noqa: S101
        began = time.monotonic()
        question = json.dumps([pattern, text, whole]).encode() + b"\n"
        answer = b""
        try:
            process.stdin.write(question)
            process.stdin.flush()
            with selectors.DefaultSelector() as ready:
                ready.register(process.stdout, selectors.EVENT_READ)
                while not answer.endswith(b"\n"):
                    left = self._left - (time.monotonic() - began)
                    if left <= 0 or not ready.select(left):
                        break
                    if not (data := process.stdout.read1(65536)):  # type: ignore[attr-defined]
                        break
                    answer += data
        except BrokenPipeError:
            answer = b""
        self._left -= time.monotonic() - began
        if not answer.endswith(b"\n"):
            self._end()
            shown = pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}..."
            raise PatternTooSlowError(
                f"the pattern {shown!r} cannot be compared with {len(text)} characters in "
                f"{self._budget:g} s; nested or neighbouring repetitions can take forever: write a "
                "simpler one, or '...'"
            )
        found: list[str | None] | None = json.loads(answer)
        return found

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the other process, and wait until it is there."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        left, self._left = self._left, _STARTS
        # How long it takes to start says nothing of a pattern.
        self._ask("", "", whole=True)
        self._left = left
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def dots_match(wanted: str, line: str) -> bool:
    """Return whether `line` is `wanted`, in which `...` stands for any text, also for none."""
    first, *others = wanted.split(ANY)
    if not line.startswith(first):
        return False
    place = len(first)
    for part in others[:-1]:
        # The earliest place leaves most of the line to the parts that follow.
        place = line.find(part, place)
        if place < 0:
            return False
        place += len(part)
    last = others[-1] if others else ""
    return len(line) - place >= len(last) and line.endswith(last)


def glob_matches(pattern: str, line: str) -> bool:
    """Return whether a shell pattern stands for the whole `line`."""
    tokens = _tokens(pattern)
    token = place = 0
    star = retry = -1
    while place < len(line):
        if token < len(tokens) and tokens[token] is None:
            star, retry = token, place
            token += 1
        elif token < len(tokens) and _is_one(tokens[token], line[place]):
            token += 1
            place += 1
        elif star >= 0:
            # The last star takes one character more; an earlier one never has to.
            retry += 1
            token, place = star + 1, retry
        else:
            return False
    return all(one is None for one in tokens[token:])


def _is_one(token: re.Pattern[str] | None, character: str) -> bool:
    return token is not None and token.match(character) is not None


@functools.lru_cache(maxsize=256)
def _tokens(pattern: str) -> tuple[re.Pattern[str] | None, ...]:
    """Return the parts of a shell pattern: for one character each, or `None` for a star."""
    parts = re.findall(r"\[!?\]?[^\]]*\]|[\S\s]", pattern)
    return tuple(None if part == "*" else re.compile(fnmatch.translate(part)) for part in parts)


@functools.lru_cache(maxsize=1024)
def _regex(wanted: str) -> str | None:
    """Return the regular expression of a line, or `None` if it has none that can be used."""
    if not wanted.endswith(REGEX):
        return None
    pattern = wanted.removesuffix(REGEX)
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        # The planner has no say here; a pattern that is none can match nothing else.
        return None
    return pattern
