"""Mutants of a step: what is left out or changed, and what their survival says of its checks.

Nothing here touches a host or imports Sphinx.
"""
