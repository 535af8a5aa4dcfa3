"""Steps and blocks, collected from doctrees and kept in Sphinx's environment.

Nothing here knows of the guide as a whole, or of pages.
"""
