"""Dialogues with interactive programs: recognising questions and typing answers.

Knows nothing of steps or Sphinx.
"""
