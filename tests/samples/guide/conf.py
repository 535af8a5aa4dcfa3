"""A small guide with everything that an author can write."""

project = "Sample guide"
author = "its authors"
copyright = "2026, its authors"  # noqa: A001  # the name is Sphinx's
version = "1"
extensions = ["runbook.sphinx"]
root_doc = "docs/index"
include_patterns = ["docs/**"]
rst_prolog = """\
.. |volume| replace:: data
.. |unused| replace:: nothing
"""
# The chapter of plain blocks stands for guides whose commands wait for a person.
suppress_warnings = ["runbook.asks"]
