"""Languages: the interface's own words, and what a translated document keeps of its original.

Nothing here knows of steps, or decides what is a step.
"""
