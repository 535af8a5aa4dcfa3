"""A file that a step writes is a check of the step, over a real pipe to a real host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runbook.execution import secrets
from runbook.execution.actions.perform import perform
from runbook.execution.checks import check as checking
from runbook.execution.checks.file_checks import checks_of
from runbook.execution.hosts.host import HostConnection, HostMap
from runbook.execution.prove import check_after, check_before
from runbook.execution.trial import Trial
from runbook.model import Action, Command, Edit, FileContent, Location, Step
from runbook.results import CheckResult, Verdict
from tests.support.steps import PLACE, check, local_hosts, step

INI = "# head\n[one]\nsize = 1\ncolour = red\n\n[two]\nsize = 2\n"


@pytest.fixture
def hosts() -> Iterator[dict[str, HostConnection]]:
    """One host, a, which is this machine."""
    with local_hosts("a") as live:
        yield live


def block(path: Path | str, text: str, edit: Edit = Edit.WHOLE, **more: Any) -> FileContent:
    """A file block on line 15 of the sample document."""
    return FileContent(str(path), text, Location("docs/sample.rst", 15), edit=edit, **more)


def result(file: FileContent, hosts: dict[str, HostConnection]) -> CheckResult:
    """How the check of a file block ends on host a."""
    (only,) = checks_of(step("write", file))
    return checking.evaluate(only, HostMap(hosts), "a")


def written(target: Step, hosts: dict[str, HostConnection]) -> None:
    """Carry out all actions of a step on host a."""
    for action in target.actions:
        done = perform(
            action, hosts["a"].session("root"), timeout=10, statuses=(0,), secrets=secrets.resolve
        )
        assert not done.complaint


@pytest.mark.parametrize(
    "target",
    [
        lambda path: step("whole", block(path, "a\nb\n", mode="0640", owner="root:root")),
        lambda path: step("lines", block(path, "new = 1\nb\n", Edit.LINES)),
        lambda path: step("keys", block(path, "size = 5\nkind = x\n", Edit.KEYS, section="two")),
        lambda path: step("top", block(path, "user = a\n", Edit.KEYS)),
        lambda path: step("empty", block(path, "")),
        lambda path: step("bytes", block(path, "caf\u00e9 \udcff\x00\x1b[1m\n")),
        lambda path: step(
            "several",
            block(path, INI, mode="0600"),
            block(path, "size = 9\n", Edit.KEYS, section="one"),
            block(path, "last\n", Edit.LINES, owner="root"),
        ),
        lambda path: step(
            "edits",
            block(path, "size = 3\n", Edit.KEYS, section="one"),
            block(path, "size = 4\ncolour = blue\n", Edit.KEYS, section="one"),
            block(path, "size = 4\n", Edit.LINES),
        ),
    ],
)
def test_a_file_is_red_before_its_step_and_green_after_it(
    hosts: dict[str, HostConnection], tmp_path: Path, target: object
) -> None:
    """However it is written, and whatever bytes are in it."""
    path = tmp_path / "file.conf"
    path.write_text(INI)
    made: Step = target(path)  # type: ignore[operator]
    before = [checking.evaluate(c, HostMap(hosts), "a") for c in checks_of(made)]
    assert not all(found.held for found in before)
    written(made, hosts)
    after = [checking.evaluate(c, HostMap(hosts), "a") for c in checks_of(made)]
    assert all(found.held for found in after), after


def test_a_file_that_was_changed_is_shown_as_a_diff(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """From the text of the guide to that on the host, with its line of the guide."""
    path = tmp_path / "exports"
    path.write_bytes(b"one\n\x1b[31mtwo\xff\nthree")
    found = result(block(path, "one\ntwo\nthree\n"), hosts)
    assert found.sentence == f"{path} has the content shown"
    assert found.location == Location("docs/sample.rst", 15)
    assert found.detail.splitlines() == [
        f"docs/sample.rst:15: {path}: it is not as shown",
        "--- the guide",
        "+++ a",
        "@@ -1,3 +1,4 @@",
        " one",
        "-two",
        r"+\x1b[31mtwo\xff",
        " three",
        "+[the last line does not end]",
    ]


def test_only_the_lines_of_an_edit_are_shown(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """The rest of the file is not the guide's: it may hold a password."""
    path = tmp_path / "x.ini"
    path.write_text("[one]\npassword = hunter2\nsize = 1\ncolour = red\n")
    found = result(block(path, "size = 2\n", Edit.KEYS, section="one"), hosts)
    assert found.sentence == f"{path} has the settings shown in [one]"
    assert found.detail.splitlines()[1:] == [
        "--- the guide", "+++ a", "@@ -3 +3 @@", "-size = 2", "+size = 1"
    ]  # fmt: skip
    assert "hunter2" not in found.detail


def test_a_missing_final_newline_matters_only_to_a_whole_file(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """Lines and settings are there without it."""
    path = tmp_path / "x"
    path.write_text("a = 1\nb = 2")
    assert result(block(path, "b = 2\n", Edit.LINES), hosts).held
    assert result(block(path, "b=2\n", Edit.KEYS), hosts).held
    assert not result(block(path, "a = 1\nb = 2\n"), hosts).held


def test_a_second_line_for_a_key_is_a_difference(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """Most programs would take the later one."""
    path = tmp_path / "x"
    path.write_text("a = 1\na = 2\n")
    assert "+a = 2" in result(block(path, "a = 1\n", Edit.KEYS), hosts).detail


def test_mode_and_owner_are_compared_when_the_guide_gives_them(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """By name or by number; each deviation is one line."""
    path = tmp_path / "x"
    path.write_text("a\n")
    path.chmod(0o600)
    found = result(block(path, "a\n", mode="0644", owner="daemon:nogroup"), hosts)
    assert found.sentence == f"{path} has the content shown, mode 0644 and owner daemon:nogroup"
    assert found.detail.splitlines() == [
        f"docs/sample.rst:15: {path}: mode is 0600, not 0644",
        "owner is root:root, not daemon:nogroup",
    ]
    assert result(block(path, "a\n", mode="600", owner="0:root"), hosts).held
    assert result(block(path, "a\n"), hosts).held


def test_a_file_that_cannot_be_read_is_said_plainly(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """Missing, a directory, a link to nothing, or too large."""
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(17 * 1024 * 1024)
    for path, words in (
        (tmp_path / "gone", "there is no such file"),
        (tmp_path / "link", "there is no such file"),
        (tmp_path, "it is not a regular file"),
        (tmp_path / "large", "it is larger than"),
        ("/proc/self/mem", "it cannot be read: "),
        (tmp_path / "large/below", "it cannot be read: Not a directory"),
    ):
        found = result(block(path, "a\n"), hosts)
        assert not found.held
        assert found.detail.startswith(f"docs/sample.rst:15: {path}: {words}")


def test_a_path_below_the_home_directory_is_that_of_the_steps_user(
    hosts: dict[str, HostConnection],
) -> None:
    """As when the file is written; its blanks and quotes are part of the path."""
    name = f".runbook it's {os.getpid()}"
    target = step("home", block(f"~/{name}", "a\n"))
    written(target, hosts)
    try:
        (only,) = checks_of(target)
        assert only.sentence.startswith(f"~/{name} has")
        assert checking.evaluate(only, HostMap(hosts), "a").held
    finally:
        (Path.home() / name).unlink()
    lost = step("home", block("~/x", "a\n"), user="nobody-at-all")
    found = checking.evaluate(checks_of(lost)[0], HostMap(hosts), "a")
    assert "~nobody-at-all/x: there is no such file" in found.detail


def test_a_command_of_the_step_that_changes_its_file_is_named(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """With what to do about it; only once the actions are done."""
    path = tmp_path / "app.conf"
    changes = step("change", block(path, "a\n"), f"echo b >> {path}", "true")
    trial = check_before(
        Trial.begin(changes, "a", ""), hosts, converging=False, notify=lambda _: None
    )
    assert "drop the file block" not in trial.outcome.before[0].detail
    written(changes, hosts)
    trial = check_after(trial, hosts, notify=lambda _: None)
    assert trial.outcome.verdict is Verdict.FAILED
    assert trial.outcome.reason == (
        f"docs/sample.rst:15: after the actions it is not true that {path} has the content shown"
    )
    assert trial.outcome.after[0].detail.endswith(
        "\n a\n+b\nThe command at line 12 of this step may have changed it: drop the file block, "
        "move it below that command, or put the command into a step of its own."
    )


def test_a_step_without_other_checks_is_proven_by_its_file(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """The file comes first among the checks of a step."""
    path = tmp_path / "x"
    target = step("write", block(path, "a\n"))
    trial = check_before(
        Trial.begin(target, "a", ""), hosts, converging=False, notify=lambda _: None
    )
    written(target, hosts)
    assert check_after(trial, hosts, notify=lambda _: None).outcome.verdict is Verdict.PROVEN
    own = check("assert True")
    both = checks_of(step("write", block(path, "a\n"), checks=(own,)))
    assert [one.file is None for one in both] == [False, True]
    assert both[1] == own


def test_a_large_file_is_compared_at_once(hosts: dict[str, HostConnection], tmp_path: Path) -> None:
    """Also if nothing in it is as it should be; at most 40 lines are shown."""
    path = tmp_path / "x"
    path.write_text("".join(f"{n} {'y' * 300}\n" for n in range(20_000)))
    found = result(block(path, "".join(f"{n}\n" for n in range(20_000))), hosts)
    lines = found.detail.splitlines()
    assert len(lines) == 41
    assert lines[-1] == "[more lines differ]"
    assert max(map(len, lines)) < 220


def test_a_file_that_its_own_step_removes_is_no_promise() -> None:
    """It was needed for the step alone; a command that only mentions it changes nothing."""
    file = FileContent("/tmp/build/control", "Package: x\n", PLACE)

    def files(*commands: str) -> list[str]:
        actions: tuple[Action, ...] = (file, *(Command(text, PLACE) for text in commands))
        found = checks_of(Step("page/step", "Step", PLACE, actions=actions))
        return [check.file.path for check in found if check.file is not None]

    assert files("dpkg-deb --build /tmp/build") == ["/tmp/build/control"]
    assert files("rm -r /tmp/build/") == []
    assert files("rm /tmp/build/control") == []
    assert files("rm /tmp/build/other") == ["/tmp/build/control"]


def test_a_difference_shows_no_line_of_a_secret(
    hosts: dict[str, HostConnection], tmp_path: Path
) -> None:
    """Not even a short one of several, with the mark of a difference before it."""
    secret = "ab12\ncd34x\nef56"
    hosts["a"].secrets.add(secret)
    path = tmp_path / "key"
    path.write_text(f"begin\n{secret}\nend\n")
    assert (
        "-other\n+begin\n [secret]\n end"
        in result(block(path, f"other\n{secret}\nend\n"), hosts).detail
    )
    path.write_text("begin\nanother-one-77\n")
    hosts["a"].secrets.add("another-one-77")
    assert "[a secret in it differs]" in result(block(path, f"begin\n{secret}\n"), hosts).detail
