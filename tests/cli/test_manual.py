"""The manual page and the completions: generated from the commands, installed by a wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pexpect
import pytest

from runbook.cli import main
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel installs below `share`."""
    place = tmp_path_factory.mktemp("wheel")
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(argv, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    (share,) = place.glob("*.data/data/share")
    return share


def names(command: click.Command, name: str) -> list[str]:
    """Return the full names of all commands that are no groups."""
    if not isinstance(command, click.Group):
        return [name]
    return [one for word, sub in command.commands.items() for one in names(sub, f"{name} {word}")]


@pytest.mark.skipif(not shutil.which("man"), reason="needs man (man-db)")
def test_man_shows_every_command_with_its_options(share: Path) -> None:
    """Without a complaint of groff."""
    shown = subprocess.run(
        ["man", "--warnings", "--local-file", str(share / "man/man1/runbook.1")],
        capture_output=True, text=True, check=True,
        env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MAN_KEEP_FORMATTING": ""},
    )  # fmt: skip
    assert shown.stderr == ""
    text = shown.stdout
    assert "runbook - Turn a Sphinx guide into steps" in text
    assert [one for one in names(main, "runbook") if f"{one} [OPTIONS]" not in text] == []
    for expected in ("--lab [container|local|static|vagrant]", "RUNBOOK_SECRETS"):
        assert expected in text


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize("installed", [True, False])
def test_bash_completes_commands_options_and_values(
    share: Path, tmp_path: Path, installed: bool
) -> None:
    """With the file that a wheel installs, and with the line that the manual has."""
    file = share / "bash-completion/completions/runbook"
    load = f". {file}" if installed else 'eval "$(_RUNBOOK_COMPLETE=bash_source runbook)"'
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    bash = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "-i"], encoding="utf-8", timeout=60, cwd=str(tmp_path),
        env={"PATH": path, "PS1": "ready> ", "TERM": "dumb", "HOME": str(tmp_path)},
    )  # fmt: skip
    try:
        bash.expect_exact("ready> ")
        bash.sendline(f"{load} && echo loa''ded")
        bash.expect_exact("loaded\r\n")
        bash.send("runbook reh\t")
        bash.expect_exact("rehearse ")
        bash.sendcontrol("u")
        bash.send("runbook run --requi\t")
        bash.expect_exact("--require-proven ")
        bash.sendcontrol("u")
        bash.send("runbook run --lab vag\t")
        bash.expect_exact("vagrant ")
        bash.sendcontrol("u")
        bash.sendline("exit")
        bash.expect(pexpect.EOF)
    finally:
        bash.close(force=True)


@pytest.mark.parametrize(
    "name", ["fish/vendor_completions.d/runbook.fish", "zsh/site-functions/_runbook"]
)
def test_other_shells_have_their_files(share: Path, name: str) -> None:
    """Where fish and zsh look for them."""
    assert "_RUNBOOK_COMPLETE" in (share / name).read_text()
