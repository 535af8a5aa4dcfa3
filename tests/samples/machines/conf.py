extensions = ["runbook.sphinx"]
