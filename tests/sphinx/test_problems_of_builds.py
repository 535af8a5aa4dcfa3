"""Problems of a whole guide are reported in every build; none is left over from the last one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runbook.model.node import YamlError
from runbook.sphinx.planning.plan import PlanError, build
from tests.support.forked import run_module
from tests.support.problematic import complaints, one, without_documents, write


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """The directory of a guide without documents."""
    return without_documents(tmp_path)


def test_warnings_of_sphinx_are_repeated_in_every_build(
    guide: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `strict` they are errors."""
    write(guide, one(":on: gs1"))
    (guide / "lost.rst").write_text("Lost\n====\n", encoding="utf-8")
    for _ in range(2):
        build(guide, output=guide / "build")
        expected = capsys.readouterr().err
        assert expected.startswith("lost.rst: WARNING: document isn't included in any toctree")
        assert expected.count("\n") == 1
    assert "lost.rst" in complaints(guide, strict=True)[0]


def test_a_repaired_guide_can_be_planned(guide: Path) -> None:
    """No error is left over from the last build."""
    write(guide, one(":onn: gs1"))
    complaints(guide)
    write(guide, one(":on: gs1"))
    assert [s.on for s in build(guide, output=guide / "build", strict=True).steps()] == [("gs1",)]


def test_an_invalid_cluster_file_is_reported_without_sphinx(guide: Path) -> None:
    """The message names file and line, without a prefix of Sphinx's."""
    write(guide, one(":on: gs1"))
    (guide / "lab/cluster.yaml").write_text("name: small\n", encoding="utf-8")
    with pytest.raises(YamlError, match=r"\A\S+cluster\.yaml:1: the key 'network' is missing"):
        build(guide, output=guide / "build")


def test_a_conf_py_that_does_not_run_fails_the_plan(guide: Path) -> None:
    """The error is one that an operator can act on."""
    (guide / "conf.py").write_text("extensions = [\n", encoding="utf-8")
    with pytest.raises(PlanError, match="syntax error in your configuration"):
        build(guide, output=guide / "build")


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_an_ordinary_build_logs_the_same_problems(guide: Path, jobs: str) -> None:
    """Also when Sphinx reads in several processes, whose own warnings are lost."""
    pages = [f"p{number}" for number in range(8)]
    write(guide, ".. toctree::\n\n" + "".join(f"   {page}\n" for page in pages))
    for page in pages:
        (guide / f"{page}.rst").write_text(f"P\n=\n\n{one(':on: gs9', '   Word')}", "utf-8")
    done = run_module(
        *("sphinx", "-q", "-W", "--keep-going", "-j", jobs, "-b", "dummy", guide, guide / "o"),
        environment=os.environ | {"NO_COLOR": "1"},
    )
    assert done.returncode != 0
    for page in pages:
        assert f"{page}.rst:4: ERROR: on: there is no host or group 'gs9'" in done.stderr
