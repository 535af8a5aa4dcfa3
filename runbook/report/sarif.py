"""Diagnostics as SARIF 2.1.0, which code scanning services and editors read.

A result's fingerprint says nothing of lines, so a service recognises what it has shown already
after the guide was edited above it. Paths are relative to the root of the repository, which has no
address in the file: the same guide gives the same file on every machine.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from runbook import __version__
from runbook.model import Location
from runbook.report.diagnostics import Diagnostic
from runbook.report.rules import RULES

BASE: Final = "%SRCROOT%"
"""The name that programs know for the root of a repository."""

FINGERPRINT: Final = "runbookDiagnostic/v1"
"""The name of a result's fingerprint; its version changes with how it is made."""

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LINK: Final = re.compile(r"\[(?=[^\[\]]*\]\()")


def render(
    diagnostics: Iterable[Diagnostic],
    *,
    category: str,
    prefix: str = "",
    failures: Sequence[str] = (),
) -> str:
    """Return the text of a SARIF log with one run.

    `category` tells the run from others of the same commit, as `lint`. `prefix` is the guide's
    directory, relative to the root of the repository. `failures` say why the command could not do
    all that it should.
    """
    sorted_ = sorted(diagnostics, key=lambda one: (one.location, one.rule, one.message, one.host))
    used = [id_ for id_ in RULES if any(one.rule == id_ for one in sorted_)]
    seen: Counter[str] = Counter()
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "runbook",
                        "version": __version__,
                        "rules": [_rule(id_) for id_ in used],
                    }
                },
                "automationDetails": {"id": f"runbook/{category}/"},
                "originalUriBaseIds": {
                    BASE: {"description": {"text": "The root of the repository."}}
                },
                "invocations": [
                    {
                        "executionSuccessful": not failures,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": _message(text)}}
                            for text in failures
                        ],
                    }
                ],
                "results": [_result(one, used.index(one.rule), prefix, seen) for one in sorted_],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(id_: str) -> dict[str, Any]:
    rule = RULES[id_]
    return {
        "id": id_,
        "shortDescription": {"text": rule.about},
        # GitHub wants one, and shows it where there is room.
        "fullDescription": {"text": f"{rule.about} {rule.help}"},
        "help": {"text": rule.help},
    }


def _result(one: Diagnostic, index: int, prefix: str, seen: Counter[str]) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": _physical(one.location, prefix)}
    if one.step:
        location["logicalLocations"] = [{"fullyQualifiedName": one.step, "kind": "step"}]
    result: dict[str, Any] = {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": one.level.value,
        "message": {"text": _message(one.message)},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: _fingerprint(one, seen)},
    }
    if one.host:
        result["properties"] = {"host": one.host}
    return result


def _physical(location: Location, prefix: str) -> dict[str, Any]:
    path = path_in_repository(location.document, prefix)
    physical: dict[str, Any] = {"artifactLocation": {"uri": urllib.parse.quote(path)}}
    if not path.startswith(("/", "../")):
        physical["artifactLocation"]["uriBaseId"] = BASE
    # GitHub wants a line even for what is about a whole file.
    physical["region"] = {"startLine": max(1, location.line)}
    return physical


def path_in_repository(document: str, prefix: str) -> str:
    """Return the path of a guide's document, relative to the root of the repository."""
    return posixpath.normpath(posixpath.join(prefix, document))


def _fingerprint(one: Diagnostic, seen: Counter[str]) -> str:
    """Return what is the same the next time; the number tells equal diagnostics apart."""
    parts = (one.rule, one.location.document, *one.identity)
    digest = hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


def _message(text: str) -> str:
    """Return text of which no part is taken for a link."""
    return _LINK.sub(r"\\[", text)
