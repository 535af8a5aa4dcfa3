"""A guide becomes the same plan in every build, with exact source lines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runbook.model import (
    Capture,
    Check,
    Command,
    Dialogue,
    Edit,
    FileContent,
    Location,
    Manual,
    Override,
    Place,
    Prompt,
    Runbook,
    Step,
    Turn,
    codec,
)
from runbook.sphinx.planning.plan import build
from tests.support.paths import SAMPLES

ROOT = Prompt("#")
SAMPLE = SAMPLES / "guide"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Runbook:
    """Return the sample guide's runbook, built once."""
    return build(SAMPLE, output=tmp_path_factory.mktemp("plan"), strict=True)


@pytest.fixture
def guide(tmp_path: Path) -> Path:
    """Return a copy of the sample guide that may be changed."""
    return shutil.copytree(SAMPLE, tmp_path / "guide")


def step(runbook: Runbook, name: str) -> Step:
    """Return the step with the id `name`."""
    return next(step for step in runbook.steps() if step.id == name)


def line_of(document: str, text: str) -> Location:
    """Return where `text` first stands in a document of the sample guide."""
    lines = (SAMPLE / document).read_text(encoding="utf-8").splitlines()
    return Location(document, next(n for n, line in enumerate(lines, 1) if text in line))


def test_steps_are_in_reading_order(planned: Runbook) -> None:
    """A document comes before those in its toctrees; ids have no `docs/`."""
    assert planned.title == "Sample guide"
    assert [(c.document, c.title, [s.id for s in c.steps]) for c in planned.chapters] == [
        ("hosts", "Hosts", ["hosts/greet-the-operator"]),
        ("storage/index", "Storage", ["storage/index/look"]),
        ("storage/volume", "Volume", ["storage/volume/store", "seen/always"]),
        (
            "plain",
            "Old chapter",
            [
                "plain/old-chapter-1",
                "plain/old-chapter-2",
                "plain/install-1",
                "plain/old-chapter-3",
            ],
        ),
    ]


def test_a_step_has_its_options_and_actions_with_exact_lines(planned: Runbook) -> None:
    """Defined values are substituted, and nothing else is changed."""
    page = "docs/hosts.rst"
    assert step(planned, "hosts/greet-the-operator") == Step(
        id="hosts/greet-the-operator",
        title="Greet the operator",
        location=line_of(page, ".. step::"),
        on=("gs1", "bricks"),
        platforms=("debian12", "el9"),
        requires=("systemd", "!nfsd"),
        timeout=90.0,
        serial=True,
        user="admin",
        statuses=(0, 3),
        capture=Capture("vm_id", r"id: (\d+)"),
        actions=(
            Command(
                "echo 10.9.8.1 |sort| \\\n    data",
                line_of(page, "# echo"),
                output="10.9.8.1",
                compare=True,
                prompt=ROOT,
            ),
            FileContent(
                "/etc/motd",
                "Welcome to engine.example.com\n",
                line_of(page, ".. file::"),
                mode="0644",
                owner="root:root",
            ),
            Command("sync", line_of(page, "sync")),
            Manual("Press the button.", line_of(page, ".. manual::")),
        ),
        checks=(
            Check(
                "the file is there",
                'text = host.file("/etc/motd").content_string\n\n'
                'assert "engine.example.com" in text',
                line_of(page, "text = "),
                within=30.0,
            ),
        ),
    )


def test_a_dialogue_takes_answers_and_secrets_from_its_table(planned: Runbook) -> None:
    """Trailing spaces of prompts are kept although docutils strips them."""
    store = step(planned, "storage/volume/store")
    assert store.platforms == ("el9",)
    assert store.needs == ("hosts/greet-the-operator",)
    assert store.actions == (
        Dialogue(
            "store-setup",
            line_of("docs/storage/volume.rst", "# store-setup"),
            turns=(
                Turn("Name [gs1]:", "gs2"),
                Turn("Overwrite?", "no", sometimes=True),
                Turn("Admin password:", secret="store-admin"),
            ),
            output="Name [gs1]:\nAdmin password:",
            prompt=ROOT,
        ),
    )


def test_the_plan_has_what_the_page_shows(
    planned: Runbook,
) -> None:
    """`only:: html` is included, `only` with a tag that is not set is not."""
    (keys,) = step(planned, "seen/always").actions
    assert isinstance(keys, FileContent)
    assert (keys.edit, keys.section, keys.text) == (Edit.KEYS, "main", "a = b\n")
    assert all(s.title != "Never" for s in planned.steps())


def test_a_tag_includes_what_is_only_for_it(tmp_path: Path) -> None:
    """Tags are Sphinx's tags."""
    found = build(SAMPLE, output=tmp_path, tags=["never"])
    assert step(found, "storage/volume/never").actions


def test_output_that_is_only_shown_is_not_compared(planned: Runbook) -> None:
    """By the option of a step, and always for unmarked blocks."""
    look = step(planned, "storage/index/look")
    assert (look.readonly, look.needs) == (True, ())
    install = step(planned, "plain/install-1")
    for one in (look, install):
        (command,) = one.actions
        assert isinstance(command, Command)
        assert command.output
        assert not command.compare


def test_unmarked_blocks_become_steps(planned: Runbook) -> None:
    """A block of which the text says that it is a file; other languages are not collected."""
    page = "docs/plain.rst"
    steps = [s for s in planned.steps() if not s.marked]
    assert [(s.title, s.actions) for s in steps] == [
        (
            "Old chapter (1)",
            (
                FileContent(
                    "/etc/selinux/config", "SELINUX=permissive\n", line_of(page, "SELINUX=")
                ),
            ),
        ),
        ("Old chapter (2)", (Command("setenforce 0", line_of(page, "setenforce"), prompt=ROOT),)),
        (
            "Install (1)",
            (
                Command(
                    "apt-get install a | tee /volume",
                    line_of(page, "apt-get"),
                    output="done",
                    prompt=ROOT,
                ),
            ),
        ),
        (
            "Old chapter (3)",
            (
                Command(
                    "true",
                    line_of(page, "$ true"),
                    prompt=Prompt("$"),
                    place=Place(ordinary=True),
                ),
            ),
        ),
    ]


def test_the_plan_that_is_written_is_the_runbook(tmp_path: Path) -> None:
    """plan.json can be read without Sphinx."""
    found = build(SAMPLE, output=tmp_path / "deep" / "plan")
    text = (tmp_path / "deep" / "plan" / "plan.json").read_text(encoding="utf-8")
    assert codec.loads(text, Runbook) == found
    assert text.endswith("}\n")


def test_parallel_reading_makes_the_same_plan(guide: Path, planned: Runbook) -> None:
    """Sphinx reads in parallel only from a number of documents on, so some are added."""
    for number in range(8):
        page = guide / "docs" / f"more{number}.rst"
        page.write_text(f":orphan:\n\nMore {number}\n======\n", encoding="utf-8")
    assert build(guide, output=guide / "one", jobs=1) == planned
    assert build(guide, output=guide / "four", jobs=4) == planned


def test_a_build_that_reads_only_changes_makes_the_same_plan(guide: Path) -> None:
    """After pages were changed, added and removed."""
    output = guide / "build"
    build(guide, output=output)
    page = guide / "docs" / "plain.rst"
    page.write_text("New\n===\n\n.. code-block:: console\n\n   # id\n", encoding="utf-8")
    (guide / "docs" / "hosts.rst").unlink()
    index = guide / "docs" / "index.rst"
    index.write_text(index.read_text("utf-8").replace("   hosts\n", ""), encoding="utf-8")
    volume = guide / "docs" / "storage" / "volume.rst"
    text = volume.read_text("utf-8").replace("      :needs: hosts/greet-the-operator\n", "")
    volume.write_text(text, encoding="utf-8")
    again = build(guide, output=output)
    assert again == build(guide, output=guide / "fresh")
    assert step(again, "plain/new-1").location == Location("docs/plain.rst", 6)


def test_a_changed_value_of_the_cluster_reaches_unchanged_pages(guide: Path) -> None:
    """Although they do not include the cluster file."""
    output = guide / "build"
    build(guide, output=output)
    cluster = guide / "lab" / "cluster.yaml"
    cluster.write_text(cluster.read_text("utf-8").replace("10.9.8.1,", "10.9.8.7,"), "utf-8")
    (command, *_) = step(build(guide, output=output), "hosts/greet-the-operator").actions
    assert isinstance(command, Command)
    assert command.output == "10.9.8.1"
    assert "10.9.8.7" in command.text


@pytest.mark.parametrize("place", [".", ".."])
def test_a_guide_without_the_extension_can_be_planned(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs no cluster file either, and may be in any directory."""
    monkeypatch.chdir(tmp_path / place)
    (tmp_path / "conf.py").write_text("keep_warnings = True\n", encoding="utf-8")
    (tmp_path / "index.rst").write_text(
        "Install\n=======\n\n.. include:: part.txt\n\n.. literalinclude:: do.sh\n   :lines: 2-\n"
        "   :language: bash\n",
        encoding="utf-8",
    )
    (tmp_path / "part.txt").write_text("Words\n\n::\n\n   # id -u\n   0\n", encoding="utf-8")
    (tmp_path / "do.sh").write_text("#!/bin/sh\nset -e\nls\n", encoding="utf-8")
    found = build(tmp_path, output=tmp_path / "build" / "plan")
    assert found.title == "Install"
    assert [s.actions for s in found.steps()] == [
        (Command("id -u", Location("part.txt", 5), output="0", prompt=ROOT),),
        (Command("set -e", Location("do.sh", 2)), Command("ls", Location("do.sh", 3))),
    ]


def test_answers_may_differ_by_host_and_platform(tmp_path: Path) -> None:
    """The options of the directive limit its answers."""
    (tmp_path / "conf.py").write_text("extensions = ['runbook.sphinx']\n", encoding="utf-8")
    (tmp_path / "index.rst").write_text(
        "Top\n===\n\n.. step:: Set up\n\n   ::\n\n      # setup\n      Name [a]: b\n      Done.\n\n"
        "   .. answers::\n      :on: gs1 gs2\n      :platform: el9\n\n      :Name: ``c``\n\n"
        "   .. check:: it is\n\n      assert host.exists('setup')\n",
        encoding="utf-8",
    )
    found = build(tmp_path, output=tmp_path / "build" / "plan")
    (action,) = step(found, "index/set-up").actions
    assert isinstance(action, Dialogue)
    override = Override(("gs1", "gs2"), ("el9",), "c")
    assert action.turns == (Turn("Name [a]:", "b", overrides=(override,)),)
    assert action.after == "Done."


def test_excluded_pages_are_not_chapters(guide: Path, tmp_path: Path) -> None:
    """Their blocks are not unmarked steps either."""
    conf = guide / "conf.py"
    conf.write_text(f'{conf.read_text()}\nrunbook_exclude = ["docs/storage/**"]\n')
    runbook = build(guide, output=tmp_path / "plan")
    assert [chapter.document for chapter in runbook.chapters] == ["hosts", "plain"]
