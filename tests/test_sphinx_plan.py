"""A guide becomes the same plan, however it is built, and every line of it is exact."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from runbook import codec
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
    Runbook,
    Step,
    Turn,
)
from runbook.sphinx.plan import build

SAMPLE = Path(__file__).parent / "samples" / "guide"


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


def test_steps_come_in_the_order_in_which_an_operator_meets_them(planned: Runbook) -> None:
    """A document comes before those that its toctrees list; ids are without `docs/`."""
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


def test_a_step_has_all_that_its_author_said_with_exact_lines(planned: Runbook) -> None:
    """Values are filled in where they are defined, and nothing else is touched."""
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
                "echo 10.9.8.1 |undefined| \\\n    data",
                line_of(page, "# echo"),
                output="10.9.8.1",
                compare=True,
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
    """The prompts' trailing blanks are read although docutils strips them."""
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
        ),
    )


def test_what_the_page_shows_is_planned_and_what_it_does_not_show_is_not(
    planned: Runbook,
) -> None:
    """`only:: html` is on the page; a tag that nobody sets is not."""
    (keys,) = step(planned, "seen/always").actions
    assert isinstance(keys, FileContent)
    assert (keys.edit, keys.section, keys.text) == (Edit.KEYS, "main", "a = b\n")
    assert all(s.title != "Never" for s in planned.steps())


def test_a_tag_brings_in_what_is_only_for_it(tmp_path: Path) -> None:
    """Tags are those of Sphinx."""
    found = build(SAMPLE, output=tmp_path, tags=["never"])
    assert step(found, "storage/volume/never").actions


def test_output_that_is_only_shown_is_not_compared(planned: Runbook) -> None:
    """A step may say so; unmarked blocks never are."""
    look = step(planned, "storage/index/look")
    assert (look.readonly, look.needs) == (True, ())
    install = step(planned, "plain/install-1")
    for one in (look, install):
        (command,) = one.actions
        assert isinstance(command, Command)
        assert command.output
        assert not command.compare


def test_blocks_that_nobody_marked_become_steps_of_their_own(planned: Runbook) -> None:
    """A block below nothing but an italic path is a file; other languages are not collected."""
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
        ("Old chapter (2)", (Command("setenforce 0", line_of(page, "setenforce")),)),
        (
            "Install (1)",
            (Command("apt-get install a | tee /volume", line_of(page, "apt-get"), output="done"),),
        ),
        ("Old chapter (3)", (Command("true", line_of(page, "$ true")),)),
    ]


def test_the_plan_that_is_written_is_the_runbook(tmp_path: Path) -> None:
    """Whoever reads plan.json needs no Sphinx."""
    found = build(SAMPLE, output=tmp_path / "deep" / "plan")
    text = (tmp_path / "deep" / "plan" / "plan.json").read_text(encoding="utf-8")
    assert codec.loads(text, Runbook) == found
    assert text.endswith("}\n")


def test_many_processes_make_the_same_plan(guide: Path, planned: Runbook) -> None:
    """Sphinx reads in parallel from some number of documents on, so there are more here."""
    for number in range(8):
        page = guide / "docs" / f"more{number}.rst"
        page.write_text(f":orphan:\n\nMore {number}\n======\n", encoding="utf-8")
    assert build(guide, output=guide / "one", jobs=1) == planned
    assert build(guide, output=guide / "four", jobs=4) == planned


def test_a_build_that_reads_only_changes_makes_the_same_plan(guide: Path) -> None:
    """Pages may change, come and go between builds."""
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
    """Pages depend on the cluster file though they do not include it."""
    output = guide / "build"
    build(guide, output=output)
    cluster = guide / "lab" / "cluster.yaml"
    cluster.write_text(cluster.read_text("utf-8").replace("10.9.8.1,", "10.9.8.7,"), "utf-8")
    (command, *_) = step(build(guide, output=output), "hosts/greet-the-operator").actions
    assert isinstance(command, Command)
    assert command.output == "10.9.8.1"
    assert "10.9.8.7" in command.text


@pytest.mark.parametrize("place", [".", ".."])
def test_a_guide_that_does_not_know_us_can_be_planned(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its conf.py need not name the extension, it needs no cluster, and stands anywhere."""
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
        (Command("id -u", Location("part.txt", 5), output="0"),),
        (Command("set -e", Location("index.rst", 6)), Command("ls", Location("index.rst", 6))),
    ]


def test_answers_may_differ_by_host_and_platform(tmp_path: Path) -> None:
    """Each directive says for whom it is, in the plan and on the page."""
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


def test_pages_about_something_else_are_no_chapters(guide: Path, tmp_path: Path) -> None:
    """Their blocks are not even unmarked steps."""
    conf = guide / "conf.py"
    conf.write_text(f'{conf.read_text()}\nrunbook_exclude = ["docs/storage/**"]\n')
    runbook = build(guide, output=tmp_path / "plan")
    assert [chapter.document for chapter in runbook.chapters] == ["hosts", "plain"]
