"""Small guides with problems, and what their plan says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.sphinx.planning.plan import PlanError, build

CLUSTER = """\
name: small
network: 10.9.8.0/24
hosts:
  gs1: {address: 10.9.8.1, groups: [bricks]}
  gs2: {address: 10.9.8.2}
choices: {engine: standalone}
"""
CHECKED = "\n   .. check:: it is\n\n      assert host.exists('id')\n"


def without_documents(directory: Path) -> Path:
    """Make a guide without documents in `directory`, and return that."""
    (directory / "conf.py").write_text("extensions = ['runbook.sphinx']\n", encoding="utf-8")
    (directory / "lab").mkdir()
    (directory / "lab/cluster.yaml").write_text(CLUSTER, encoding="utf-8")
    return directory


def write(guide: Path, text: str) -> None:
    """Make `text` the guide's root document below a heading of three lines."""
    (guide / "index.rst").write_text(f"Top\n===\n\n{text}", encoding="utf-8")


def complaints(guide: Path, *, strict: bool = False) -> list[str]:
    """Return the lines of the error, which must be the same in a second build."""
    output = guide / "build"
    with pytest.raises(PlanError) as first:
        build(guide, output=output, strict=strict)
    assert not (output / "plan.json").exists()
    with pytest.raises(PlanError) as again:
        build(guide, output=output, strict=strict)
    assert str(again.value) == str(first.value)
    return str(first.value).splitlines()


def one(options: str, body: str = "   ::\n\n      # id\n" + CHECKED) -> str:
    """Return a step with `options` on its second line, and a body."""
    return f".. step:: One\n   {options}\n\n{body}"
