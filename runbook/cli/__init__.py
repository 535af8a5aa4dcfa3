"""The command line: parses options and calls `runbook.commands`.

Nothing here plans, runs or writes a file.
"""

from runbook.cli.main import main

__all__ = ["main"]
