"""Findings as the protocol has them."""

from __future__ import annotations

from typing import Final

from lsprotocol import types
from pygls.workspace import ServerTextPosition, ServerTextRange, TextDocument

from runbook.language_server.messages import Found

SOURCE: Final = "runbook"
"""Who says it, as editors show it."""


def diagnostic(document: TextDocument, found: Found) -> types.Diagnostic:
    """Return a finding about a line of `document`; all of the line is marked."""
    text = f"{found.message}; write {found.suggestion}" if found.suggestion else found.message
    error = types.DiagnosticSeverity.Error
    return types.Diagnostic(
        line_range(document, found.line),
        text,
        error if found.error else types.DiagnosticSeverity.Warning,
        found.kind,
        source=SOURCE,
    )


def line_range(document: TextDocument, number: int) -> types.Range:
    """Return the range of the text in a line, which counts from 1; the last one if it is gone."""
    try:
        lines = document.lines
    except (OSError, UnicodeDecodeError):
        lines = []
    if not lines:
        return types.Range(types.Position(0, 0), types.Position(0, 0))
    line = min(max(number, 1), len(lines)) - 1
    text = lines[line].rstrip()
    start = len(text) - len(text.lstrip())
    return document.range_to_client_units(
        ServerTextRange(ServerTextPosition(line, start), ServerTextPosition(line, len(text)))
    )
