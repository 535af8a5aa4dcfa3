"""The guide for AI agents, by the Model Context Protocol: one step at a time, with consent.

Nothing here decides whether a step holds or what comes next: `following` does.
"""
