"""Reports of a run for people and machines, rendered from its `Report` without touching a host.

Nothing here decides a verdict or reads a journal.
"""
