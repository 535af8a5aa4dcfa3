"""The language server: what editors show of a guide while it is written.

Nothing here runs a step: it reads the guide in a process of its own, as `runbook plan` does.
"""
