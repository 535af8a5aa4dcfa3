"""The guide's programs for an engine, run against the stand-in."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from runbook.model import FileContent, Step
from tests.support.engine_api import PASSWORD
from tests.support.engine_world import World


def written(step: Step) -> str:
    """Return the text of the only file that `step` writes."""
    (content,) = (one for one in step.actions if isinstance(one, FileContent))
    return content.text


def run_program(
    world: World, text: str, *arguments: str, typed: str = f"{PASSWORD}\n", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program `text` at the engine of `world`, which works at once.

    `typed` is what it gets as its input; without a terminal it reads passwords from there.
    """
    text = text.replace("/etc/pki/ovirt-engine/ca.pem", str(world.authority / "ca.pem"))
    text = text.replace("https://engine.example.com/ovirt-engine", os.environ["RUNBOOK_ENGINE_URL"])
    text = re.sub(r"time\.sleep\(\d+\)", "time.sleep(0.01)", text)
    return subprocess.run(
        [sys.executable, "-c", text, *arguments],
        env={**os.environ, **environment},
        input=typed,
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
