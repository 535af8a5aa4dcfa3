"""The directives that authors write, and the values that are substituted in them.

Nothing here knows of a plan or of pages.
"""
