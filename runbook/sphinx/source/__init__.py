"""Source text: permanent ids, line numbers, exact text and problems.

Nothing here knows of steps or of directives.
"""
