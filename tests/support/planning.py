"""A program that plans a guide as a command does, and says in its last line what that took."""

from __future__ import annotations

import sys
from pathlib import Path

from runbook.commands.guide import planned
from runbook.errors import RunbookError
from runbook.model import codec

_executed: set[str] = set()
"""The names of the files that were executed."""


def _note(event: str, values: tuple[object, ...]) -> None:
    if event == "exec":
        _executed.add(Path(getattr(values[0], "co_filename", "")).name)


if __name__ == "__main__":
    sys.addaudithook(_note)
    try:
        made = planned(Path.cwd(), strict="strict" in sys.argv, lenient="lenient" in sys.argv)
        print(codec.dumps(made, indent=None))  # noqa: T201
    except RunbookError as error:
        sys.stderr.write(f"{error}\n")
    print("conf.py" in _executed, "sphinx" in sys.modules)  # noqa: T201
