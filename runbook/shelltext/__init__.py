"""Analyses shell text without running it: programs, placeholders, dangers, disconnects.

This package must not open a terminal, or a file other than its own lists.
"""
