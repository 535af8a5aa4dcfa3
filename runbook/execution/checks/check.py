"""Evaluate checks: testinfra's vocabulary over our own transport, pytest's explanations.

A check's source is Python text from the guide. Its assertions are rewritten by pytest, so
that one that does not hold explains itself, and its lines are those of the document.
"""

from __future__ import annotations

import functools
import linecache
import re
import time
import traceback
from collections.abc import Mapping
from types import CodeType
from typing import Final

import pytest
import testinfra.host

from runbook.errors import RunbookError
from runbook.execution.checks import file_checks
from runbook.execution.checks.explanations import ensure_explained, rewrite_assertions
from runbook.execution.checks.printed import printing
from runbook.execution.checks.shared_checks import NOTHING, SharedChecks, line_of
from runbook.execution.checks.time_limit import TimeLimitError, limited
from runbook.execution.hosts.host_map import HostMap
from runbook.lint.assertions import asserts_nothing
from runbook.model import Check
from runbook.model.shared_source import DOCUMENT
from runbook.model.syntax_tree import parse
from runbook.results import CheckResult
from runbook.terminal.faults import CommandTimeout

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0

LIMIT: Final = 300.0
"""Seconds that the code of a check may take; its commands have limits of their own."""

_LONGEST: Final = 100_000
"""Characters of the explanation of a check that does not hold."""

_OBVIOUS: Final = re.compile(r" \+ +where .* = (<class 'testinfra\..*|<host [^>]*>\.\w+)")
"""Lines of an explanation that only say where testinfra has its functions."""


def evaluate(
    check: Check,
    hosts: Mapping[str, testinfra.host.Host],
    name: str,
    shared: SharedChecks = NOTHING,
    limit: float = LIMIT,
) -> CheckResult:
    """Evaluate `check` once for the host `name`, with the names that the guide's checks share.

    A check that has not ended after `limit` seconds does not hold.

    Raises:
        RunbookError: something could not be asked, so nothing is known of the check: a host is
            lost, or a secret that the check needs was not given.

    """
    redact = hosts.redact if isinstance(hosts, HostMap) else str
    if check.file is not None:
        try:
            return file_checks.evaluate(check, check.file, hosts[name], name, redact)
        except CommandTimeout as error:
            return _failed(check, f"{check.location}: {error}")
    given = {"host": hosts[name], "hosts": hosts, "pytest": pytest}
    ensure_explained()
    with printing(redact):
        namespace = {**shared.names(given), **given, "__name__": "check"}
    try:
        code = _compile(check)
        with printing(redact):
            limited(limit, lambda: exec(code, namespace))  # noqa: S102  # the guide's own code
    except (CommandTimeout, TimeLimitError) as error:
        detail = f"{check.location}: {error}"
    except RunbookError:
        raise
    except (Exception, SystemExit, pytest.fail.Exception, pytest.skip.Exception) as error:
        detail = _detail(check, error, shared)
    else:
        asserts = not asserts_nothing(check.source, shared.source)
        return CheckResult(check.sentence, held=True, location=check.location, asserts=asserts)
    return _failed(check, detail)


def _failed(check: Check, detail: str) -> CheckResult:
    if len(detail) > _LONGEST:
        left_out = len(detail) - _LONGEST
        half = _LONGEST // 2
        # A check may compare files of megabytes, and the journal has every one that failed.
        gap = f"...\n[{left_out} characters left out]\n..."
        detail = f"{detail[:half]}{gap}{detail[-half:]}"
    return CheckResult(check.sentence, held=False, location=check.location, detail=detail)


def await_(
    check: Check,
    hosts: Mapping[str, testinfra.host.Host],
    name: str,
    shared: SharedChecks = NOTHING,
    timeout_factor: float = 1.0,
    limit: float = LIMIT,
    since: float | None = None,
) -> CheckResult:
    """Evaluate `check` until it holds, for at most `timeout_factor` times its `within` seconds.

    The state of another machine sends no signal, so it is asked again at growing intervals. Each
    time may take at most `limit` seconds. The seconds begin now, or at the time `since`, in
    seconds of `time.monotonic`; the check is evaluated once in any case.

    Raises:
        RunbookError: something could not be asked, so nothing is known of the check.

    """
    began = time.monotonic() if since is None else since
    deadline = began + check.within * timeout_factor
    pause = _FIRST_PAUSE
    while True:
        result = evaluate(check, hosts, name, shared, limit)
        left = deadline - time.monotonic()
        if result.held or left <= 0:
            return result
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)


@functools.lru_cache(maxsize=4096)
def _compile(check: Check) -> CodeType:
    filename = check.location.document
    # Rewriting puts one node in several places, so lines are moved in the text, not the tree.
    source = "\n" * (check.location.line - 1) + check.source
    tree = parse(source, filename)
    rewrite_assertions(tree, source, filename)
    return compile(tree, filename, "exec")


def _detail(check: Check, error: BaseException, shared: SharedChecks) -> str:
    """Say where in the document a check stopped, at which assertion, and why."""
    document = check.location.document
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == document]
    # No file can be opened by the document's name here, so linecache must not have tried.
    linecache.checkcache(document)
    line = (frames[-1].lineno if frames else None) or check.location.line
    source = check.source.splitlines()
    offset = line - check.location.line
    text = source[offset].strip() if 0 <= offset < len(source) else ""
    words = "\n".join(line for line in str(error).splitlines() if not _OBVIOUS.fullmatch(line))
    if not isinstance(error, AssertionError):
        words = f"{type(error).__name__}: {words}"
    where = f"{document}:{line}: {text}"
    if inner := line_of(error):
        where += f"\n{DOCUMENT}:{inner}: {shared.text(inner)}"
    return f"{where}\n{words}".rstrip()
