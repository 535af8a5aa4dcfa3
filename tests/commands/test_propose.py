"""`runbook propose` where there is nothing to propose from."""

from __future__ import annotations

from pathlib import Path

from tests.support.guides import Guide, making


def test_who_never_looked_is_told_how(tmp_path: Path) -> None:
    """Without a run, and after one without `--observe`, the message says what to type."""
    guide = Guide(tmp_path, making("one"))
    none = guide.call("propose", "--lab", "local")
    assert (none.returncode, "no run is recorded" in none.stderr) == (3, True)
    guide.call("run")
    unseen = guide.call("propose", "--lab", "local")
    assert (unseen.returncode, "runbook run --observe" in unseen.stderr) == (3, True)
