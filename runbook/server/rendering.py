"""The pages of a guide: Sphinx builds what is missing or stale, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from attrs import frozen

from runbook.errors import RunbookError

PLACE: Final = Path("build/html")
"""Where the pages are, relative to the guide: where most guides have them built anyway."""
_DOCTREES: Final = ".doctrees"


@frozen
class Rendered:
    """The pages of a guide below `directory`; `root` is the path of the first one there."""

    directory: Path
    root: str


def render(guide: Path) -> Rendered:
    """Let Sphinx build the pages that are missing or stale, and return where they are.

    Warnings of Sphinx go to the standard error.

    Raises:
        RunbookError: they cannot be built.

    """
    directory = guide / PLACE
    argv = [sys.executable, "-P", "-m", __name__, str(guide), str(directory)]
    done = subprocess.run(argv, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RunbookError(
            f"{guide}: Sphinx cannot build the pages; see above, or try: "
            f"sphinx-build -b html {guide} {directory}"
        )
    return Rendered(directory, str(json.loads(done.stdout.splitlines()[-1])))


def main(guide: str, directory: str) -> None:
    """Build the pages, and print the path of the first one."""
    from sphinx.application import Sphinx

    from runbook.sphinx.planning.plan import locked

    doctrees = Path(directory) / _DOCTREES
    with locked(doctrees):
        app = Sphinx(guide, guide, directory, str(doctrees), "html", status=None)
        app.build()
    if app.statuscode:
        sys.exit(app.statuscode)
    sys.stdout.write(f"{json.dumps(app.builder.get_target_uri(app.config.root_doc))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
