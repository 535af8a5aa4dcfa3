"""The plan: Sphinx run in this process, the guide it read, and what is wrong with it.

Nothing here knows of pages.
"""
