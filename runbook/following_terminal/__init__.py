"""Following a guide in a terminal: a step is shown compactly, and every operation has a key.

What a key does is `following`'s: nothing here decides what may run, or records anything.
"""
