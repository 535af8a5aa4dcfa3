"""Diagnostics as GitHub's workflow commands, which are shown beside the lines of a change.

The rules of escaping are those of the runner's own toolkit.
"""

from __future__ import annotations

from typing import Final

from runbook.report.diagnostics import Diagnostic, Level
from runbook.report.sarif import path_in_repository

_COMMANDS: Final = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def workflow_command(one: Diagnostic, prefix: str = "") -> str:
    """Return the line that annotates a line of the guide.

    `prefix` is the guide's directory, relative to the root of the repository.
    """
    properties = {"file": path_in_repository(one.location.document, prefix)}
    if one.location.line > 0:
        properties["line"] = str(one.location.line)
    properties["title"] = f"runbook {one.rule}"
    shown = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[one.level]} {shown}::{_data(one.message)}"


def failure_command(message: str) -> str:
    """Return the line that annotates the whole job with an error."""
    return f"::error title=runbook::{_data(message)}"


def pause_command(token: str) -> str:
    """Return the line after which no command is obeyed, up to `resume_command` with the token."""
    return f"::stop-commands::{token}"


def resume_command(token: str) -> str:
    """Return the line after which commands are obeyed again."""
    return f"::{token}::"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
