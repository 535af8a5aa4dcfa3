"""Evaluate checks: testinfra's vocabulary over our own transport, pytest's explanations.

A check's source is Python text from the guide. Its assertions are rewritten by pytest, so
that one that does not hold explains itself, and its lines are those of the document.
"""

from __future__ import annotations

import ast
import functools
import linecache
import time
import traceback
from collections.abc import Mapping
from types import CodeType
from typing import Any, Final

import pytest
import testinfra.host
from _pytest.assertion import pytest_assertrepr_compare, rewrite, util
from _pytest.config import Config, get_config
from testinfra.backend.base import BaseBackend, CommandResult

from runbook.errors import RunbookError
from runbook.model import Check
from runbook.pipe import Pipe
from runbook.result import CheckResult
from runbook.session import CommandTimeout
from runbook.shared import DOCUMENT, NOTHING, SharedChecks, line_of

COMMAND_TIMEOUT: Final = 60.0
"""Seconds that one command of a check may take; an emulated host gets more."""

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 1.0


class PipeBackend(BaseBackend):  # type: ignore[misc]  # testinfra ships no types
    """Let testinfra run its commands through a host's pipe."""

    NAME = "runbook"

    def __init__(self, pipe: Pipe, host: str, patience: float) -> None:
        super().__init__(host)
        self._timeout = COMMAND_TIMEOUT * patience
        self._pipe = pipe
        self._encoding = "utf-8"

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run `command`, its `%s` replaced by the quoted `args`, and return its result."""
        line = self.get_command(command, *args)
        result = self._pipe.run(line, timeout=self._timeout)
        return self.result(result.status, self.encode(line), result.stdout, result.stderr)

    def decode(self, data: bytes) -> str:
        """Return `data` as text; a program's stray byte must not end a check."""
        return data.decode("utf-8", errors="backslashreplace")


def testinfra_host(pipe: Pipe, name: str, patience: float) -> testinfra.host.Host:
    """Return the testinfra host called `name` that is reached through `pipe`.

    `patience` is how many times longer its commands may take.
    """
    backend = PipeBackend(pipe, name, patience)
    host = testinfra.host.Host(backend)
    backend.set_host(host)
    return host


def evaluate(
    check: Check,
    hosts: Mapping[str, testinfra.host.Host],
    name: str,
    shared: SharedChecks = NOTHING,
) -> CheckResult:
    """Evaluate `check` once for the host `name`, with the names that the guide's checks share.

    Raises:
        RunbookError: something could not be asked, so nothing is known of the check: a host is
            lost, or a secret that the check needs was not given.

    """
    given = {"host": hosts[name], "hosts": hosts, "pytest": pytest}
    if util._reprcompare is None:
        util._reprcompare = _explain
    namespace = {**shared.names(given), **given, "__name__": "check"}
    try:
        exec(_compile(check), namespace)  # noqa: S102  # the guide's own code is what we run
    except CommandTimeout as error:
        detail = f"{check.location}: {error}"
    except RunbookError:
        raise
    except (Exception, SystemExit, pytest.fail.Exception, pytest.skip.Exception) as error:
        detail = _detail(check, error, shared)
    else:
        return CheckResult(check.sentence, held=True, location=check.location)
    return CheckResult(check.sentence, held=False, location=check.location, detail=detail)


def await_(
    check: Check,
    hosts: Mapping[str, testinfra.host.Host],
    name: str,
    shared: SharedChecks = NOTHING,
    patience: float = 1.0,
) -> CheckResult:
    """Evaluate `check` until it holds, for at most `patience` times its `within` seconds.

    The state of another machine sends no signal, so it is asked again at growing intervals.

    Raises:
        RunbookError: something could not be asked, so nothing is known of the check.

    """
    deadline = time.monotonic() + check.within * patience
    pause = _FIRST_PAUSE
    while True:
        result = evaluate(check, hosts, name, shared)
        left = deadline - time.monotonic()
        if result.held or left <= 0:
            return result
        time.sleep(min(pause, left))
        pause = min(pause * 2, _LONGEST_PAUSE)


@functools.lru_cache(maxsize=256)
def _compile(check: Check) -> CodeType:
    filename = check.location.document
    # Rewriting puts one node in several places, so lines are moved in the text, not the tree.
    source = "\n" * (check.location.line - 1) + check.source
    tree = ast.parse(source, filename)
    rewrite.rewrite_asserts(tree, source.encode(), filename)
    return compile(tree, filename, "exec")


def _explain(op: str, left: object, right: object) -> str | None:
    """Return what pytest says of a comparison, in the form that rewritten assertions expect."""
    lines = pytest_assertrepr_compare(_config(), op, left, right)
    return "\n~".join(lines).replace("%", "%%") if lines else None


@functools.lru_cache(maxsize=1)
def _config() -> Config:
    return get_config()


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
    words = str(error)
    if not isinstance(error, AssertionError):
        words = f"{type(error).__name__}: {words}"
    where = f"{document}:{line}: {text}"
    if inner := line_of(error):
        where += f"\n{DOCUMENT}:{inner}: {shared.text(inner)}"
    return f"{where}\n{words}".rstrip()
