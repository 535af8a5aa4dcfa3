"""Finds mistakes in a guide, by file and line, that a reader overlooks but a machine does not.

All functions are pure: a `Runbook`, and optionally a `Cluster`, in; findings out. Nothing here
runs a command or imports Sphinx.
"""

from runbook.lint.finding import Finding, FindingKind

# `findings` is in `runbook.lint.findings`: who only shows findings need not load all the rules.
__all__ = ["Finding", "FindingKind"]
