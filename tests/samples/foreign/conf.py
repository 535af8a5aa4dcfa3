"""Somebody else's guide: it knows nothing of us, and needs what is not installed."""

import a_package_that_is_not_there  # type: ignore[import-not-found]

project = "Foreign " + "guide"
extensions = ["sphinx.ext.extlinks", "an_extension_that_is_not_there"]
extensions.append("sphinx.ext.todo")
highlight_language = "console"
release = "7"
version = a_package_that_is_not_there.version
rst_epilog = """
.. |region| replace:: north
"""
