"""A step on a host: its checks before, its actions, its checks after, and the walk over all steps.

Sphinx, labs and click never enter.
"""
