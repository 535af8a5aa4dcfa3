"""How Sphinx reads this guide."""

project = "Our web server"
extensions = ["runbook.sphinx"]
exclude_patterns = ["build", ".venv"]
