"""Checks that hold although their sentence is not true."""

from __future__ import annotations

import pytest

from runbook.lint import FindingKind
from runbook.lint.findings import findings
from runbook.model import FileContent, Location, Runbook
from tests.support.steps import check, runbook, step

UNIT = "/etc/systemd/system/backup.timer"
WITHOUT = "[Unit]\nDescription=backup\n[Timer]\nOnCalendar=daily\n"
WITH = f"{WITHOUT}[Install]\nWantedBy=timers.target\n"
STATE = 'assert host.check_output("systemctl is-enabled backup.timer") == "enabled"'
ENABLED = 'assert host.service("backup.timer").is_enabled'


def guide(content: str, source: str, path: str = UNIT) -> Runbook:
    """A step that writes a unit and enables it, and a later one that checks it."""
    written = FileContent(path, content, Location("docs/sample.rst", 11))
    enable = step("enable", written, "systemctl enable backup.timer")
    return runbook(enable, step("look", "true", checks=(check(source, line=31),)))


def found(guide: Runbook) -> list[tuple[int, str]]:
    """The lines and messages of the findings of this kind."""
    kind = FindingKind.WEAK_CHECK
    return [(one.location.line, one.message) for one in findings(guide) if one.kind is kind]


def test_is_enabled_of_a_unit_that_nothing_starts_is_found() -> None:
    """The finding is at the check, and names the unit and what it lacks."""
    ((line, message),) = found(guide(WITHOUT, ENABLED))
    assert line == 31
    assert "backup.timer" in message
    assert "[Install]" in message


def test_a_service_may_be_named_without_its_suffix() -> None:
    """So systemd reads it, too."""
    source = 'unit = hosts["a"].service("backup")\nassert host.service("backup").is_enabled'
    assert found(guide(WITHOUT, source, UNIT.replace(".timer", ".service")))


@pytest.mark.parametrize(
    ("content", "source", "path"),
    [
        (WITH, ENABLED, UNIT),
        (WITHOUT, ENABLED, "/root/backup.timer"),
        (WITHOUT, 'assert host.service("backup.timer").is_running', UNIT),
        (WITHOUT, 'assert host.service("other.timer").is_enabled', UNIT),
        (WITHOUT, STATE, UNIT),
        (WITHOUT, "assert (", UNIT),
    ],
)
def test_other_checks_of_units_are_not(content: str, source: str, path: str) -> None:
    """A unit with the section, one elsewhere, one of a package, and checks that see the state."""
    assert found(guide(content, source, path)) == []
